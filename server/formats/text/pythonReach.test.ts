import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unmatchedBrackets } from './pythonReach.ts';

test('brackets count that stand in no string and no remark, and have no counterpart', () => {
  const cases: [part: string, unmatched: string | null][] = [
    ['f(a, [1, {2: 3}])\n', ''],
    ['f(a, [1', '(['],
    ['1]) + f(', '])('],
    ['(]', '(]'],
    ['f(")", \')\', f"{x})", r"\\\\")', ''],
    ['# (\n)', ')'],
    ['"""a ( " \'\'\' """ (', '('],
    // A string of one quote ends with its line.
    ['f("a)\n', '('],
    ['x = "a\\\nb("\n', ''],
    ['"" (', '('],
    ['"""a\\""" (', null],
    ["x = '''a\n(", null],
  ];
  for (const [part, unmatched] of cases) assert.equal(unmatchedBrackets(part), unmatched, part);
});
