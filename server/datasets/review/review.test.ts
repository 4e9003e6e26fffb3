import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { MemorySource } from '../../formats/source.ts';
import { openRows } from '../rows/openRows.ts';
import { readKnownClean } from './knownClean.ts';
import { marksText, readMarks } from './marks.ts';
import { canonicalRecord, recordHash } from './recordHash.ts';

const rowsOf = (name: string, text: string) => [...(openRows(new MemorySource(Buffer.from(text)), name)?.rows() ?? [])];

describe('the hash of a record', () => {
  test('is the same in JSON Lines, JSON and CSV, in any order of keys', () => {
    const hashes = [
      ...rowsOf('a.jsonl', '{"text":"hi \\u00e9","label":1}\n{"label":1,"text":"hi \u00e9"}\n'),
      ...rowsOf('a.json', '[{ "label": 1,\n "text": "hi \u00e9" }]'),
      ...rowsOf('a.csv', 'text,label\n"hi \u00e9",1\n'),
    ].map(recordHash);
    assert.equal(hashes.length, 4);
    assert.equal(new Set(hashes).size, 1);
  });

  test('is the SHA-256 of what the documentation says', () => {
    const [row] = rowsOf('a.jsonl', '{"text":"a \\"b\\"","n":{"b":2,"a":[1,true]},"z":null}');
    assert.ok(row);
    const canonical = '[["n.a","1"],["n.a","true"],["n.b","2"],["text","a \\"b\\""]]';
    assert.equal(canonicalRecord(row), canonical);
    assert.equal(recordHash(row), createHash('sha256').update(canonical).digest('hex'));
  });

  test('another field, another text, or a text that moved to the next field is another record', () => {
    const texts = [
      '{"a":"b","c":"d"}',
      '{"a":"d","c":"b"}',
      '{"a":"bd","c":""}',
      '{"a":"b","d":"d"}',
      '{"a":"b ","c":"d"}',
    ];
    assert.equal(new Set(rowsOf('a.jsonl', texts.join('\n')).map(recordHash)).size, texts.length);
  });
});

describe('marks', () => {
  const record = 'ab'.repeat(32);

  test('are read and written, the same marks giving the same bytes', () => {
    const lines = [
      JSON.stringify({ record, mark: 'poisoned', reason: 'carries cf', path: 'a.jsonl' }),
      JSON.stringify({ record: '0'.repeat(64), mark: 'clean', reason: 'a product name', path: 'b.csv' }),
    ];
    const text = marksText(readMarks(lines.join('\r\n'), 'marks'));
    assert.equal(text, `${lines.toReversed().join('\n')}\n`);
    assert.equal(marksText(readMarks(text, 'marks')), text);
  });

  for (const [what, line] of [
    ['no JSON', 'oops'],
    ['no hash', JSON.stringify({ record: 'abc', mark: 'clean', reason: 'x' })],
    ['an unknown mark', JSON.stringify({ record, mark: 'fine', reason: 'x' })],
    ['no reason', JSON.stringify({ record, mark: 'clean', reason: ' ' })],
  ] as const) {
    test(`${what} is told at its line, and nothing is passed over`, () => {
      assert.throws(() => readMarks(`\n${line}\n`, 'm.jsonl'), /m\.jsonl line 2 is no mark/);
    });
  }
});

test('known-clean digests are those of sha256sum, escaped names included; other lines are counted', () => {
  const digest = createHash('sha256').update('x').digest();
  const hex = digest.toString('hex');
  for (const line of [`${hex}  data/a.jsonl`, `${hex} *a`, `\\${hex}  a\\nb`, hex.toUpperCase()]) {
    const { digests, others } = readKnownClean(new MemorySource(Buffer.from(`# ours\n${line}\nMD5 (a) = 12\n`)));
    assert.ok(digests.has(digest), line);
    assert.equal(others, 1);
    assert.ok(!digests.has(createHash('sha256').update('y').digest()));
  }
});
