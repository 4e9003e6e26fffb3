import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { CodeAction } from 'vscode-languageserver/node';
import {
  commands,
  models,
  signature,
  type ModelDirectory,
  type SignatureReport,
  type SignModelOutcome,
  type SignWith,
  type Status,
  type TrustGiven,
} from '../../server/lsp/protocol.ts';
import { LanguageClient } from './languageClient.ts';

const pair = (curve: string) => generateKeyPairSync('ec', { namedCurve: curve });
const publicPem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const privatePem = (key: KeyObject, passphrase?: string) =>
  key
    .export({
      type: 'pkcs8',
      format: 'pem',
      ...(passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }),
    })
    .toString();

/** A safetensors file of one tensor without values. */
const weights = (() => {
  const header = Buffer.from('{"w":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header]);
})();

const clientCommands = ['weighbridge.signModel', 'weighbridge.showSignature'];
const policy = (required = false) =>
  `version: 1\nsigning:\n  trust:\n    - keys: [release.pub]\n      required: ${String(required)}\n`;

describe('signing and verifying, by the protocol', () => {
  let scratch = '';
  let folder = '';
  let keys = '';
  let client: LanguageClient | undefined;
  beforeEach(() => {
    scratch = realpathSync(mkdtempSync(path.join(tmpdir(), 'weighbridge-signing-')));
    folder = path.join(scratch, 'workspace');
    keys = path.join(scratch, 'keys');
    const release = pair('P-384');
    write('workspace/models/a/model.safetensors', weights);
    write('workspace/models/a/config.json', '{}\n');
    write('workspace/release.pub', publicPem(release.publicKey));
    write('keys/release.pem', privatePem(release.privateKey));
    write('keys/release.locked.pem', privatePem(release.privateKey, 'open sesame'));
    write('keys/stranger.pem', privatePem(pair('P-256').privateKey));
  });
  afterEach(() => {
    client?.kill();
    client = undefined;
    rmSync(scratch, { recursive: true, force: true });
  });

  function write(name: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(path.join(scratch, name)), { recursive: true });
    writeFileSync(path.join(scratch, name), content);
  }

  const uri = (name: string) => pathToFileURL(path.join(folder, name)).href;
  const key = (name: string) => path.join(keys, name);

  async function open(options: Record<string, unknown> = {}): Promise<LanguageClient> {
    const initializationOptions = { status: true, models: true, clientCommands, ...options };
    const started = await LanguageClient.start({ capabilities: {}, initializationOptions, folders: [folder] });
    client = started.client;
    await client.until('a finished scan', () => lastStatus()?.state === 'ready');
    return client;
  }

  function lastStatus(): Status | undefined {
    const told = client?.heard.filter(({ method }) => method === 'weighbridge/status') ?? [];
    return told.at(-1)?.params as Status | undefined;
  }

  /** Codes of what is shown at a file of the model. */
  function codes(name: string): unknown[] {
    return (client?.diagnostics.get(uri(name)) ?? []).map(({ code }) => code);
  }

  async function run<R>(command: string, argument: unknown): Promise<R> {
    assert.ok(client);
    return (await client.request('workspace/executeCommand', { command, arguments: [argument] })) as R;
  }

  const sign = (given: SignWith, more: object = {}) =>
    run<SignModelOutcome>(commands.signModel, { uri: uri('models/a'), with: given, ...more });
  const verify = (trust?: TrustGiven, at = 'models/a') =>
    run<SignatureReport>(commands.verifyModel, { uri: uri(at), ...(trust ? { trust } : {}) });

  async function titles(name: string): Promise<string[]> {
    const start = { line: 0, character: 0 };
    const actions = (await client?.request('textDocument/codeAction', {
      textDocument: { uri: uri(name) },
      range: { start, end: start },
      context: { diagnostics: [] },
    })) as CodeAction[];
    return actions.map(({ title }) => title);
  }

  it('takes a model from unsigned to trusted, and tells what was changed since', async () => {
    write('workspace/weighbridge.yaml', policy(true));
    const server = await open();
    await server.until('unsigned', () => codes('models/a/model.safetensors').includes('model/unsigned'));
    assert.ok((await titles('models/a/model.safetensors')).includes('Sign model...'));
    assert.equal(await server.request(signature, { uri: uri('models/a') }), null);

    const signed = await sign({ method: 'key', key: key('release.pem') });
    assert.equal(signed.state, 'signed');
    assert.equal(signed.state === 'signed' && signed.files, 2);
    await server.until('no longer unsigned', () => !codes('models/a/model.safetensors').includes('model/unsigned'));
    await server.until('a mark', () => lastStatus()?.signedFiles[0]?.state === 'trusted');
    const [mark] = lastStatus()?.signedFiles ?? [];
    assert.match(mark?.text ?? '', /^Signed by the key [0-9a-f]{16}, trusted by .*release\.pub.*: 2 files as signed/);
    const [directory] = (await server.request(models, {})) as ModelDirectory[];
    assert.deepEqual([directory?.signature, directory?.standing?.state], ['present', 'trusted']);

    write('workspace/models/a/config.json', '{"trust_remote_code":true}\n');
    write('workspace/models/a/modeling.py', 'import os\n');
    await server.notify('workspace/didChangeWatchedFiles', {
      changes: [
        { uri: uri('models/a/config.json'), type: 2 },
        { uri: uri('models/a/modeling.py'), type: 1 },
      ],
    });
    await server.until('the differences', () => {
      const shown = codes('models/a/model.safetensors');
      return shown.includes('signing/invalid-signature') && shown.includes('signing/files-outside-signature');
    });
    const offered = await titles('models/a/model.safetensors');
    for (const title of ['Show the signature', 'Verify again: hash every file', 'Sign model...']) {
      assert.ok(offered.includes(title), `${title} is not among ${offered.join(', ')}`);
    }
    const report = await verify();
    assert.equal(report.state, 'outdated');
    assert.deepEqual(report.differences, [
      { path: 'config.json', kind: 'changed' },
      { path: 'modeling.py', kind: 'extra' },
    ]);
    assert.deepEqual(report.notCovered, [{ path: 'modeling.py', why: 'unsigned' }]);
    assert.deepEqual(report.hashedBy, { full: 2, cache: 0 });
    assert.deepEqual(await server.request(signature, { uri: uri('models/a/config.json') }), report);
    await server.until('another mark', () => lastStatus()?.signedFiles[0]?.state === 'outdated');
    await server.stop();
  });

  it('asks for a passphrase, and before it replaces a signature', async () => {
    write('workspace/weighbridge.yaml', policy());
    await open();
    const locked = { method: 'key', key: key('release.locked.pem') } as const;
    assert.deepEqual(await sign(locked), { state: 'needs-passphrase', wrong: false });
    assert.deepEqual(await sign({ ...locked, passphrase: 'wrong' }), { state: 'needs-passphrase', wrong: true });
    assert.ok(!existsSync(path.join(folder, 'models/a/model.sig')));
    assert.equal((await sign({ ...locked, passphrase: 'open sesame' })).state, 'signed');
    const before = readFileSync(path.join(folder, 'models/a/model.sig'), 'utf8');
    const again = await sign({ method: 'key', key: key('stranger.pem') });
    assert.equal(again.state, 'exists');
    assert.match(again.state === 'exists' ? again.text : '', /^Signed by the key/);
    assert.equal(readFileSync(path.join(folder, 'models/a/model.sig'), 'utf8'), before);
    assert.equal((await sign({ method: 'key', key: key('stranger.pem') }, { replace: true })).state, 'signed');
    const report = await verify();
    assert.deepEqual([report.state, report.signerIsClaim, report.trust], ['untrusted', true, null]);
    assert.ok(!JSON.stringify(client?.heard).includes('open sesame'), 'the passphrase is told to nobody');
  });

  it('verifies by what is given for this once, and says so', async () => {
    await open();
    await sign({ method: 'key', key: key('release.pem') });
    const known = (await client?.request(signature, { uri: uri('models/a') })) as SignatureReport;
    assert.deepEqual([known.state, known.stance], ['untrusted', 'none']);
    const report = await verify({ method: 'key', key: path.join(folder, 'release.pub') });
    assert.deepEqual([report.state, report.trustedBy, report.fileCount], ['trusted', 'given', 2]);
    const after = (await client?.request(signature, { uri: uri('models/a') })) as SignatureReport;
    assert.equal(after.state, 'untrusted', 'it was for that once');
    await assert.rejects(verify({ method: 'key', key: path.join(folder, 'models/a/config.json') }), /no public key/);
    await assert.rejects(verify({ method: 'key', key: key('none.pub') }), /there is no such file/);
  });

  it('signs one file, and verifies it', async () => {
    write('workspace/weighbridge.yaml', policy());
    await open();
    const one = { uri: uri('models/a/model.safetensors'), with: { method: 'key', key: key('release.pem') } };
    assert.equal((await run<SignModelOutcome>(commands.signModel, one)).state, 'signed');
    assert.ok(existsSync(path.join(folder, 'models/a/model.safetensors.sig')));
    const report = await verify(undefined, 'models/a/model.safetensors');
    assert.deepEqual([report.state, report.name, report.fileCount], ['trusted', 'model.safetensors', 1]);
  });

  it('refuses a private key that would travel with the model, and keys that are none', async () => {
    write('workspace/models/a/private.pem', readFileSync(key('release.pem'), 'utf8'));
    await open();
    const inside = { method: 'key', key: path.join(folder, 'models/a/private.pem') } as const;
    await assert.rejects(sign(inside), /lies in the model's own folder/);
    await assert.rejects(sign({ method: 'key', key: path.join(folder, 'release.pub') }), /holds no private key/);
    await assert.rejects(sign({ method: 'key', key: key('none.pem') }), /there is no such file/);
    await assert.rejects(sign({ method: 'gpg' } as never), /with Sigstore, a key or a certificate/);
    await assert.rejects(run(commands.signModel, { uri: uri('models/a') }), /needs an object as "with"/);
    await assert.rejects(verify(), /No model signature covers a/);
    assert.ok(!existsSync(path.join(folder, 'models/a/model.sig')));
  });

  it('does neither for the settings of a workspace that is not trusted', async () => {
    write('workspace/weighbridge.yaml', policy());
    await open();
    await sign({ method: 'key', key: key('release.pem') });
    await client?.stop();
    const server = await open({ trusted: false });
    await server.until('its policy does not count', () => {
      return codes('models/a/model.safetensors').includes('signing/untrusted-signer');
    });
    await server.until('its mark', () => lastStatus()?.signedFiles[0]?.state === 'untrusted');
    await assert.rejects(verify(), /not trusted, so whom its weighbridge\.yaml trusts does not count/);
    await assert.rejects(sign({ method: 'key', key: key('stranger.pem') }, { replace: true }), /not trusted/);
    assert.ok(!(await titles('models/a/model.safetensors')).some((title) => /Sign model|Verify/.test(title)));
    const report = await verify({ method: 'key', key: path.join(folder, 'release.pub') });
    assert.deepEqual([report.state, report.mayWrite], ['trusted', false]);
  });
});
