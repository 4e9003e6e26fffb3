// The commands of keyless signing, as processes, on a Sigstore instance of this machine.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { weighbridge, type Outcome } from '../cli/weighbridge.ts';
import { startSigstore, type LocalSigstore } from './localSigstore.ts';

interface Verified {
  verified: boolean;
  method: string;
  signer: string;
  issuer: string;
  reason: string | null;
  signedAt: { source: string };
  provenance: { verified: boolean; signer: string; dependencies: { role: string; uri: string }[] } | null;
}

describe('weighbridge sign --sigstore', () => {
  let sigstore: LocalSigstore;
  let folder: string;
  const run = (args: string[], environment: NodeJS.ProcessEnv = {}): Promise<Outcome> =>
    weighbridge(folder, args, { XDG_DATA_HOME: path.join(folder, '.data'), SIGSTORE_ID_TOKEN: '', ...environment });
  const sign = (token: string, ...more: string[]): Promise<Outcome> =>
    run(['sign', 'model', '--sigstore', '--trust-config', 'config.json', ...more], { SIGSTORE_ID_TOKEN: token });
  const verify = async (...more: string[]): Promise<{ outcome: Outcome; result: Verified }> => {
    const who = ['--identity', 'ada@example.com', '--identity-provider', sigstore.provider.issuer];
    const outcome = await run(['verify', 'model', ...who, '--trusted-root', 'root.json', '--format', 'json', ...more]);
    return { outcome, result: JSON.parse(outcome.stdout || '{}') as Verified };
  };

  before(async () => {
    sigstore = await startSigstore();
  });
  after(() => sigstore.close());
  beforeEach(() => {
    if (folder) rmSync(folder, { recursive: true, force: true });
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-keyless-'));
    mkdirSync(path.join(folder, 'model'));
    writeFileSync(path.join(folder, 'model', 'model.safetensors'), 'weights');
    writeFileSync(path.join(folder, 'model', 'README.md'), '---\nbase_model: google/bert-base\n---\n');
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(sigstore.trustConfig));
    writeFileSync(path.join(folder, 'root.json'), JSON.stringify(sigstore.trustedRoot));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('signs with the token of the environment, and says before what the log keeps for ever', async () => {
    const signed = await sign(sigstore.provider.token());
    assert.equal(signed.code, 0, signed.stderr);
    assert.match(signed.stderr, /transparency log localhost:\d+, which is kept for ever/);
    assert.match(signed.stderr, /ada@example\.com \(vouched for by http:\/\/localhost/);
    const { outcome, result } = await verify();
    assert.equal(outcome.code, 0);
    assert.deepEqual(
      [result.verified, result.method, result.signer, result.issuer, result.signedAt.source, result.provenance],
      [true, 'sigstore', 'ada@example.com', sigstore.provider.issuer, 'timestamp-authority', null],
    );
  });

  it('tells a person who signed, by what trust, when, and that the certificate was valid then', async () => {
    await sign(sigstore.provider.token());
    const who = ['--identity', 'ada@example.com', '--identity-provider', sigstore.provider.issuer];
    const { stdout } = await run(['verify', 'model', ...who, '--trust-config', 'config.json']);
    assert.match(stdout, /^verified: model\n  signer     ada@example\.com\n  issuer     http:\/\/localhost:\d+\n/);
    assert.match(stdout, /\n  trusted by the trust configuration that was given\n/);
    assert.match(
      stdout,
      /\n  signed at  \S+Z \(timestamp authority\)\n  valid      \S+Z to \S+Z, and when it signed\n/,
    );
    const other = await run([
      'verify',
      'model',
      '--identity',
      'eve@example.com',
      ...who.slice(2),
      '--trust-config',
      'config.json',
    ]);
    assert.match(other.stdout, /^NOT VERIFIED: model\n  Signed by ada@example\.com .* and not by eve@example\.com/);
    assert.match(other.stdout, /\n  claimed    ada@example\.com \(nothing of this is verified\)\n/);
  });

  it('signs model and provenance with one token, and verification tells both', async () => {
    const signed = await run([
      'sign',
      'model',
      '--identity-token',
      sigstore.provider.token(),
      '--trust-config',
      'config.json',
      '--provenance',
    ]);
    assert.equal(signed.code, 0, signed.stderr);
    const { outcome, result } = await verify();
    assert.equal(outcome.code, 0);
    assert.equal(result.provenance?.verified, true);
    assert.equal(result.provenance.signer, 'ada@example.com');
    assert.deepEqual(result.provenance.dependencies[0]?.uri, 'pkg:huggingface/google/bert-base');
  });

  it('signs in with a code where there is no browser', async () => {
    sigstore.provider.interval = 1;
    sigstore.provider.deviceAnswers.push('authorization_pending');
    const signed = await sign('', '--device-code');
    assert.equal(signed.code, 0, signed.stderr);
    assert.match(signed.stderr, /^Open http:\/\/localhost:\d+\/enter and enter WDJB-MJHT$/m);
    assert.equal((await verify()).result.verified, true);
  });

  it('is refused after a change, for others, and by another root', async () => {
    await sign(sigstore.provider.token());
    for (const wrong of [
      ['--identity', 'example.com'],
      ['--identity', 'eve@example.com'],
      ['--identity-provider', 'https://accounts.example.com'],
    ]) {
      const { outcome, result } = await verify(...wrong);
      assert.equal(outcome.code, 1);
      assert.match(result.reason ?? '', /^Signed by ada@example\.com/);
    }
    const shipped = await run([
      'verify',
      'model',
      '--identity',
      'ada@example.com',
      '--identity-provider',
      sigstore.provider.issuer,
    ]);
    assert.equal(shipped.code, 1);
    assert.match(shipped.stdout, /the trusted root shipped with Weighbridge \(of \d{4}-\d\d-\d\d, \d+ days? old\)/);
    writeFileSync(path.join(folder, 'model', 'model.safetensors'), 'changed');
    const { outcome, result } = await verify('--no-cache');
    assert.equal(outcome.code, 1);
    assert.equal(result.verified, false);
  });

  it('says in one line what is wrong with a token, without the token', async () => {
    for (const [token, message] of [
      [sigstore.provider.token({ exp: 1000 }), /expired/],
      [sigstore.provider.token({ aud: 'other' }), /request it for the audience "sigstore"/],
      ['not-a-token', /not a JSON Web Token/],
    ] as const) {
      const { code, stderr, stdout } = await sign(token);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(stderr.trimEnd().split('\n').length, 1);
      assert.ok(!`${stderr}${stdout}`.includes(token), 'the token leaks');
    }
  });

  it('says where a token comes from when there is none and nobody to ask', async () => {
    const { code, stderr } = await sign('');
    assert.equal(code, 2);
    assert.match(stderr, /set SIGSTORE_ID_TOKEN, or give one with --identity-token/);
    const actions = await run(['sign', 'model', '--sigstore', '--trust-config', 'config.json'], {
      GITHUB_ACTIONS: 'true',
    });
    assert.match(actions.stderr, /"id-token: write"/);
  });

  it('leaves no signature behind when a service refuses', async () => {
    sigstore.disturb = (service) => (service === 'log' ? { status: 400, body: '{"message":"no"}' } : null);
    try {
      const { code, stderr } = await sign(sigstore.provider.token());
      assert.equal(code, 2);
      assert.match(stderr, /The transparency log localhost:\d+ refused to take part/);
    } finally {
      sigstore.disturb = null;
    }
    assert.throws(() => readFileSync(path.join(folder, 'model', 'model.sig')), { code: 'ENOENT' });
  });

  it('refuses a trust configuration and a trusted root that are none', async () => {
    writeFileSync(path.join(folder, 'config.json'), '{}');
    const { code, stderr } = await sign(sigstore.provider.token());
    assert.equal(code, 2);
    assert.match(stderr, /no "signingConfig"/);
    writeFileSync(path.join(folder, 'config.json'), JSON.stringify(sigstore.trustConfig));
    await sign(sigstore.provider.token());
    writeFileSync(path.join(folder, 'root.json'), '{"tlogs":[]}');
    const { outcome } = await verify();
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, /is no Sigstore trusted root/);
  });
});
