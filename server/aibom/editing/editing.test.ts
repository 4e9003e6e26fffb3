import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { collect, type ModelRecord } from '../collect.ts';
import { coverageOf } from '../coverage/coverage.ts';
import { writeCycloneDx } from '../cyclonedx/write.ts';
import { modelFolder, safetensors } from '../modelFolder.fixture.ts';
import { get, type JsonObject, list } from '../validate/document.ts';
import { validateBom } from '../validate/validate.ts';
import { diagnoseAibom } from './diagnose.ts';
import { graphOf } from './graph.ts';
import { sideFileKeys } from './sideFileKeys.ts';
import { fillFromCard, type TextChange, updateAibom } from './update.ts';

const tool = { name: 'weighbridge', version: '1' };
const apply = (text: string, { offset, length, text: inserted }: TextChange) =>
  text.slice(0, offset) + inserted + text.slice(offset + length);

async function model(): Promise<{ root: string; record: ModelRecord; text: string }> {
  const root = modelFolder({
    'model.safetensors': safetensors({ w: [2, 2] }),
    'README.md':
      '---\nlicense: mit\npipeline_tag: text-classification\ndatasets: [squad]\n---\n# M\n## Limitations\nMany.\n',
  });
  const record = await collect(root);
  return { root, record, text: writeCycloneDx(record, { spec: '1.6', tool }) };
}

describe('a bill of materials in an editor', () => {
  it('is marked at the place of what is wrong, with what can be done', async () => {
    const { root, record, text } = await model();
    const hashes = Object.fromEntries(record.draft.files.map(({ path, sha256 }) => [path, sha256]));
    appendFileSync(join(root, 'model.safetensors'), 'x');
    const twisted = text.replace('"dataset:squad"', '"dataset:other"');
    const diagnostics = diagnoseAibom(twisted, await collect(root));
    const shown = diagnostics.map(({ code, severity, start, end, fixes }) => [
      code,
      severity,
      twisted.slice(start, end).slice(0, 20),
      fixes.join(),
    ]);
    assert.deepEqual(shown, [
      ['aibom/changed-file', 'warning', `"${hashes['model.safetensors']}"`.slice(0, 20), 'update'],
      ['aibom/incomplete', 'info', '"modelCard"', 'fill-from-card'],
      ['aibom/dangling-ref', 'error', '"dataset:other"', ''],
    ]);
    const broken = diagnoseAibom('{"bomFormat": "CycloneDX",');
    assert.deepEqual(
      broken.map(({ code, line }) => [code, line]),
      [['aibom/syntax', 1]],
    );
  });

  it('is marked at some places only where it is wrong at thousands', async () => {
    const components = Array.from({ length: 3_000 }, (_, index) => ({
      type: 'library',
      name: `p${index}`,
      purl: 'no address',
    }));
    const text = JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components });
    const diagnostics = diagnoseAibom(text);
    assert.equal(diagnostics.length, 501);
    assert.match(
      diagnostics.find(({ code }) => code === 'aibom/more')?.message ?? '',
      /^2,500 more errors of this kind/,
    );
    const { record } = await model();
    const described = Array.from({ length: 300 }, (_, index) => ({ type: 'file', name: `gone-${index}` }));
    const component = { type: 'machine-learning-model', name: 'm', components: described };
    const stale = diagnoseAibom(
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, metadata: { component } }),
      record,
    );
    assert.deepEqual(
      stale
        .map(({ code, message }) => `${code} ${message}`)
        .filter((each) => !each.includes('gone-') && !each.includes('incomplete')),
      [
        'aibom/changed-file 100 more files are not as described: only the first 200 are marked.',
        'aibom/extra-file README.md, model.safetensors are in the folder of the model and not described here.',
      ],
    );
  });

  it('is updated to what the model is now, and keeps what people wrote', async () => {
    const { root, record, text } = await model();
    assert.equal(updateAibom(text, record, { tool }), null);
    const edited = JSON.parse(text) as JsonObject;
    const component = get(edited, 'metadata', 'component') as JsonObject;
    component['cpe'] = 'cpe:2.3:a:acme:m:1:*:*:*:*:*:*:*';
    (component['modelCard'] as Record<string, JsonObject>)['considerations'] = {
      users: ['Clerks'],
      technicalLimitations: ['Many.', 'Written by hand.'],
    };
    (edited['components'] as JsonObject[]).push({ type: 'library', name: 'by-hand', 'bom-ref': 'by-hand' });
    writeFileSync(join(root, 'config.json'), '{"model_type": "bert"}');
    const change = updateAibom(JSON.stringify(edited, null, 2), await collect(root), { tool });
    const updated = apply(JSON.stringify(edited, null, 2), change as TextChange);
    const { problems, document } = validateBom(updated);
    assert.deepEqual(problems, []);
    const now = document?.root ?? {};
    assert.deepEqual([now['serialNumber'], now['version']], [edited['serialNumber'], 2]);
    const card = get(now, 'metadata', 'component', 'modelCard');
    assert.equal(get(card, 'modelParameters', 'architectureFamily'), 'bert');
    assert.deepEqual(get(card, 'considerations'), {
      technicalLimitations: ['Many.', 'Written by hand.'],
      users: ['Clerks'],
    });
    assert.ok(get(now, 'metadata', 'component', 'cpe'));
    assert.ok(list(now['components']).some((each) => get(each, 'name') === 'by-hand'));
    assert.ok(
      list(get(now, 'metadata', 'component', 'components')).some((each) => get(each, 'name') === 'config.json'),
    );
  });

  it('is filled from the papers where it says nothing, and nowhere else', async () => {
    const { record } = await model();
    const bare =
      '{\n    "bomFormat": "CycloneDX",\n    "specVersion": "1.6",\n    "metadata": {\n        "component": {\n            "type": "machine-learning-model",\n            "name": "m",\n            "licenses": [{"license": {"id": "ISC"}}]\n        }\n    }\n}\n';
    const { change, filled } = fillFromCard(bare, record, { tool }) ?? assert.fail();
    const text = apply(bare, change);
    assert.deepEqual(filled, [
      'modelCard.modelParameters.task',
      'modelCard.modelParameters.inputs',
      'modelCard.modelParameters.outputs',
      'modelCard.considerations.technicalLimitations',
    ]);
    assert.match(text, /\n {16}"modelParameters"/);
    assert.match(text, /"ISC"/);
    assert.deepEqual(validateBom(text).problems, []);
    assert.equal(fillFromCard(text, record, { tool }), null);
    assert.equal(fillFromCard('[]', record, { tool }), null);
  });

  it('completes the side file with what is missing first', async () => {
    const { text } = await model();
    const keys = sideFileKeys('supplier: Acme\n', coverageOf(JSON.parse(text) as JsonObject)).map(({ key }) => key);
    assert.ok(!keys.includes('supplier'));
    assert.ok(keys.indexOf('usage_policy') < keys.indexOf('name'));
  });

  it('is drawn as a graph', async () => {
    const { text } = await model();
    const { nodes, edges, omitted } = graphOf(JSON.parse(text) as JsonObject);
    assert.deepEqual(nodes.map(({ type }) => type).sort(), ['data', 'file', 'file', 'machine-learning-model']);
    assert.deepEqual(edges.map(({ kind }) => kind).sort(), ['contains', 'contains', 'depends on']);
    assert.equal(omitted, 0);
  });
});
