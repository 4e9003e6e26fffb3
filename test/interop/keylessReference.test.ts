// Keyless signatures between Weighbridge and the reference client, model-signing, on a Sigstore instance of this machine.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { IdentityToken } from '../../server/signing/keyless/identityToken.ts';
import { instanceOf } from '../../server/signing/keyless/instance.ts';
import { keylessSigner } from '../../server/signing/keyless/sign.ts';
import { signModel } from '../../server/signing/signModel.ts';
import { verifyModel } from '../../server/signing/verifyModel.ts';
import { startSigstore, type LocalSigstore } from './localSigstore.ts';
import { pythonWithPackages } from './python.ts';

describe('keyless signatures and the reference client', () => {
  let sigstore: LocalSigstore;
  let client: string;
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-reference-'));
  const at = (...names: string[]): string => path.join(folder, ...names);

  before(async () => {
    const [python, started] = await Promise.all([pythonWithPackages('venv-signing'), startSigstore()]);
    client = path.join(path.dirname(python), 'model_signing');
    sigstore = started;
    mkdirSync(at('model', 'inner'), { recursive: true });
    writeFileSync(at('model', 'weights.bin'), 'weights');
    writeFileSync(at('model', 'inner', 'größe.json'), '{}');
    // The timestamp authority of the mock does not read the requests of Python.
    const signingConfig = { ...(sigstore.trustConfig['signingConfig'] as object), tsaUrls: [], tsaConfig: undefined };
    writeFileSync(at('config.json'), JSON.stringify({ ...sigstore.trustConfig, signingConfig }));
  });
  after(async () => {
    await sigstore.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const reference = (...args: string[]): Promise<{ code: number | null; output: string }> =>
    new Promise((resolve) => {
      const child = execFile(
        client,
        args,
        { cwd: folder, env: { ...process.env, HOME: folder } },
        (_, stdout, stderr) => resolve({ code: child.exitCode, output: `${stdout}${stderr}` }),
      );
    });
  const referenceVerifies = (signature: string, identity: string): ReturnType<typeof reference> =>
    reference(
      ...['verify', 'sigstore', 'model', '--signature', signature, '--identity', identity],
      ...['--identity_provider', sigstore.provider.issuer, '--trust_config', 'config.json'],
    );

  it('it verifies what Weighbridge signs, and refuses it for others', async () => {
    const token = IdentityToken.parse(sigstore.provider.token(), 'test', { audience: 'sigstore' });
    const signer = keylessSigner({ instance: instanceOf(sigstore.trustConfig), token });
    await signModel({ model: at('model'), signature: at('ours.sig'), signer });
    const good = await referenceVerifies('ours.sig', 'ada@example.com');
    assert.equal(good.code, 0, good.output);
    const other = await referenceVerifies('ours.sig', 'eve@example.com');
    assert.equal(other.code, 1);
    assert.match(other.output, /eve@example\.com|SANs do not match/);
  });

  it('it verifies what Weighbridge signs to a log of version 2', async () => {
    const token = IdentityToken.parse(sigstore.provider.token(), 'test', { audience: 'sigstore' });
    const instance = { ...instanceOf(sigstore.trustConfig), logVersion: 2 } as const;
    await signModel({ model: at('model'), signature: at('second.sig'), signer: keylessSigner({ instance, token }) });
    const { code, output } = await referenceVerifies('second.sig', 'ada@example.com');
    assert.equal(code, 0, output);
  });

  it('Weighbridge verifies what it signs', async () => {
    const signed = await reference(
      ...['sign', 'sigstore', 'model', '--signature', 'theirs.sig'],
      ...['--identity_token', sigstore.provider.token(), '--trust_config', 'config.json'],
    );
    assert.equal(signed.code, 0, signed.output);
    const { trustedRoot, provider } = sigstore;
    const trust = { method: 'sigstore', identity: 'ada@example.com', issuer: provider.issuer, trustedRoot } as const;
    const result = await verifyModel({ model: at('model'), signature: at('theirs.sig'), trust });
    assert.equal(result.reason, null);
    assert.equal(result.signedAt?.source, 'transparency-log');
  });
});
