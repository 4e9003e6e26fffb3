import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { checkAibom } from './check.ts';
import { collect } from './collect.ts';
import { writeCycloneDx } from './cyclonedx/write.ts';
import { modelFolder, safetensors } from './modelFolder.fixture.ts';

async function described(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  const root = modelFolder({
    'model.safetensors': safetensors({ w: [2, 2] }),
    'README.md': '---\nlicense: mit\n---\n',
    ...files,
  });
  const text = writeCycloneDx(await collect(root), { spec: '1.6', tool: { name: 'weighbridge', version: '1' } });
  writeFileSync(join(root, 'aibom.cdx.json'), text);
  return root;
}

describe('a bill of materials against the model on disk', () => {
  it('is up to date as it was written', async () => {
    const root = await described();
    const { aibom, generated, valid, upToDate, differences, coverage } = await checkAibom(root);
    assert.equal(aibom, join(root, 'aibom.cdx.json'));
    assert.deepEqual(
      { generated, valid, upToDate, differences },
      { generated: true, valid: true, upToDate: true, differences: [] },
    );
    assert.deepEqual(
      coverage.map(({ id, total }) => [id, total]),
      [
        ['g7', 50],
        ['annex-xi', 20],
      ],
    );
    assert.ok(coverage.every(({ present, total }) => present > 2 && present < total));
  });

  it('is stale when a file was changed, added or removed', async () => {
    const root = await described({ 'config.json': '{}' });
    appendFileSync(join(root, 'model.safetensors'), 'x');
    writeFileSync(join(root, 'extra.bin'), 'x');
    rmSync(join(root, 'config.json'));
    const { generated, upToDate, differences } = await checkAibom(root);
    assert.deepEqual({ generated, upToDate }, { generated: false, upToDate: false });
    assert.deepEqual(
      differences.map(({ path, kind }) => `${kind} ${path}`),
      ['missing config.json', 'extra extra.bin', 'changed model.safetensors'],
    );
  });

  it('is missing where there is none', async () => {
    const { aibom, generated, coverage } = await checkAibom(
      modelFolder({ 'model.safetensors': safetensors({ w: [1] }) }),
    );
    assert.deepEqual({ aibom, generated, coverage }, { aibom: null, generated: false, coverage: [] });
  });

  it('tells a document that contradicts the headers or the card', async () => {
    const root = modelFolder({
      'model.safetensors': safetensors({ w: [2, 2] }),
      'README.md': '---\nlicense: mit\n---\n',
      'config.json': '{"model_type": "bert"}',
    });
    const record = await collect(root);
    const text = writeCycloneDx(record, { spec: '1.6', tool: { name: 'weighbridge', version: '1' } });
    const twisted = text
      .replace('"architectureFamily": "bert"', '"architectureFamily": "gpt2"')
      .replace('"id": "MIT"', '"id": "ISC"')
      .replace(/("name": "weighbridge:parameters",\s*"value": ")4"/g, (_, start: string) => `${start}7"`);
    writeFileSync(join(root, 'aibom.cdx.json'), twisted);
    const { contradictions, upToDate } = await checkAibom(root);
    assert.equal(upToDate, false);
    assert.deepEqual(
      contradictions.map(({ field, written, found }) => [field, written, found]),
      [
        ['parameters', '7', '4'],
        ['modelCard.modelParameters.architectureFamily', 'gpt2', 'bert'],
        ['licenses', 'ISC', 'MIT'],
      ],
    );
  });

  it('accepts what other tools write: a hash on the model, and no list of files', async () => {
    const root = modelFolder({ 'model.safetensors': safetensors({ w: [1] }), 'README.md': 'x' });
    const [file] = (await collect(root)).draft.files.filter(({ path }) => path.endsWith('safetensors'));
    const component = {
      type: 'machine-learning-model',
      name: 'm',
      hashes: [{ alg: 'SHA-256', content: file?.sha256 }],
    };
    writeFileSync(
      join(root, 'bom.json'),
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, metadata: { component } }),
    );
    assert.equal((await checkAibom(root)).upToDate, true);
    appendFileSync(join(root, 'model.safetensors'), 'x');
    assert.deepEqual((await checkAibom(root)).differences, [{ path: 'model.safetensors', kind: 'extra' }]);
  });

  it('finds a document under any name, and never lists it as a part of the model', async () => {
    const root = await described();
    renameSync(join(root, 'aibom.cdx.json'), join(root, 'inventory.json'));
    const { aibom, upToDate } = await checkAibom(root);
    assert.deepEqual([aibom, upToDate], [join(root, 'inventory.json'), true]);
  });

  it('says that a document is broken, and does not fail on it', async () => {
    const root = modelFolder({
      'model.safetensors': safetensors({ w: [1] }),
      'aibom.json': '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{}',
    });
    const { aibom, valid, problems } = await checkAibom(root);
    assert.equal(aibom, join(root, 'aibom.json'));
    assert.equal(valid, false);
    assert.match(problems[0]?.message ?? '', /cannot be read/);
    await assert.rejects(checkAibom(root, { aibom: join(root, 'none.json') }), { code: 'not-found' });
  });
});
