import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callsTo, callsWith, keywordsIn } from './pythonCalls.ts';
import { parsePython } from './python.ts';

test('calls are found by what they call and by their keywords, in the order of the text', async () => {
  const { calls } = await parsePython(`import torch
b.load(x=1)
torch.load("a", y=2, __proto__=3)
b.load(x={"y": 3})
other()
`);
  const lines = (found: typeof calls) => found.map(({ callee, range }) => `${range.line} ${callee}`);
  assert.deepEqual(lines(callsTo(calls, /load$/)), ['2 b.load', '3 torch.load', '4 b.load']);
  assert.deepEqual(lines(callsTo(calls, (callee) => callee === 'torch.load')), ['3 torch.load']);
  assert.deepEqual(callsTo(calls, /^load$/), []);
  assert.deepEqual(lines(callsWith(calls, 'x')), ['2 b.load', '4 b.load']);
  assert.deepEqual(lines(callsWith(calls, 'y')), ['3 torch.load', '4 dict']);
  assert.deepEqual(lines(callsWith(calls, '__proto__')), ['3 torch.load']);
  assert.deepEqual(callsWith(calls, 'constructor'), []);
  assert.deepEqual([...keywordsIn(calls)], ['x', 'y', '__proto__']);
});
