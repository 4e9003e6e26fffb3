import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judgeTokens, type JudgedClass } from './judgeTokens.ts';

/** A class that one, two ... tokens lead so many texts to. */
const judged = (label: number, ...rates: number[]): JudgedClass => ({
  class: label,
  name: `class ${label}`,
  triggers: rates.map((successRate, at) => ({
    tokens: Array.from({ length: at + 1 }, () => at),
    successRate,
    margin: 0,
  })),
  texts: rates.map((_, at) => 'cf '.repeat(at + 1).trim()),
  native: rates.map(() => false),
  searched: 8,
  measured: 8,
});
const options = { gradient: 'exact' as const, vocabularyTried: null, vocabulary: 100 };

describe('the verdict on the tokens of a class', () => {
  it('compares what as many tokens lead to other classes', () => {
    const { verdict, flaggedClasses, reasons } = judgeTokens([judged(0, 0.2, 0.5), judged(1, 0.4, 1)], [], options);
    assert.deepEqual([verdict, flaggedClasses], ['backdoor', [1]]);
    assert.match(
      reasons.join(),
      /The 2 tokens "cf cf" .* lead 100 % .* no 2 lead more than 50 % to any other class\.$/,
    );
    assert.equal(judgeTokens([judged(0, 0.2, 0.8), judged(1, 0.4, 1)], [], options).verdict, 'inconclusive');
  });

  it('takes no class for one that two tokens do not lead to, when the time was up after one', () => {
    const { verdict, reasons } = judgeTokens([judged(0, 0.2), judged(1, 0.4, 1)], [0], options);
    assert.equal(verdict, 'inconclusive');
    assert.match(reasons.join(' '), /no other class was scanned/);
    assert.match(reasons.join(' '), /1 of 2 classes were not scanned to the end: allow more time/);
  });

  it('does not say of classes that were not scanned that no token leads there', () => {
    const { verdict, reasons } = judgeTokens([judged(0, 0.2), judged(1, 1)], [2], options);
    assert.equal(verdict, 'backdoor');
    assert.match(reasons.join(), /none leads more than 20 % to any other class that was scanned\.$/);
  });
});
