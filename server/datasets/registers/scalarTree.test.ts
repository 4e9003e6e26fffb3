import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EditedYaml } from '../../formats/text/editedYaml.ts';
import { documentTrees, type ScalarTree } from './scalarTree.ts';

/** Paths and values of a tree. */
function written(tree: ScalarTree, path = ''): string[] {
  const own = tree.scalar ? [`${path}=${String(tree.scalar.value)}`] : [];
  return [...own, ...tree.children().flatMap((child) => written(child, `${path}/${child.key}`))];
}

test('trees of a text that changes: items move, and what is written twice has both', () => {
  const edited = new EditedYaml();
  const trees = (text: string) => documentTrees(edited.parse(text).documents);
  const [before] = trees('list:\n  - {a: 1}\n  - {b: 2}\nempty: []\n---\nother: true\n');
  assert.ok(before);
  assert.deepEqual(written(before), ['/list/0/a=1', '/list/1/b=2']);
  const [now, other] = trees('list:\n  - {c: 0}\n  - {a: 1}\n  - {b: 2}\nempty: []\n---\nother: true\n');
  assert.ok(now && other);
  assert.deepEqual(written(now), ['/list/0/c=0', '/list/1/a=1', '/list/2/b=2']);
  assert.deepEqual(written(other), ['/other=true']);
  const [twice] = trees('a: {x: 1, y: 1}\na: {y: 2, z: 3}\n');
  assert.ok(twice);
  assert.deepEqual(written(twice), ['/a/x=1', '/a/y=2', '/a/z=3']);
});
