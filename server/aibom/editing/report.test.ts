import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { modelOnDisk } from '../check.ts';
import { collect } from '../collect.ts';
import { writeCycloneDx } from '../cyclonedx/write.ts';
import { modelFolder, safetensors } from '../modelFolder.fixture.ts';
import type { JsonObject } from '../validate/document.ts';
import { drawingOf } from './drawing.ts';
import { reportOf } from './report.ts';

const tool = { name: 'weighbridge', version: '1' };
const cycloneDx = (rest: object): string =>
  JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, ...rest });

async function described(spec: '1.6' | '1.7', more: Record<string, string | Uint8Array> = {}) {
  const folder = modelFolder({
    'model.safetensors': safetensors({ w: [2, 2] }),
    'README.md':
      '---\nlicense: mit\npipeline_tag: text-classification\nbase_model: acme/base\nmodel-index: [{name: m, results: [{task: {type: t}, dataset: {name: IMDb, type: imdb}, metrics: [{type: accuracy, value: 0.9}]}]}]\n---\n# M\n## Training hyperparameters\n- learning_rate: 0.001\n',
    ...more,
  });
  const record = await collect(folder);
  return { record, text: writeCycloneDx(record, { spec, tool }) };
}

describe('a bill of materials for people', () => {
  for (const spec of ['1.6', '1.7'] as const) {
    it(`tells of ${spec} from where each field, metric and hyperparameter was read`, async () => {
      const { record, text } = await described(spec);
      const report = reportOf(text, modelOnDisk(record), 'compared');
      const source = (name: string) => report.facts.find((each) => each.name === name)?.source;
      assert.equal(source('Licence'), 'README.md, front matter: license');
      assert.equal(source('Task'), 'README.md, front matter: pipeline_tag');
      assert.equal(source('Takes'), 'README.md, front matter: pipeline_tag');
      assert.equal(source('Version'), 'the first 12 digits of the digest of all files');
      const rows = (id: string) => report.tables.find((each) => each.id === id)?.rows;
      assert.deepEqual(rows('metrics'), [['accuracy', '0.9', 'IMDb', '', 'README.md, front matter: model-index']]);
      assert.deepEqual(rows('hyperparameters'), [
        ['learning_rate', '0.001', 'README.md, section: Training hyperparameters'],
      ]);
      assert.deepEqual(rows('base-models'), [['acme/base', 'not pinned', '', 'README.md, front matter: base_model']]);
      assert.equal(report.verdict.severity, 'none');
      assert.deepEqual(
        report.coverage.map(({ total }) => total),
        [50, 20],
      );
    });
  }

  it('puts the files that differ first, and says how it stands', async () => {
    const { record, text } = await described('1.6');
    const files = record.draft.files.filter(({ path }) => path !== 'README.md');
    const disk = { ...modelOnDisk(record), draft: { ...record.draft, files } };
    const report = reportOf(text, disk, 'compared');
    assert.match(report.verdict.text, /^Valid CycloneDX 1\.6, and stale: 1 place does not fit/);
    assert.deepEqual(
      report.tables[0]?.rows.map(([file, state]) => [file, state]),
      [
        ['README.md', 'no longer there'],
        ['model.safetensors', 'as described'],
      ],
    );
    assert.equal(reportOf(text, null, 'comparing').verdict.severity, 'info');
    assert.equal(reportOf(text, null, 'nothing').tables[0]?.rows[0]?.[1], 'not compared');
  });

  it('draws many files as one box, and never leaves out what the model was made from', () => {
    const root = {
      metadata: {
        component: {
          type: 'machine-learning-model',
          name: 'm',
          'bom-ref': 'm',
          components: Array.from({ length: 5_000 }, (_, index) => ({
            type: 'file',
            name: `f${index}`,
            'bom-ref': `f${index}`,
          })),
        },
      },
      components: [
        { type: 'data', name: 'd', 'bom-ref': 'd' },
        { type: 'library', name: 'alone', 'bom-ref': 'alone' },
      ],
      dependencies: [{ ref: 'm', dependsOn: ['d', 'nowhere'] }],
    };
    const drawing = drawingOf(root);
    assert.deepEqual(
      drawing.nodes.map(({ label, layer }) => [label, layer]),
      [
        ['m', 0],
        ['d', 1],
        ['5,000 of type file', 1],
        ['alone', 2],
      ],
    );
    assert.equal(drawing.componentCount, 5_003);
    assert.deepEqual([drawing.edgeCount, drawing.rows[0]], [5_001, ['m', 'contains', 'f0']]);
    assert.equal(drawing.rows.length, 1_000);
  });

  it('ends where components depend on one another in circles, or stand twice', () => {
    const component = (name: string) => ({ type: 'library', name, 'bom-ref': name });
    const root: JsonObject = {
      metadata: { component: { ...component('a'), type: 'machine-learning-model' } },
      components: [component('b'), component('b'), component('c')],
      dependencies: [
        { ref: 'a', dependsOn: ['b', 'a'] },
        { ref: 'b', dependsOn: ['c'] },
        { ref: 'c', dependsOn: ['a'] },
      ],
    };
    const { nodes, edges } = drawingOf(root);
    assert.deepEqual(nodes.map(({ label }) => label).sort(), ['a', 'b', 'b', 'c']);
    assert.ok(edges.every(({ from, to }) => from !== to && from < nodes.length && to < nodes.length));
  });

  it('shows what anybody may have written, however strange, without an error of its own', () => {
    const deep = '{"components":['.repeat(30_000);
    const strange = {
      metadata: {
        component: {
          type: 'machine-learning-model',
          name: '\ud800\u202e<img src=x>',
          licenses: [null, 7],
          modelCard: [],
        },
      },
      components: [null, 'x', { type: 7, name: {}, 'bom-ref': [] }, { type: 'file', name: '../../../etc/passwd' }],
      dependencies: [null, { ref: 1, dependsOn: 'x' }],
      citations: [null, { pointers: 7, note: 'n' }],
      formulation: [{ workflows: [null] }],
      vulnerabilities: [null, { id: 3, affects: {} }],
    };
    const texts = [
      '',
      '[]',
      'null',
      '{',
      deep,
      '{"spdxVersion":"SPDX-2.3"}',
      '<bom/>',
      '\ufeff{}',
      cycloneDx(strange),
      cycloneDx({ specVersion: '9' }),
    ];
    for (const text of texts) {
      const report = reportOf(text, null, 'nothing');
      assert.equal(report.verdict.severity, 'error', text.slice(0, 40));
      assert.match(report.verdict.text, /^Not valid\. \S/, text.slice(0, 40));
      assert.doesNotThrow(() => structuredClone(report));
    }
  });
});
