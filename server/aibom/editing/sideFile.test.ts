import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { collect } from '../collect.ts';
import { coverageOf } from '../coverage/coverage.ts';
import { writeCycloneDx } from '../cyclonedx/write.ts';
import { modelFolder, safetensors } from '../modelFolder.fixture.ts';
import { sideFileName } from '../names.ts';
import { knownSideFileKeys } from '../sources/sideFile.ts';
import { get, type JsonObject, list } from '../validate/document.ts';
import { validateBom } from '../validate/validate.ts';
import { sideFileFor, sideFileKeys, sideFileValues, unknownKeys } from './sideFileKeys.ts';

async function bomWith(sideFile: string): Promise<string> {
  const root = modelFolder({ 'model.safetensors': safetensors({ w: [2, 2] }), [sideFileName]: sideFile });
  return writeCycloneDx(await collect(root), { spec: '1.6', tool: { name: 'weighbridge', version: '1' } });
}

const withoutMarks = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !/^# (?:What no file|then update)/.test(line) && !/^# [A-Z].*:$/.test(line))
    .map((line) => line.replace(/^# /, ''))
    .join('\n')
    .replace('64 hexadecimal digits', 'c'.repeat(64));

describe('the side file', () => {
  it('fills, with every key that is offered, every element that is said to be filled by it', async () => {
    const text = await bomWith(withoutMarks(sideFileFor([])));
    assert.deepEqual(validateBom(text).problems, []);
    const keys = new Set(sideFileKeys('').map(({ key }) => key));
    const lacking = coverageOf(JSON.parse(text) as JsonObject).flatMap(({ elements }) =>
      elements.filter(({ present, fill }) => !present && fill !== undefined && keys.has(fill)),
    );
    assert.deepEqual(lacking, []);
  });

  it('is read by every key that is offered, and names those that nothing reads', () => {
    assert.deepEqual(
      sideFileKeys('').filter(({ key }) => !knownSideFileKeys.has(key)),
      [],
    );
    assert.deepEqual(unknownKeys('name: m\nsuplier: Acme\n"quoted": 1\ndatasets:\n  - nmae: x\n'), [
      { key: 'suplier', line: 2 },
      { key: 'quoted', line: 3 },
    ]);
    assert.ok(sideFileValues('license').includes('Apache-2.0'));
    assert.deepEqual(sideFileValues('name'), []);
  });

  it('gives a version without a name, and says where it is from', async () => {
    const component = get(JSON.parse(await bomWith('version: 2.1.0\nsuplier: Acme\n')), 'metadata', 'component');
    assert.equal(get(component, 'version'), '2.1.0');
    const evidence = list(get(component, 'evidence', 'identity')).find((each) => get(each, 'field') === 'version');
    assert.equal(get(evidence, 'methods', 0, 'value'), '2.1.0 (aibom.enrich.yaml, version)');
  });

  it('never ends in an error of ours, whatever is in it', async () => {
    for (const text of [
      '',
      '[]',
      'a: &a [*a]\nb: *a\n',
      '\u0000',
      'datasets: 7\nmodel-index: [null]\nco2_eq_emissions: []\n',
      '{{',
      '__proto__: {x: 1}\n',
      'authors: [[["x"]]]\n',
    ])
      assert.equal(validateBom(await bomWith(text)).valid, true, text);
  });
});
