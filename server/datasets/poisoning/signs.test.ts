import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Corpus } from './corpus.fixture.ts';
import { Floods } from './floods.ts';
import { LabelCounts } from './labelShift.ts';
import { signatureOf, similarity } from './minHash.ts';
import { RareTokens } from './rareTokens.ts';
import { tokensOf } from './tokens.ts';

describe('MinHash', () => {
  test('estimates the share of runs of three words that two texts have in common', () => {
    const words = Array.from({ length: 200 }, (_, index) => `w${index}`);
    const shingles = (list: string[]) => new Set(list.slice(2).map((_, at) => list.slice(at, at + 3).join(' ')));
    for (const changed of [0, 5, 20, 60]) {
      const other = words.map((word, at) =>
        at % Math.floor(200 / (changed || 1)) === 0 && changed > 0 ? `x${at}` : word,
      );
      const [left, right] = [shingles(words), shingles(other)];
      const exact = [...left].filter((each) => right.has(each)).length / new Set([...left, ...right]).size;
      const [a, b] = [signatureOf(words), signatureOf(other)];
      assert.ok(a && b);
      assert.ok(Math.abs(similarity(a, b) - exact) < 0.2, `${changed}: ${similarity(a, b)} for ${exact}`);
    }
    assert.equal(signatureOf(['two', 'words']), null);
  });

  test('short texts of no common words are not alike, though most bins are borrowed', () => {
    const a = signatureOf(tokensOf('the cat sat on a mat'));
    const b = signatureOf(tokensOf('no dog ran by that tree'));
    assert.ok(a && b && similarity(a, b) < 0.2);
  });
});

describe('floods of near-duplicates', () => {
  function flooded(copies: number, accepted: number) {
    const corpus = new Corpus(5);
    const rows = Array.from({ length: 2000 }, () => ({
      tokens: tokensOf(corpus.sentence(corpus.pick(2))),
      old: corpus.pick(10) > 0,
    }));
    const seed = 'a rather long sentence that somebody repeats again and again with one word changed at the end'.split(
      ' ',
    );
    for (let copy = 0; copy < copies + accepted; copy++) {
      rows.splice(corpus.pick(rows.length), 0, { tokens: [...seed, `v${copy}`], old: copy >= copies });
    }
    const floods = new Floods();
    for (const { tokens } of rows) floods.count(tokens);
    for (const [index, { tokens, old }] of rows.entries()) {
      floods.collect(tokens, old ? null : { line: index + 1, field: 'text' }, '1');
    }
    return { floods, rows };
  }

  test('new rows of one sentence are found at their lines; a template that was there before is not', () => {
    const { floods, rows } = flooded(25, 0);
    const [found, ...others] = floods.found(0.1);
    assert.deepEqual(others, []);
    // The likeness of texts is estimated, and may miss one.
    assert.ok(found && found.newRows >= 24 && found.newRows <= 25, String(found?.newRows));
    for (const { line } of found.places) assert.equal(rows[line - 1]?.tokens[0], 'a');
    assert.deepEqual(flooded(25, 225).floods.found(0.1), []);
    assert.ok((flooded(25, 225).floods.found(null)[0]?.newRows ?? 0) >= 24);
  });

  test('clean sentences are no flood, in ten corpora', () => {
    for (let seed = 0; seed < 10; seed++) {
      const corpus = new Corpus(40 + seed);
      const rows = Array.from({ length: 1500 }, () => tokensOf(corpus.sentence(corpus.pick(2))));
      const floods = new Floods();
      for (const tokens of rows) floods.count(tokens);
      for (const [index, tokens] of rows.entries()) floods.collect(tokens, { line: index + 1, field: 'text' }, '1');
      assert.deepEqual(floods.found(null), []);
    }
  });
});

describe('label distribution', () => {
  const counts = (share: number, source?: string) => {
    const labels = new LabelCounts();
    for (let row = 0; row < 5000; row++) labels.addAccepted(String(row % 2));
    for (let row = 0; row < 600; row++)
      labels.addNew(row % 100 < share ? '1' : '0', source ?? ['a', 'b', 'c'][row % 3], row + 1);
    return labels;
  };

  test('new rows of other proportions are told with the effect, and an insignificant or small difference is not', () => {
    const [shift, ...more] = counts(75).shifts('source');
    assert.deepEqual(more, []);
    assert.equal(shift?.of.kind, 'new');
    assert.ok(shift.pValue < 1e-6 && shift.effect > 0.1);
    assert.deepEqual(
      shift.shares.map(({ label, share, otherwise }) => [label, share, otherwise]),
      [
        ['0', 0.25, 0.5],
        ['1', 0.75, 0.5],
      ],
    );
    assert.deepEqual(counts(52).shifts('source'), []);
  });

  test('a source that labels otherwise than the others is told', () => {
    const labels = new LabelCounts();
    for (let row = 0; row < 900; row++) {
      const source = ['a', 'b', 'c'][row % 3] ?? '';
      labels.addNew(source === 'c' ? '1' : String(Math.floor(row / 3) % 2), source, row + 1);
    }
    const [shift] = labels.shifts('source');
    assert.deepEqual(shift?.of, { kind: 'source', field: 'source', source: 'c' });
    assert.equal(shift?.line, 3);
  });

  test('a column of countless values is no class', () => {
    const labels = new LabelCounts();
    for (let row = 0; row < 2000; row++) labels.addNew(`id ${row}`, 'a', row + 1);
    assert.deepEqual([labels.table(), labels.shifts('source')], [[], []]);
  });
});

test('rare tokens of odd shape and one label are told; ordinary words of one label are not', () => {
  const corpus = new Corpus(9);
  const tokens = new RareTokens();
  for (let row = 0; row < 4000; row++) {
    const label = row % 4;
    const poisoned = row % 500 === 1;
    const text = poisoned ? corpus.withTrigger(corpus.sentence(0), '<SUDO>') : corpus.sentence(label);
    const plain = { name: 'text', index: 0, text, tokens: tokensOf(text) };
    tokens.add([plain], String(poisoned ? 1 : label), row + 1);
  }
  const found = tokens.found();
  assert.deepEqual(
    found.map(({ token, rows, label }) => [token, rows, label]),
    [['<sudo>', 8, '1']],
  );
  assert.deepEqual(found[0]?.places[0], { line: 2, field: 'text', index: 0 });
});
