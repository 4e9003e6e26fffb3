import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateBom } from './validate.ts';

const base = {
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'machine-learning-model', name: 'm', 'bom-ref': 'm' } },
};

const rules = (document: object) =>
  validateBom(JSON.stringify(document, null, 2)).problems.map(({ rule, pointer }) => `${rule} ${pointer}`);

describe('validation of any CycloneDX document', () => {
  it('passes what is right, in each version with model cards', () => {
    for (const specVersion of ['1.5', '1.6', '1.7']) assert.deepEqual(rules({ ...base, specVersion }), []);
  });

  it('says what breaks the schema, at its line', () => {
    const text =
      '{\n  "bomFormat": "CycloneDX",\n  "specVersion": "1.6",\n  "metadata": {\n    "timestamp": "yesterday"\n  },\n  "components": [\n    { "type": "model", "name": "x" }\n  ]\n}';
    const { valid, problems } = validateBom(text);
    assert.equal(valid, false);
    assert.deepEqual(
      problems.map(({ message, place }) => [place?.line, message.slice(0, 40)]),
      [
        [5, 'the value is no valid date-time'],
        [8, 'the value must be one of application, fr'],
      ],
    );
  });

  it('names an unknown field of a model card', () => {
    const modelCard = { modelParameters: { colour: 'red' } };
    const { problems } = validateBom(
      JSON.stringify({ ...base, metadata: { component: { ...base.metadata.component, modelCard } } }),
    );
    assert.match(problems[0]?.message ?? '', /"colour" is no field/);
  });

  it('finds references that lead nowhere, wherever they stand', () => {
    const document = {
      ...base,
      metadata: {
        component: { ...base.metadata.component, modelCard: { modelParameters: { datasets: [{ ref: 'gone' }] } } },
      },
      dependencies: [{ ref: 'm', dependsOn: ['nobody'] }],
      compositions: [
        { aggregate: 'complete', assemblies: ['nothing', 'urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#x'] },
      ],
      formulation: [
        { workflows: [{ 'bom-ref': 'w', uid: 'w', taskTypes: ['build'], inputs: [{ resource: { ref: 'lost' } }] }] },
      ],
    };
    assert.deepEqual(rules(document), [
      'dangling-ref /metadata/component/modelCard/modelParameters/datasets/0/ref',
      'dangling-ref /dependencies/0/dependsOn/0',
      'dangling-ref /compositions/0/assemblies/0',
      'dangling-ref /formulation/0/workflows/0/inputs/0/resource/ref',
    ]);
  });

  it('finds bom-refs that stand twice, also below other components', () => {
    const components = [
      { type: 'library', name: 'a', 'bom-ref': 'x', components: [{ type: 'library', name: 'b', 'bom-ref': 'm' }] },
    ];
    assert.deepEqual(rules({ ...base, components }), ['duplicate-ref /components/0/components/0/bom-ref']);
  });

  it('knows where the fields of machine learning may stand', () => {
    const components = [
      { type: 'library', name: 'a', modelCard: {} },
      { type: 'library', name: 'b', data: [{ type: 'dataset' }] },
      { type: 'data', name: 'c', data: [{ type: 'dataset' }] },
    ];
    assert.deepEqual(rules({ ...base, components }), [
      'model-card-place /components/0/modelCard',
      'data-place /components/1/data',
    ]);
  });

  it('checks package addresses, hash lengths and licences', () => {
    const components = [
      { type: 'library', name: 'a', purl: 'pkg:pypi' },
      { type: 'library', name: 'b', purl: 'pkg:huggingface/a/b@0123abc' },
      { type: 'library', name: 'c', hashes: [{ alg: 'SHA-512', content: 'ab'.repeat(32) }] },
      { type: 'library', name: 'd', licenses: [{ license: { name: 'MIT' } }] },
      {
        type: 'library',
        name: 'e',
        licenses: [{ expression: 'MIT OR Fancy-1.0 AND (Apache-2.0 WITH LLVM-exception)' }],
      },
    ];
    assert.deepEqual(rules({ ...base, components }), [
      'purl /components/0/purl',
      'hash-length /components/2/hashes/0/content',
      'licence-id /components/3/licenses/0/license/name',
      'licence-expression /components/4/licenses/0/expression',
    ]);
  });

  it('ends on circles, and says where one closes', () => {
    const components = ['a', 'b', 'c'].map((name) => ({ type: 'library', name, 'bom-ref': name }));
    const dependencies = [
      { ref: 'a', dependsOn: ['b'] },
      { ref: 'b', dependsOn: ['c', 'a'] },
      { ref: 'c', dependsOn: ['c'] },
    ];
    assert.deepEqual(rules({ ...base, components, dependencies }), [
      'circular-dependency /dependencies/1',
      'circular-dependency /dependencies/2',
    ]);
  });

  it('says what is no CycloneDX, and reads nothing into it', () => {
    const first = (text: string) => validateBom(text).problems[0]?.message ?? '';
    assert.match(first('{"bomFormat": "CycloneDX", '), /cannot be read/);
    assert.match(first('[]'), /no JSON object/);
    assert.match(first('{"spdxVersion": "SPDX-2.3"}'), /no CycloneDX/);
    assert.match(first('{"bomFormat": "CycloneDX", "specVersion": "9.9"}'), /9\.9 is not validated/);
    assert.match(first('{"bomFormat": "CycloneDX", "specVersion": "1.6", "version": NaN}'), /NaN/);
  });

  it('is not valid for an error that comes after more warnings than are listed', () => {
    const components = Array.from({ length: 600 }, (_, index) => ({
      type: 'library',
      name: 'p',
      'bom-ref': 'p',
      description: String(index),
    }));
    const root = { bomFormat: 'CycloneDX', specVersion: '1.6', version: 1, components };
    const warned = validateBom(JSON.stringify(root));
    const dependencies = [{ ref: 'nothing' }];
    const { valid, problems } = validateBom(JSON.stringify({ ...root, dependencies }));
    assert.ok(warned.problems.length > 500);
    assert.ok(problems.some(({ rule }) => rule === 'dangling-ref'));
    assert.equal(valid, false);
    assert.equal(problems.filter(({ rule }) => rule === 'more').length, 1);
  });

  it('finds the same component twice in a list of thousands', () => {
    const components = Array.from({ length: 5_000 }, (_, index) => ({ type: 'library', name: `p${index % 4_999}` }));
    const { problems } = validateBom(JSON.stringify({ ...base, components }));
    assert.deepEqual(
      problems.map(({ pointer, message }) => [pointer, message]),
      [['/components', 'the list holds the same item twice']],
    );
  });

  it('stays bounded on hostile documents', () => {
    const deep = `{"bomFormat":"CycloneDX","specVersion":"1.6","components":${'[{"type":"file","name":"x","components":'.repeat(300)}[]${'}]'.repeat(300)}}`;
    assert.match(validateBom(deep).problems[0]?.message ?? '', /nested deeper/);
    const many = {
      ...base,
      components: Array.from({ length: 3_000 }, () => ({ type: 'x', name: 1, purl: 'no', 'bom-ref': 'm' })),
    };
    assert.ok(validateBom(JSON.stringify(many)).problems.length <= 701);
    const proto = '{"bomFormat":"CycloneDX","specVersion":"1.6","__proto__":{"polluted":true}}';
    assert.match(validateBom(proto).problems[0]?.message ?? '', /__proto__/);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });
});
