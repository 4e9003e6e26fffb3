import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  commands,
  confirmPublicLog,
  showDeviceCode,
  type DeviceCodeParams,
  type PublicLogParams,
  type SignatureReport,
  type SignModelOutcome,
  type TrustGiven,
} from '../../server/lsp/protocol.ts';
import { startSigstore, type LocalSigstore } from '../interop/localSigstore.ts';
import { LanguageClient } from './languageClient.ts';

describe('keyless signing, by the protocol', { timeout: 120_000 }, () => {
  let sigstore: LocalSigstore;
  let folder = '';
  let client: LanguageClient;
  beforeEach(async () => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'weighbridge-keyless-')));
    sigstore = await startSigstore();
    mkdirSync(path.join(folder, 'model'));
    writeFileSync(path.join(folder, 'model', 'config.json'), '{}\n');
    writeFileSync(path.join(folder, 'sigstore.json'), JSON.stringify(sigstore.trustConfig));
    writeFileSync(
      path.join(folder, 'weighbridge.yaml'),
      [
        'version: 1',
        'signing:',
        '  trust-config: sigstore.json',
        '  trust:',
        `    - identities: [{ identity: ada@example.com, issuer: "${sigstore.provider.issuer}" }]`,
        '',
      ].join('\n'),
    );
    const initializationOptions = { status: true, clientCommands: ['weighbridge.signModel'] };
    ({ client } = await LanguageClient.start({ capabilities: {}, initializationOptions, folders: [folder] }));
    client.answers.set(confirmPublicLog, () => true);
  });
  afterEach(async () => {
    client.kill();
    await sigstore.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const uri = () => pathToFileURL(path.join(folder, 'model')).href;
  const sign = async (signIn: string) =>
    (await client.request('workspace/executeCommand', {
      command: commands.signModel,
      arguments: [{ uri: uri(), with: { method: 'sigstore', signIn } }],
    })) as SignModelOutcome;
  const verify = async (trust?: TrustGiven) =>
    (await client.request('workspace/executeCommand', {
      command: commands.verifyModel,
      arguments: [{ uri: uri(), ...(trust ? { trust } : {}) }],
    })) as SignatureReport;

  /** The person signs in on the page that the client is asked to open. */
  function agreeInBrowser(): void {
    client.answers.set('window/showDocument', (params: { uri: string; external: boolean }) => {
      assert.equal(params.external, true);
      void sigstore.provider.agree(params.uri);
      return { success: true };
    });
  }

  /** Nothing that lets others sign may be heard by a client. */
  function assertNoToken(): void {
    const heard = JSON.stringify(client.heard);
    for (const token of sigstore.provider.tokens) assert.ok(!heard.includes(token), 'a token was told to the client');
  }

  it('signs by the browser, after telling what the public log keeps, and verifies by the identity', async () => {
    let notice = '';
    agreeInBrowser();
    client.answers.set(confirmPublicLog, (params: PublicLogParams) => {
      assert.equal(sigstore.received.length, 0, 'nothing is sent to the services before');
      notice = params.notice;
      return true;
    });
    const outcome = await sign('browser');
    assert.equal(outcome.state, 'signed');
    assert.match(notice, /kept for ever[\s\S]*ada@example\.com/);
    const report = await verify();
    assert.equal(report.state, 'trusted', JSON.stringify(report));
    assert.deepEqual(
      [report.method, report.signer, report.issuer],
      ['sigstore', 'ada@example.com', sigstore.provider.issuer],
    );
    assert.ok(report.signedAt && report.certificate);

    writeFileSync(path.join(folder, 'model', 'config.json'), '{"a":1}\n');
    assert.deepEqual((await verify()).differences, [{ path: 'config.json', kind: 'changed' }]);
    assertNoToken();
  });

  it('signs by a code that is typed in on another device', async () => {
    const shown: DeviceCodeParams[] = [];
    client.answers.set(showDeviceCode, (params: DeviceCodeParams) => void shown.push(params));
    assert.equal((await sign('code')).state, 'signed');
    assert.equal(shown.length, 1);
    assert.match(shown[0]?.userCode ?? '', /./);
    assert.equal((await verify()).state, 'trusted');
    assertNoToken();
  });

  it("verifies by an identity that is named for this once, as the workspace's own instance vouches for it", async () => {
    agreeInBrowser();
    await sign('browser');
    const given = { method: 'sigstore', identity: 'ada@example.com', issuer: sigstore.provider.issuer } as const;
    const report = await verify(given);
    assert.deepEqual(
      [report.state, report.trustedBy, report.trust],
      ['trusted', 'given', 'the trust configuration that was given'],
    );
    assert.equal((await verify({ ...given, identity: 'eve@example.com' })).state, 'untrusted');
  });

  it('signs nothing and tells the services nothing when the person does not agree', async () => {
    agreeInBrowser();
    client.answers.set(confirmPublicLog, () => false);
    assert.deepEqual(await sign('browser'), { state: 'declined' });
    assert.equal(sigstore.received.length, 0);
    assert.ok(!existsSync(path.join(folder, 'model', 'model.sig')));
  });

  it('trusts no other identity, and no provider beside the one that is named', async () => {
    agreeInBrowser();
    await sign('browser');
    const file = path.join(folder, 'weighbridge.yaml');
    const policy = readFileSync(file, 'utf8');
    for (const other of [
      policy.replace('ada@example.com', 'da@example.com'),
      policy.replace(sigstore.provider.issuer, 'https://accounts.example.com'),
    ]) {
      writeFileSync(file, other);
      await client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: pathToFileURL(file).href, type: 2 }] });
      await client.request('workspace/executeCommand', { command: commands.scanWorkspace, arguments: [] });
      assert.equal((await verify()).state, 'untrusted');
    }
  });
});
