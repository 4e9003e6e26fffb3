import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { safetensors } from '../../server/aibom/modelFolder.fixture.ts';
import { weighbridge } from './weighbridge.ts';

interface Bom {
  specVersion: string;
  serialNumber: string;
  signature?: { algorithm: string };
  metadata: {
    component: { name: string; components: { name: string; properties: { name: string; value: string }[] }[] };
  };
}

describe('weighbridge aibom', () => {
  let cwd = '';
  const parsed = (text: string) => JSON.parse(text) as Bom;

  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'weighbridge-aibom-cli-'));
    mkdirSync(join(cwd, 'model'));
    writeFileSync(join(cwd, 'model', 'model.safetensors'), safetensors({ w: [2, 2] }));
    writeFileSync(join(cwd, 'model', 'README.md'), '---\nlicense: mit\n---\n# M\n');
    writeFileSync(join(cwd, 'model', 'notes.pkl'), Buffer.from('cos\nsystem\n(S"echo hi"\ntR.'));
  });

  after(() => rmSync(cwd, { recursive: true, force: true }));

  it('prints a document of either version, with what the rules found in the files', async () => {
    const { code, stdout, stderr } = await weighbridge(cwd, ['aibom', 'model']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(parsed(stdout).specVersion, '1.6');
    const pickle = parsed(stdout).metadata.component.components.find(({ name }) => name === 'notes.pkl');
    assert.ok(
      pickle?.properties.some(
        ({ name, value }) => name === 'weighbridge:finding:error' && value === 'pickle/dangerous-import',
      ),
    );
    const newer = await weighbridge(cwd, ['aibom', 'model', '--spec', '1.7']);
    assert.equal(parsed(newer.stdout).specVersion, '1.7');
    assert.equal((await weighbridge(cwd, ['aibom', 'model', '--spec', '1.7'])).stdout, newer.stdout);
  });

  it('writes to a file, replaces its like, and nothing else', async () => {
    const out = join('model', 'aibom.cdx.json');
    for (const round of [1, 2])
      assert.equal((await weighbridge(cwd, ['aibom', 'model', '--out', out])).code, 0, `${round}`);
    assert.equal(parsed(readFileSync(join(cwd, out), 'utf8')).metadata.component.components.length, 3);
    const refused = await weighbridge(cwd, ['aibom', 'model', '--out', 'model/README.md']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /README\.md is there, and is no bill of materials/);
    assert.match(readFileSync(join(cwd, 'model/README.md'), 'utf8'), /# M/);
    assert.equal((await weighbridge(cwd, ['aibom', 'model', '--out', 'none/x.json'])).code, 2);
  });

  it('checks: 0 while it is up to date, 1 when it is stale or missing, 2 when there is no model', async () => {
    cpSync(join(cwd, 'model'), join(cwd, 'checked'), { recursive: true });
    await weighbridge(cwd, ['aibom', 'checked', '--out', 'checked/aibom.json']);
    rmSync(join(cwd, 'checked', 'aibom.cdx.json'), { force: true });
    await weighbridge(cwd, ['aibom', 'checked', '--out', 'checked/aibom.json']);
    const fresh = await weighbridge(cwd, ['aibom', 'checked', '--check']);
    assert.equal(fresh.code, 0, fresh.stdout);
    appendFileSync(join(cwd, 'checked', 'model.safetensors'), 'x');
    const stale = await weighbridge(cwd, ['aibom', 'checked', '--check', '--format', 'json']);
    assert.equal(stale.code, 1);
    const report = JSON.parse(stale.stdout) as Record<string, unknown>;
    assert.deepEqual(report['differences'], [
      { path: 'model.safetensors', kind: 'changed', pointer: '/metadata/component/components/1' },
    ]);
    assert.deepEqual(
      [report['schemaVersion'], report['aibom'], report['valid'], report['upToDate']],
      [1, 'checked/aibom.json', true, false],
    );
    const replacing = await weighbridge(cwd, ['aibom', 'checked', '--check', '--output', 'checked/aibom.json']);
    assert.equal(replacing.code, 2);
    rmSync(join(cwd, 'checked', 'aibom.json'));
    const missing = await weighbridge(cwd, ['aibom', 'checked', '--check']);
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /No bill of materials stands beside checked/);
    assert.equal((await weighbridge(cwd, ['aibom', 'nowhere', '--check'])).code, 2);
  });

  it('validates, compares, merges, exports, signs and verifies documents', async () => {
    await weighbridge(cwd, ['aibom', 'model', '--out', 'a.json']);
    await weighbridge(cwd, ['aibom', 'model', '--out', 'b.json', '--spec', '1.7']);
    assert.equal((await weighbridge(cwd, ['aibom', 'validate', 'a.json', 'b.json'])).code, 0);
    assert.equal((await weighbridge(cwd, ['aibom', 'diff', 'a.json', 'b.json'])).code, 0);
    writeFileSync(
      join(cwd, 'bad.json'),
      readFileSync(join(cwd, 'a.json'), 'utf8').replace('"machine-learning-model"', '"model"'),
    );
    const invalid = await weighbridge(cwd, ['aibom', 'validate', 'bad.json', '--format', 'json']);
    assert.equal(invalid.code, 1);
    assert.equal((JSON.parse(invalid.stdout) as { valid: boolean }).valid, false);
    writeFileSync(
      join(cwd, 'sbom.json'),
      '{"bomFormat":"CycloneDX","specVersion":"1.5","components":[{"type":"library","name":"x"}]}',
    );
    const merged = await weighbridge(cwd, ['aibom', 'merge', 'a.json', 'sbom.json', '--out', 'merged.json']);
    assert.deepEqual([merged.code, merged.stderr], [0, 'weighbridge: 1 component added, 0 in both\n']);
    assert.match((await weighbridge(cwd, ['aibom', 'export', 'a.json'])).stdout, /^# model\n/);
    assert.match(
      (await weighbridge(cwd, ['aibom', 'export', 'a.json', '--format', 'spdx3', '-q'])).stdout,
      /"ai_AIPackage"/,
    );
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(join(cwd, 'key.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(cwd, 'public.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
    assert.equal((await weighbridge(cwd, ['aibom', 'sign', 'merged.json', '--key', 'key.pem'])).code, 0);
    assert.equal(parsed(readFileSync(join(cwd, 'merged.json'), 'utf8')).signature?.algorithm, 'Ed25519');
    assert.equal((await weighbridge(cwd, ['aibom', 'verify', 'merged.json', '--key', 'public.pem'])).code, 0);
    writeFileSync(
      join(cwd, 'merged.json'),
      readFileSync(join(cwd, 'merged.json'), 'utf8').replace('"name": "x"', '"name": "y"'),
    );
    assert.equal((await weighbridge(cwd, ['aibom', 'verify', 'merged.json', '--key', 'public.pem'])).code, 1);
  });

  it('is brought up to date and filled in its place, and keeps what people wrote into it', async () => {
    cpSync(join(cwd, 'model'), join(cwd, 'kept'), { recursive: true });
    const file = join(cwd, 'kept', 'aibom.cdx.json');
    rmSync(file, { force: true });
    const missing = await weighbridge(cwd, ['aibom', 'update', 'kept']);
    assert.deepEqual([missing.code, missing.stdout], [2, '']);
    assert.match(
      missing.stderr,
      /no bill of materials stands beside kept: write one with weighbridge aibom kept --out/,
    );
    await weighbridge(cwd, ['aibom', 'kept', '--out', file]);
    const same = readFileSync(file, 'utf8');
    const nothing = await weighbridge(cwd, ['aibom', 'update', 'kept']);
    assert.deepEqual([nothing.code, readFileSync(file, 'utf8')], [0, same]);
    assert.match(nothing.stderr, /kept\/aibom\.cdx\.json: it says already what the model is/);

    writeFileSync(file, same.replace('"name": "kept",', '"name": "kept",\n      "publisher": "Acme",'));
    writeFileSync(join(cwd, 'kept', 'README.md'), '---\nlicense: mit\npipeline_tag: fill-mask\n---\n# M\n');
    const filled = await weighbridge(cwd, ['aibom', 'fill', 'kept', '--out', 'filled.cdx.json']);
    assert.match(filled.stderr, /filled modelCard\.modelParameters\.task, /);
    assert.match(readFileSync(join(cwd, 'filled.cdx.json'), 'utf8'), /"publisher": "Acme"/);
    assert.equal((await weighbridge(cwd, ['aibom', 'update', 'kept'])).code, 0);
    const updated = readFileSync(file, 'utf8');
    assert.match(updated, /"publisher": "Acme"/);
    assert.equal((JSON.parse(updated) as { version: number }).version, 2);
    assert.equal((await weighbridge(cwd, ['aibom', 'kept', '--check'])).code, 0);
  });

  it('is covered by the signature of its model, which a later change of it breaks', async () => {
    cpSync(join(cwd, 'model'), join(cwd, 'signed'), { recursive: true });
    rmSync(join(cwd, 'signed', 'aibom.cdx.json'), { force: true });
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    writeFileSync(join(cwd, 'oms.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(cwd, 'oms.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    const out = join('signed', 'aibom.cdx.json');
    assert.equal((await weighbridge(cwd, ['aibom', 'signed', '--out', out])).code, 0);
    assert.equal((await weighbridge(cwd, ['sign', 'signed', '--key', 'oms.pem'])).code, 0);
    const verify = () => weighbridge(cwd, ['verify', 'signed', '--key', 'oms.pub', '--format', 'json']);
    const { code, stdout } = await verify();
    assert.deepEqual([code, (JSON.parse(stdout) as { verified: boolean }).verified], [0, true]);
    // The bundle beside it is no part of what is described, so that signing leaves it up to date.
    assert.equal((await weighbridge(cwd, ['aibom', 'signed', '--check'])).code, 0);

    const document = readFileSync(join(cwd, out), 'utf8').replace('"MIT"', '"ISC"');
    writeFileSync(join(cwd, out), document);
    const after = await verify();
    assert.equal(after.code, 1);
    assert.deepEqual((JSON.parse(after.stdout) as { differences: unknown[] }).differences, [
      { path: 'aibom.cdx.json', kind: 'changed' },
    ]);
    const again = await weighbridge(cwd, ['aibom', 'signed', '--out', out]);
    assert.match(again.stderr, /does not cover the bill of materials that was just written: sign the model again/);
  });

  it('says in one line what is wrong with the arguments', async () => {
    for (const [args, message] of [
      [[], /name the model/],
      [['model', 'other'], /takes one model/],
      [['model', '--spec', '1.5'], /--spec must be 1\.6, 1\.7/],
      [['nowhere'], /nowhere does not exist/],
      [['sign', 'a.json'], /name the private key/],
      [['validate'], /takes at least 1 file/],
      [['diff', 'a.json', 'model/README.md'], /cannot be read/],
    ] as const) {
      const { code, stderr } = await weighbridge(cwd, ['aibom', ...args]);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.equal(stderr.trim().split('\n').length, 1);
    }
    assert.ok(!existsSync(join(cwd, 'nowhere')));
  });
});
