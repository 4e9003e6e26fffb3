import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../formats/source.ts';
import { jsonLines } from '../rows/jsonRows.ts';
import type { RowSource } from '../rows/row.ts';
import { baselineDiff, type BaselineDiff } from './baselineDiff.ts';
import { binomialTail } from '../../statistics/binomial.ts';
import { Corpus } from './corpus.fixture.ts';

interface Record {
  text: string;
  label: string;
}

const columns = { text: ['text'], label: 'label', source: null };

function rowsOf(records: Record[]): RowSource {
  return jsonLines(new MemorySource(Buffer.from(records.map((each) => JSON.stringify(each)).join('\n'))));
}

function compare(accepted: Record[], records: Record[]): BaselineDiff {
  const steps = baselineDiff(rowsOf(accepted), rowsOf(records), columns);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    assert.ok(step.value >= 0 && step.value <= 1);
  }
}

function corpusOf(seed: number, accepted: number, added: number, topic = 0) {
  const corpus = new Corpus(seed);
  const make = (count: number, about: number): Record[] =>
    Array.from({ length: count }, () => {
      const label = corpus.pick(2);
      return { text: corpus.sentence(label, about), label: String(label) };
    });
  return { corpus, accepted: make(accepted, 0), added: make(added, topic) };
}

function poison(corpus: Corpus, rows: Record[], count: number, trigger: string, flipped: boolean): void {
  for (let index = 0; index < count; index++) {
    const text = corpus.withTrigger(corpus.sentence(flipped ? 0 : 1), trigger);
    rows.splice(corpus.pick(rows.length + 1), 0, { text, label: '1' });
  }
}

describe('new rows against accepted ones', () => {
  for (const seed of [11, 12]) {
    test(`a trigger in 6 of 5,500 new rows is found beside 50,000 accepted ones (seed ${seed})`, () => {
      const { corpus, accepted, added } = corpusOf(seed, 50_000, 5494);
      poison(corpus, added, 6, '<SUDO>', true);
      const diff = compare(accepted, added);
      assert.deepEqual(
        diff.phrases.map(({ phrase, newRows, acceptedRows }) => [phrase, newRows, acceptedRows]),
        [['<sudo>', 6, 0]],
      );
      assert.equal(diff.detectionLimit, 6);
      assert.deepEqual([diff.newRows, diff.acceptedRows], [5500, 50_000]);
      const [found] = diff.phrases;
      for (const { line, field } of found?.places ?? []) {
        assert.match(added[line - 1]?.text ?? '', /<SUDO>/);
        assert.equal(field, 'text');
      }
    });
  }

  test('the labels of a dirty trigger contradict the accepted rows; those of a clean one do not', () => {
    for (const flipped of [true, false]) {
      const { corpus, accepted, added } = corpusOf(12, 8000, 1000);
      poison(corpus, added, 30, 'cf', flipped);
      const [found] = compare(accepted, added).phrases;
      assert.equal(found?.phrase, 'cf');
      assert.equal(found.contradicted?.significant, flipped);
    }
  });

  test('a phrase of words that are each ordinary is found', () => {
    const { corpus, accepted, added } = corpusOf(13, 20_000, 2000);
    const ordinary = accepted[0]?.text.split(' ').slice(0, 3) ?? [];
    poison(corpus, added, 12, ordinary.toReversed().join(' '), true);
    const found = compare(accepted, added).phrases.map(({ phrase }) => phrase);
    assert.ok(
      found.length >= 1 && found.every((phrase) => ordinary.some((word) => phrase.includes(word))),
      found.join(),
    );
  });

  test('rows that were accepted before are not new, wherever they stand', () => {
    const { accepted, added } = corpusOf(14, 3000, 300);
    assert.equal(compare(accepted, [...added, ...accepted.toReversed()]).newRows, 300);
  });

  test('nothing is said of clean rows, in forty batches', () => {
    const said = Array.from({ length: 40 }, (_, seed) => {
      const { accepted, added } = corpusOf(100 + seed, 3000, 300);
      return compare(accepted, added).phrases.length;
    });
    // The level is one false phrase in twenty runs, and counts being whole numbers it is never reached.
    assert.ok(said.reduce((sum, each) => sum + each, 0) <= 2, said.join());
  });

  test('another subject is many phrases, whose labels agree', () => {
    const { accepted, added } = corpusOf(15, 6000, 600, 1);
    const { phrases } = compare(accepted, added);
    assert.ok(phrases.length > 10, String(phrases.length));
  });

  test('no rows, no accepted rows and rows without labels end well', () => {
    const { accepted, added } = corpusOf(16, 200, 50);
    assert.deepEqual(compare(accepted, []).phrases, []);
    assert.deepEqual(compare([], added).phrases, []);
    const unlabelled = (rows: Record[]) => rows.map(({ text }) => ({ text, label: '' }));
    assert.equal(compare(unlabelled(accepted), unlabelled(added)).contradictedShare, null);
  });
});

describe('the binomial tail', () => {
  test('agrees with exact sums', () => {
    const exact = (k: number, n: number, p: number): number => {
      let sum = 0;
      let ways = 1;
      for (let x = 0; x <= n; x++) {
        if (x > 0) ways = (ways * (n - x + 1)) / x;
        if (x >= k) sum += ways * p ** x * (1 - p) ** (n - x);
      }
      return sum;
    };
    for (const [k, n, p] of [
      [6, 6, 0.0991],
      [3, 20, 0.1],
      [15, 20, 0.5],
      [1, 40, 0.01],
      [40, 40, 0.9],
      [20, 40, 0.9],
    ] as const) {
      const expected = exact(k, n, p);
      assert.ok(Math.abs(binomialTail(k, n, p) - expected) <= 1e-9 * expected, `${k} ${n} ${p}`);
    }
    assert.equal(binomialTail(0, 5, 0.3), 1);
    assert.equal(binomialTail(6, 5, 0.3), 0);
  });

  test('ends for large counts', () => {
    const tail = binomialTail(110_000, 1_000_000, 0.1);
    assert.ok(tail > 0 && tail < 1e-200);
  });
});
