// Verification in a runtime on BoringSSL, as VS Code's own is.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { commands, type SignatureReport, type SignModelOutcome } from '../../server/lsp/protocol.ts';
import { IdentityToken } from '../../server/signing/keyless/identityToken.ts';
import { instanceOf } from '../../server/signing/keyless/instance.ts';
import { keylessSigner } from '../../server/signing/keyless/sign.ts';
import { signModel } from '../../server/signing/signModel.ts';
import { keySigner, signingKey } from '../../server/signing/signers.ts';
import { LanguageClient } from '../protocol/languageClient.ts';
import { boringSslRuntime } from './boringSsl.ts';
import { startSigstore } from './localSigstore.ts';

const cli = path.resolve(import.meta.dirname, '..', '..', 'dist', 'cli.cjs');

/** An empty one: the length of its header, and the header. */
const weights = 'model.safetensors';

describe('in a runtime on BoringSSL', () => {
  let runtime: string;
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'weighbridge-boringssl-')));
  const at = (name: string): string => path.join(folder, name);
  let issuer = '';

  before(async () => {
    runtime = await boringSslRuntime();
    const sigstore = await startSigstore();
    try {
      issuer = sigstore.provider.issuer;
      const token = IdentityToken.parse(sigstore.provider.token(), 'test', { audience: 'sigstore' });
      writeFileSync(at('root.json'), JSON.stringify(sigstore.trustedRoot));
      await signModel({
        model: model('keyless'),
        signer: keylessSigner({ instance: instanceOf(sigstore.trustConfig), token }),
      });
    } finally {
      await sigstore.close();
    }
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    writeFileSync(at('key.pub.pem'), publicKey.export({ format: 'pem', type: 'spki' }));
    writeFileSync(at('key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }));
    await signModel({ model: model('key'), signer: keySigner(signingKey(privateKey)) });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function model(name: string): string {
    mkdirSync(at(name));
    writeFileSync(
      path.join(at(name), weights),
      Buffer.concat([Buffer.from('0200000000000000', 'hex'), Buffer.from('{}')]),
    );
    return at(name);
  }

  const run = (...args: string[]): Promise<{ code: number; output: string }> =>
    new Promise((resolve) => {
      const environment = { ...process.env, XDG_DATA_HOME: at('data'), XDG_CACHE_HOME: at('cache') };
      const child = execFile(runtime, args, { env: environment, cwd: folder }, (_, stdout, stderr) =>
        resolve({ code: child.exitCode ?? -1, output: `${stdout}${stderr}` }),
      );
    });
  const keyless = (): string[] => [
    '--identity',
    'ada@example.com',
    '--identity-provider',
    issuer,
    '--trusted-root',
    at('root.json'),
  ];

  it('the library calls a good keyless signature invalid, and with the guard it does not', async () => {
    const { output } = await run(
      path.join(import.meta.dirname, 'boringSslLibrary.ts'),
      path.join(at('keyless'), 'model.sig'),
      at('root.json'),
    );
    assert.deepEqual(JSON.parse(output), { bare: 'TLOG_INCLUSION_PROMISE_ERROR', guarded: 'holds' });
  });

  it('the command verifies a keyless signature', async () => {
    const { code, output } = await run(cli, 'verify', at('keyless'), ...keyless());
    assert.match(output, /^verified: /);
    assert.equal(code, 0);
  });

  it('the command verifies the signature of a P-384 key', async () => {
    const { code, output } = await run(cli, 'verify', at('key'), '--key', at('key.pub.pem'));
    assert.match(output, /^verified: /);
    assert.equal(code, 0);
  });

  it('a scan verifies both in workers, by the trust policy', async () => {
    const signingFindings = async (identity: string): Promise<string[]> => {
      const trust = [
        { models: ['keyless/'], required: true, identities: [{ identity, issuer }] },
        { models: ['key/'], required: true, keys: ['key.pub.pem'] },
      ];
      const policy = { version: 1, signing: { trust, 'trusted-root': 'root.json' } };
      writeFileSync(at('weighbridge.yaml'), JSON.stringify(policy));
      const { output } = await run(cli, 'scan', '.', '--no-cache', '--jobs', '2', '--format', 'json');
      const { findings } = JSON.parse(output) as { findings: { ruleId: string }[] };
      return findings.map(({ ruleId }) => ruleId).filter((id) => /^signing\/|unsigned/.test(id));
    };
    assert.deepEqual(await signingFindings('ada@example.com'), []);
    assert.deepEqual(await signingFindings('eve@example.com'), ['signing/untrusted-signer']);
  });

  it('the language server signs, and verifies both by the trust policy', async () => {
    const trust = [{ identities: [{ identity: 'ada@example.com', issuer }], keys: ['key.pub.pem'] }];
    writeFileSync(
      at('weighbridge.yaml'),
      JSON.stringify({ version: 1, signing: { trust, 'trusted-root': 'root.json' } }),
    );
    const { client } = await LanguageClient.start({ runtime, capabilities: {}, folders: [folder] });
    try {
      const command = (name: string, given: object): Promise<unknown> =>
        client.request('workspace/executeCommand', { command: name, arguments: [given] });
      for (const [name, method] of [
        ['keyless', 'sigstore'],
        ['key', 'key'],
      ] as const) {
        const report = (await command(commands.verifyModel, {
          uri: pathToFileURL(at(name)).href,
        })) as SignatureReport;
        assert.deepEqual([report.state, report.method, report.reason], ['trusted', method, null]);
        assert.deepEqual(report.hashedBy, { full: 1, cache: 0 });
      }
      const uri = pathToFileURL(model('own')).href;
      const signed = await command(commands.signModel, { uri, with: { method: 'key', key: at('key.pem') } });
      assert.equal((signed as SignModelOutcome).state, 'signed');
      assert.equal(((await command(commands.verifyModel, { uri })) as SignatureReport).state, 'trusted');
    } finally {
      client.kill();
    }
  });

  it('the command refuses a keyless signature of somebody else, and a changed file', async () => {
    const [, , ...rest] = keyless();
    const other = await run(cli, 'verify', at('keyless'), '--identity', 'eve@example.com', ...rest);
    assert.match(other.output, /Signed by ada@example\.com/);
    assert.equal(other.code, 1);
    writeFileSync(path.join(at('keyless'), weights), 'other');
    const changed = await run(cli, 'verify', at('keyless'), ...keyless());
    assert.match(changed.output, /changed +model\.safetensors/);
    assert.equal(changed.code, 1);
  });
});
