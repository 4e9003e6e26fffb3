import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { rmSync, utimesSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import { signModel } from '../signing/signModel.ts';
import { issue, type CertificateRequest } from '../signing/certificates.fixture.ts';
import { certificateSigner, keySigner, signingKey } from '../signing/signers.ts';
import { folderConfiguration } from './configuration.ts';
import { emptySafetensors, makeWorkspace, type Workspace } from './workspace.fixture.ts';
import { WorkspaceScanner } from './workspaceScanner.ts';

const release = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const pem = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

/** A workspace with one model, a key to trust, and what `weighbridge.yaml` says of signing. */
function workspaceOf(test: TestContext, signing: string): Workspace {
  return makeWorkspace(test, {
    'weighbridge.yaml': `version: 1\nsigning:\n${signing}`,
    'release.pub': pem(release.publicKey),
    'models/a/model.safetensors': emptySafetensors,
    'models/a/config.json': '{}\n',
  });
}

const stated = '  trust:\n    - keys: [release.pub]\n';
const required = '  trust:\n    - models: [models/]\n      required: true\n      keys: [release.pub]\n';
const nobody = '  trust: []\n';

async function sign(workspace: Workspace, model = 'models/a', key = release.privateKey): Promise<void> {
  await signModel({ model: workspace.path(model), signer: keySigner(signingKey(key)) });
}

async function scanner(workspace: Workspace): Promise<WorkspaceScanner> {
  const configuration = await folderConfiguration(workspace.root);
  return new WorkspaceScanner({ base: workspace.root, configuration, cache: false, jobs: 1 });
}

/** `severity rule path` of what is said of signatures. */
async function said(workspace: Workspace): Promise<string[]> {
  const scan = await scanner(workspace);
  try {
    const { findings, errors } = await scan.scan();
    assert.deepEqual(errors, []);
    return findings
      .filter(({ ruleId }) => ruleId === 'model/unsigned' || ruleId.startsWith('signing/'))
      .map(({ severity, ruleId, path }) => `${severity} ${ruleId} ${path}`);
  } finally {
    await scan.dispose();
  }
}

describe('the signatures of a workspace', () => {
  it('are no matter where there are none, unless the policy demands them', async (test) => {
    assert.deepEqual(await said(workspaceOf(test, nobody)), ['info model/unsigned models/a']);
    assert.deepEqual(await said(workspaceOf(test, stated)), ['info model/unsigned models/a']);
    assert.deepEqual(await said(workspaceOf(test, required)), ['error model/unsigned models/a']);
  });

  it('are silent where a trusted key signed every file', async (test) => {
    const workspace = workspaceOf(test, required);
    await sign(workspace);
    assert.deepEqual(await said(workspace), []);
  });

  it('tell what changed and what went', async (test) => {
    const workspace = workspaceOf(test, stated);
    workspace.write('models/a/vocab.txt', 'a');
    await sign(workspace);
    rmSync(workspace.path('models/a/vocab.txt'));
    utimesSync(workspace.write('models/a/config.json', '{"evil":1}\n'), 1, 1);
    const scan = await scanner(workspace);
    const { findings } = await scan.scan();
    await scan.dispose();
    const [finding, ...more] = findings.filter(({ ruleId }) => ruleId.startsWith('signing/'));
    assert.deepEqual(more, []);
    assert.equal(finding?.ruleId, 'signing/invalid-signature');
    assert.equal(finding.severity, 'error');
    assert.deepEqual(finding.evidence['differences'], [
      { path: 'config.json', kind: 'changed' },
      { path: 'vocab.txt', kind: 'missing' },
    ]);
    assert.match(finding.message, /config\.json is not what was signed, and vocab\.txt is missing \(2 files of 3\)/);
    assert.deepEqual(
      finding.related?.map(({ path }) => path),
      ['models/a/config.json'],
    );
  });

  it('tell files that came after the signing, and that the signature is older', async (test) => {
    const workspace = workspaceOf(test, stated);
    await sign(workspace);
    utimesSync(workspace.path('models/a/model.sig'), 1000, 1000);
    workspace.write('models/a/modeling_a.py', 'x = 1\n');
    assert.deepEqual(await said(workspace), [
      'warning signing/files-outside-signature models/a',
      'info signing/older-than-files models/a',
    ]);
  });

  it('by strangers weigh as much as the policy wants', async (test) => {
    for (const [policy, severity] of [
      [nobody, 'info'],
      [stated, 'warning'],
      [required, 'error'],
    ] as const) {
      const workspace = workspaceOf(test, policy);
      await sign(workspace, 'models/a', stranger.privateKey);
      assert.deepEqual(await said(workspace), [`${severity} signing/untrusted-signer models/a`]);
    }
  });

  it('with a certificate are judged by the root that is named and by the time, which nothing proves', async (test) => {
    const root = issue({ subject: 'root', ca: true, usage: ['keyCertSign'] });
    const policy = '  trust:\n    - certificates: [{ roots: root.pem, subject: CN=release }]\n';
    const by = async (request: Partial<CertificateRequest>, issuer = root): Promise<string[]> => {
      const workspace = workspaceOf(test, policy);
      workspace.write('root.pem', root.pem);
      const leaf = issue({ subject: 'release', issuer, usage: ['digitalSignature'], ...request });
      const signer = certificateSigner(signingKey(leaf.privateKey), leaf.pem, []);
      await signModel({ model: workspace.path('models/a'), signer });
      return said(workspace);
    };
    assert.deepEqual(await by({}), []);
    assert.deepEqual(await by({ notAfter: '2021-01-01' }), ['warning signing/expired-certificate models/a']);
    assert.deepEqual(await by({ subject: 'somebody' }), ['warning signing/untrusted-signer models/a']);
    const namesake = issue({ subject: 'root', ca: true, usage: ['keyCertSign'] });
    assert.deepEqual(await by({}, namesake), ['warning signing/untrusted-signer models/a']);
  });

  it('that are broken are told, and other kinds of signature are left alone', async (test) => {
    const workspace = workspaceOf(test, stated);
    workspace.write('models/a/model.sig', '{"mediaType":');
    assert.deepEqual(await said(workspace), ['warning signing/invalid-signature models/a']);
    rmSync(workspace.path('models/a/model.sig'));
    workspace.write('models/a/model.safetensors.asc', '-----BEGIN PGP SIGNATURE-----\n');
    assert.deepEqual(await said(workspace), []);
  });

  it('cover folders below, unless the policy asks something else of those', async (test) => {
    const workspace = workspaceOf(test, '  trust:\n    - keys: [release.pub]\n');
    workspace.write('models/a/unet/diffusion.safetensors', emptySafetensors);
    await sign(workspace);
    assert.deepEqual(await said(workspace), []);
    workspace.write(
      'weighbridge.yaml',
      `version: 1\nsigning:\n${stated}    - models: [models/a/unet/]\n      required: true\n      keys: [other.pub]\n`,
    );
    assert.deepEqual(await said(workspace), ['error model/unsigned models/a/unet']);
  });

  it('beside one file cover that file', async (test) => {
    const workspace = workspaceOf(test, required);
    await sign(workspace, 'models/a/model.safetensors');
    assert.deepEqual(await said(workspace), []);
    workspace.write('models/a/model.safetensors', Buffer.concat([emptySafetensors, Buffer.alloc(1)]));
    assert.deepEqual(
      (await said(workspace)).filter((line) => line.startsWith('error')),
      ['error signing/invalid-signature models/a/model.safetensors'],
    );
  });

  it('are not believed where the policy cannot be read', async (test) => {
    const workspace = workspaceOf(test, stated);
    await sign(workspace);
    rmSync(workspace.path('release.pub'));
    assert.deepEqual(await said(workspace), ['warning signing/untrusted-signer models/a']);
    workspace.write('release.pub', 'no key\n');
    assert.deepEqual(await said(workspace), ['warning signing/untrusted-signer models/a']);
  });

  it('are judged again when a file or the signature changes, and only then', async (test) => {
    const workspace = workspaceOf(test, stated);
    workspace.write('models/a/deep/notes.txt', 'one\n');
    await sign(workspace);
    utimesSync(workspace.path('models/a/model.sig'), 1000, 1000);
    const scan = await scanner(workspace);
    test.after(() => scan.dispose());
    await scan.scan();
    const now = () =>
      (scan.result('models/a')?.findings ?? []).map(({ ruleId }) => ruleId).filter((id) => id.startsWith('signing/'));
    assert.deepEqual(now(), []);
    await scan.update([workspace.write('models/a/deep/notes.txt', 'two\n')]);
    assert.deepEqual(now(), ['signing/invalid-signature', 'signing/older-than-files']);
    await sign(workspace);
    await scan.update([workspace.path('models/a/model.sig')]);
    assert.deepEqual(now(), []);
    rmSync(workspace.path('models/a/model.sig'));
    await scan.update([workspace.path('models/a/model.sig')]);
    assert.ok(scan.result('models/a')?.findings.some(({ ruleId }) => ruleId === 'model/unsigned'));
  });
});
