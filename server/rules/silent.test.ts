import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unlessSilent } from './silent.ts';

test('a part about which nothing was said is not looked at again, and any other is', () => {
  const looked: string[] = [];
  const check = unlessSilent((part: { name: string }, report, message: string) => {
    looked.push(part.name);
    if (part.name === 'bad') report({ message, location: {} });
  });
  const [good, bad] = [{ name: 'good' }, { name: 'bad' }];
  const said: string[] = [];
  for (const message of ['first', 'second'])
    for (const part of [good, bad]) check(part, ({ message: text }) => said.push(text), message);
  assert.deepEqual(looked, ['good', 'bad', 'bad']);
  assert.deepEqual(said, ['first', 'second']);
});
