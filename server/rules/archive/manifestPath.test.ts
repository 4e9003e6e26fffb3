import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from '../../formats/inspect.ts';
import { MemorySource } from '../../formats/source.ts';
import { buildTar } from '../../formats/tar/tarBuilder.fixture.ts';
import { buildZip, type BuildEntry } from '../../formats/zip/zipBuilder.fixture.ts';
import { judgeArtifact } from '../run.ts';

function found(bytes: Uint8Array, path: string): string[] {
  const inspection = inspect(new MemorySource(bytes), path);
  return judgeArtifact({ path, inspection, options: { allowedImports: [] } }).map(
    ({ severity, ruleId }) => `${severity} ${ruleId}`,
  );
}

const manifest = (model: Record<string, string>): string => JSON.stringify({ model: { modelName: 'm', ...model } });
const mar = (model: Record<string, string>, ...files: BuildEntry[]): string[] =>
  found(buildZip([{ name: 'MAR-INF/MANIFEST.json', data: manifest(model) }, ...files]), 'm.mar');
const handler = { name: 'handler.py', data: 'x = 1\n' };

test('what a manifest takes from the archive and from TorchServe is nothing to tell', () => {
  assert.deepEqual(mar({ handler: 'image_classifier', serializedFile: 'model.pt' }), []);
  for (const name of ['handler.py', 'handler', 'handler.py:handle', './handler.py'])
    assert.deepEqual(mar({ handler: name, requirementsFile: 'requirements.txt' }, handler), [
      'info archive/bundled-code',
    ]);
  assert.deepEqual(mar({ handler: 'pkg.handler:Handler' }, { name: 'pkg/handler.py', data: 'x = 1\n' }), [
    'info archive/bundled-code',
  ]);
});

test('what leads out of the archive, and what runs something, is dangerous', () => {
  for (const key of ['handler', 'modelFile', 'serializedFile', 'requirementsFile', 'configFile'])
    for (const path of ['../x.py', '/opt/x.py', 'C:\\x.py', 'a/../../x.py'])
      assert.ok(
        mar({ handler: 'image_classifier', [key]: path }).includes('error archive/manifest-path'),
        `${key} ${path}`,
      );
  assert.deepEqual(mar({ handler: 'subprocess:Popen' }), ['error archive/manifest-path']);
  assert.deepEqual(mar({ handler: 'somewhere.py' }), ['warning archive/manifest-path']);
});

test('a handler is looked for in the archive of its manifest, and in no other one', () => {
  const inner = (name: string, ...files: BuildEntry[]): BuildEntry => ({
    name,
    data: buildZip([{ name: 'MAR-INF/MANIFEST.json', data: manifest({ handler: 'handler.py' }) }, ...files]),
  });
  const told = found(buildZip([inner('a.mar', handler), inner('b.mar')]), 'models.zip');
  assert.deepEqual(
    told.filter((each) => each.endsWith('manifest-path')),
    ['warning archive/manifest-path'],
  );
});

test('an archive in a folder, and an unpacked one, are read alike', () => {
  const packed = buildTar([
    { name: 'm/MAR-INF/MANIFEST.json', data: manifest({ handler: '../x.py' }) },
    { name: 'm/handler.py', data: 'import os\nos.system("id")\n' },
  ]);
  assert.deepEqual(found(packed, 'm.tar').toSorted(), [
    'error archive/handler-calls',
    'error archive/manifest-path',
    'info archive/bundled-code',
  ]);
  assert.deepEqual(found(Buffer.from(manifest({ handler: '../x.py' })), 'MANIFEST.json'), [
    'error archive/manifest-path',
  ]);
  assert.deepEqual(found(Buffer.from(manifest({ handler: 'handler.py' })), 'MANIFEST.json'), []);
  assert.deepEqual(found(Buffer.from('{"model": {"handler": "../x.py"}}'), 'MANIFEST.json'), []);
});

test('packages of a served archive that come from elsewhere are told', () => {
  const requirements = (data: string): string[] =>
    found(
      buildTar([
        { name: 'code/inference.py', data: 'x = 1\n' },
        { name: 'code/requirements.txt', data },
      ]),
      'model.tar',
    );
  const plain = ['info archive/bundled-code'];
  assert.deepEqual(requirements('numpy==2.1.0\n# --extra-index-url https://x\n'), plain);
  assert.deepEqual(requirements(`git+https://x.test/y@${'0123456789'.repeat(4)}#egg=y\n`), plain);
  for (const line of [
    '--extra-index-url https://x.test',
    '-f https://x.test',
    'git+https://x.test/y',
    'y @ https://x.test/y.whl',
  ])
    assert.deepEqual(requirements(`${line}\n`), [...plain, 'warning archive/foreign-requirements'], line);
  // A repository that somebody packed is no model.
  assert.deepEqual(found(buildZip([{ name: 'requirements.txt', data: 'git+https://x.test/y\n' }]), 'a.zip'), []);
});

test('code of a SageMaker archive is read, more mildly than that of TorchServe', () => {
  const archive = buildTar([{ name: 'code/inference.py', data: 'import os\nos.system("pip install x")\n' }]);
  assert.deepEqual(found(archive, 'model.tar'), ['info archive/bundled-code', 'warning archive/handler-calls']);
});
