import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entryOf, leafAt } from './configTree.ts';
import { parseYaml } from './yaml.ts';

const many = Array.from({ length: 200 }, (_, index) => `k${index}: ${index}`).join('\n');

/** A mapping that is looked through, and one that is looked up. */
for (const [size, filling] of [
  ['short', 'k1: 1'],
  ['long', many],
] as const) {
  test(`a ${size} mapping: the last of a key counts, its own before what is merged in`, () => {
    const [document] = parseYaml(`x: &x {b: merged, c: merged}\nb: first\n${filling}\nb: own\n<<: *x\n`).documents;
    assert.equal(leafAt(document, 'b')?.value, 'own');
    assert.equal(leafAt(document, 'c')?.value, 'merged');
    assert.equal(leafAt(document, 'k1')?.value, 1);
    assert.equal(leafAt(document, 'constructor'), undefined);
  });

  test(`a ${size} mapping that merges itself, by way of another, ends`, () => {
    const [document] = parseYaml(
      `a: &a\n  <<: &b\n    <<: *a\n    c: 1\n  ${filling.replaceAll('\n', '\n  ')}\n`,
    ).documents;
    assert.equal(leafAt(document, 'a', 'c')?.value, 1);
    assert.equal(leafAt(document, 'a', 'd'), undefined);
  });
}

test('what is added to a mapping after a look-up is found', () => {
  const [document] = parseYaml(`${many}\n`).documents;
  assert.ok(document?.kind === 'mapping');
  assert.equal(entryOf(document, 'late'), undefined);
  const [first] = document.entries;
  assert.ok(first);
  document.entries.push({ ...first, key: 'late' });
  assert.equal(entryOf(document, 'late')?.value, first.value);
});
