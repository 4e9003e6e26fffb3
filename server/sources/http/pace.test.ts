import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from './pace.ts';

test('a byte now and then is too slow, after whatever came before', () => {
  const pace = new Pace();
  assert.ok(pace.keeps(10, 4e9));
  const trickle = Array.from({ length: 6 }, () => pace.keeps(29_000, 1));
  assert.deepEqual(trickle, [true, true, true, true, true, false]);
});

test('a slow network is none, and neither is who reads slowly', () => {
  const pace = new Pace();
  for (let minute = 0; minute < 10; minute++) assert.ok(pace.keeps(60_000, 60 * 300));
  assert.ok(pace.keeps(0, 1));
});
