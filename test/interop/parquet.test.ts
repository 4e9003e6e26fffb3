import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { FileSource } from '../../server/files/fileSource.ts';
import { MemorySource, type ByteSource } from '../../server/formats/source.ts';
import { fieldsOf } from '../../server/datasets/rows/fieldsOf.ts';
import { openRows } from '../../server/datasets/rows/openRows.ts';
import type { RowProblem } from '../../server/datasets/rows/row.ts';
import { runPython } from './python.ts';

describe('Parquet as pyarrow writes it', () => {
  let folder: string;
  let expected: string[][];
  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-parquet-'));
    const rows = JSON.parse(await runPython('make_parquet.py', [folder], '', 'venv-datasets')) as unknown[];
    expected = rows.map((row) =>
      fieldsOf(row)
        .fields.map(({ name, text }) => `${name}=${text}`)
        .sort(),
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function read(source: ByteSource, wanted = Infinity) {
    const problems: RowProblem[] = [];
    const rows: { line: number; fields: string[] }[] = [];
    const data = openRows(source, 'a.parquet');
    assert.equal(data?.format, 'parquet');
    let count = 0;
    for (const { line, fields } of data.rows({ onProblem: (problem) => problems.push(problem) })) {
      count++;
      if (rows.length < wanted) rows.push({ line, fields: fields.map(({ name, text }) => `${name}=${text}`).sort() });
    }
    return { rows, problems, count };
  }

  for (const name of ['none', 'snappy', 'gzip', 'brotli', 'zstd', 'v2', 'flat']) {
    test(`${name}: every row and field`, () => {
      const { rows, problems } = read(new FileSource(path.join(folder, `${name}.parquet`)));
      assert.deepEqual(problems, []);
      // 2^53 and more are exact here, and rounded by JSON.parse in the expectation.
      const plain = (fields: string[]) => fields.filter((each) => !each.startsWith('big='));
      const wanted = name === 'flat' ? (each: string) => /^(?:text|label)=/.test(each) : () => true;
      assert.deepEqual(
        rows.map(({ line, fields }) => [line, ...plain(fields)]),
        expected.map((fields, index) => [index + 1, ...plain(fields).filter(wanted)]),
      );
      if (name === 'none') assert.ok(rows[1]?.fields.includes('big=9007199254740993'));
    });
  }

  test('two million rows of one value are read window by window', () => {
    const { count, rows } = read(new FileSource(path.join(folder, 'repeated.parquet')), 3);
    assert.equal(count, 2_000_000);
    assert.deepEqual(rows[2], { line: 3, fields: ['text=the same text'] });
  });

  test('a page that expands without measure is told, and not expanded', () => {
    const { problems } = read(new FileSource(path.join(folder, 'bomb.parquet')));
    assert.equal(problems[0]?.kind, 'too-long');
    assert.match(problems[0]?.message ?? '', /expands to \d+ bytes/);
  });

  test('a broken footer, a cut and bytes that were changed are problems, and never more than that', () => {
    const bytes = readFileSync(path.join(folder, 'snappy.parquet'));
    const length = bytes.readUInt32LE(bytes.length - 8);
    for (const [what, broken] of [
      ['no footer', bytes.subarray(0, bytes.length - 100)],
      ['a footer of zeros', Buffer.concat([bytes.subarray(0, -8 - length), Buffer.alloc(length), bytes.subarray(-8)])],
      [
        'a length that lies',
        Buffer.concat([bytes.subarray(0, -8), Buffer.from([255, 255, 255, 127]), Buffer.from('PAR1')]),
      ],
    ] as const) {
      const { rows, problems } = read(new MemorySource(broken));
      assert.deepEqual(rows, [], what);
      assert.deepEqual([problems.length, problems[0]?.kind], [1, 'malformed'], what);
    }
    const changed = Buffer.from(bytes);
    changed.fill(0xff, 200, 240);
    const { count, problems } = read(new MemorySource(changed));
    assert.equal(count, 1000);
    assert.ok(problems.length >= 1);
    for (let seed = 0; seed < 300; seed++) {
      const flipped = Buffer.from(bytes);
      for (let turn = 0; turn < 3; turn++) {
        const at = (seed * 7919 + turn * 104_729) % bytes.length;
        flipped[at] = (flipped[at] ?? 0) ^ (1 << ((seed + turn) % 8));
      }
      if (flipped.subarray(0, 4).toString() === 'PAR1') read(new MemorySource(flipped));
    }
  });
});
