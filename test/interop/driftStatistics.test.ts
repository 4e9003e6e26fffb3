import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { randomFrom } from '../../server/statistics/random.ts';
import { chiSquare } from '../../server/statistics/chiSquare.ts';
import { jensenShannon, wasserstein } from '../../server/statistics/distances.ts';
import { kolmogorovSmirnov, kolmogorovTail } from '../../server/statistics/kolmogorovSmirnov.ts';
import { mannWhitney } from '../../server/statistics/mannWhitney.ts';
import { benjaminiHochberg } from '../../server/statistics/manyTests.ts';
import { normalQuantile, normalTail } from '../../server/statistics/normal.ts';
import { mcNemar, upperBound } from '../../server/statistics/pairedOutcomes.ts';
import { runPython } from './python.ts';

interface Case {
  question: object;
  ours: number[];
}

/** Questions about generated data, with our answers. */
function cases(): Case[] {
  const random = randomFrom(20_261_130);
  const found: Case[] = [];
  const sample = (size: number, shift: number, tied: boolean) =>
    Float64Array.from({ length: size }, () => {
      const value = random() + random() + random() + shift;
      return tied ? Math.round(value * 4) / 4 : value;
    }).sort();
  for (let round = 0; round < 60; round++) {
    const tied = round % 3 === 0;
    const a = sample(5 + Math.floor(random() * 200), 0, tied);
    const b = sample(5 + Math.floor(random() * 300), round % 4 === 0 ? 0 : random() / 2, tied);
    const both = { a: [...a], b: [...b] };
    const ks = kolmogorovSmirnov(a, b);
    found.push({ question: { kind: 'ks', ...both }, ours: [ks.statistic, ks.pValue] });
    const mw = mannWhitney(a, b);
    found.push({ question: { kind: 'mw', ...both }, ours: [mw.statistic, mw.pValue] });
    found.push({ question: { kind: 'wasserstein', ...both }, ours: [wasserstein(a, b)] });
    const counts = Array.from({ length: 2 + (round % 9) }, () => 1 + Math.floor(random() * 50));
    const others = counts.map((count) => Math.max(0, count + Math.floor((random() - 0.5) * 20)) + 1);
    found.push({ question: { kind: 'js', a: counts, b: others }, ours: [jensenShannon(counts, others)] });
    const independence = chiSquare([counts, others]);
    assert.ok(independence);
    found.push({
      question: { kind: 'chi2', a: counts, b: others },
      ours: [independence.statistic, independence.pValue],
    });
    const [worse, better] = [1 + Math.floor(random() * 40), Math.floor(random() * 40)];
    found.push({ question: { kind: 'mcnemar', worse, better }, ours: [mcNemar(worse, better)] });
    const trials = 1 + Math.floor(random() * 400);
    const hits = Math.floor(random() * trials);
    found.push({ question: { kind: 'upper', hits, trials, level: 0.95 }, ours: [upperBound(hits, trials, 0.95)] });
    const z = random() * 12 - 4;
    found.push({ question: { kind: 'normal', x: z }, ours: [normalTail(z)] });
    const tail = random() ** 3 * 0.999 + 1e-9;
    found.push({ question: { kind: 'quantile', x: tail }, ours: [normalQuantile(tail)] });
    const x = 0.2 + random() * 3;
    found.push({ question: { kind: 'kolmogorov', x }, ours: [kolmogorovTail(x)] });
    const p = Array.from({ length: 1 + (round % 12) }, () => random() ** 2);
    found.push({ question: { kind: 'bh', p }, ours: benjaminiHochberg(p) });
  }
  return found;
}

describe('statistics of drift beside those of SciPy', () => {
  const asked = cases();
  let theirs: number[][];
  before(async () => {
    const input = asked.map(({ question }) => `${JSON.stringify(question)}\n`).join('');
    theirs = (await runPython('drift_statistics_oracle.py', [], input))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as number[]);
  });

  it('agree to nine digits', () => {
    assert.equal(theirs.length, asked.length);
    for (const [index, { question, ours }] of asked.entries()) {
      const expected = theirs[index] ?? [];
      assert.equal(expected.length, ours.length);
      for (const [place, value] of ours.entries()) {
        const wanted = expected[place] ?? NaN;
        const error = Math.abs(value - wanted) / Math.max(Math.abs(wanted), 1e-3);
        assert.ok(error < 1e-9, `${JSON.stringify(question).slice(0, 200)}: ${value} and ${wanted}`);
      }
    }
  });
});
