import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stack } from './stack.ts';
import { emptyTuple, Mapping, type Value } from './values.ts';

function slotsOf(values: Value[], marks = 0): number {
  const stack = new Stack(false);
  stack.values = values;
  stack.marks = Array.from({ length: marks }, () => 0);
  return stack.slots;
}

test('a large stack is weighed by what stands on it', () => {
  const count = 100_000;
  const plain = slotsOf(Array.from({ length: count }, (_, index) => index));
  assert.equal(slotsOf(Array.from({ length: count }, () => emptyTuple)), plain);
  const objects = slotsOf(Array.from({ length: count }, () => new Mapping()));
  assert.ok(objects > 3 * plain, `${objects} slots, and ${plain} for numbers`);
  const mixed = slotsOf(Array.from({ length: count }, (_, index) => (index % 3 === 0 ? new Mapping() : index)));
  assert.ok(mixed > plain && mixed < objects, `${mixed}`);
  assert.ok(slotsOf([], 1_000) > 0);
});
