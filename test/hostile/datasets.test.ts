import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { MemorySource, type ByteSource } from '../../server/formats/source.ts';
import { makeWorkspace } from '../../server/engine/workspace.fixture.ts';
import { openRows } from '../../server/datasets/rows/openRows.ts';
import type { Row, RowProblem } from '../../server/datasets/rows/row.ts';
import { weighbridge } from '../cli/weighbridge.ts';

/** All rows' lines and all problems. What a row holds is not kept. */
function read(source: ByteSource, name: string): { lines: number[]; problems: RowProblem[]; last: Row | undefined } {
  const rows = openRows(source, name);
  assert.ok(rows);
  const problems: RowProblem[] = [];
  const lines: number[] = [];
  let last: Row | undefined;
  for (const row of rows.rows({ onProblem: (problem) => problems.push(problem) })) {
    lines.push(row.line);
    last = row;
  }
  return { lines, problems, last };
}

/** A head, so many bytes of one character, and a tail, none of which is in memory. */
class LongSource implements ByteSource {
  readonly #head: Buffer;
  readonly #tail: Buffer;
  readonly #middle: number;
  readonly size: number;

  constructor(head: string, middle: number, tail: string) {
    this.#head = Buffer.from(head);
    this.#tail = Buffer.from(tail);
    this.#middle = middle;
    this.size = this.#head.length + middle + this.#tail.length;
  }

  read(position: number, length: number): Uint8Array {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - position)), 'x');
    for (const [part, at] of [
      [this.#head, 0],
      [this.#tail, this.#head.length + this.#middle],
    ] as const) {
      for (let index = 0; index < part.length; index++) {
        const to = at + index - position;
        if (to >= 0 && to < bytes.length) bytes[to] = part[index] ?? 0;
      }
    }
    return bytes;
  }
}

describe('data that is broken, or made to break who reads it', () => {
  test('broken JSON in line 712,003 is told there, and all others are read', () => {
    const rows = Array.from({ length: 712_010 }, (_, index) =>
      index === 712_002 ? '{"text": "half' : `{"n":${index}}`,
    );
    const { lines, problems, last } = read(new MemorySource(Buffer.from(rows.join('\n'))), 'a.jsonl');
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [[712_003, 'malformed']],
    );
    assert.equal(lines.length, 712_009);
    assert.deepEqual([last?.line, last?.fields], [712_010, [{ name: 'n', text: '712009' }]]);
  });

  test('a line of 200 MB is told, and never in memory', () => {
    for (const name of ['a.jsonl', 'a.csv', 'a.txt', 'a.json']) {
      const json = name === 'a.json';
      const source = new LongSource(
        json ? '[{"text":"one"},\n"' : name === 'a.csv' ? 'text\none\n' : '{"text":"one"}\n',
        200 * 1024 * 1024,
        json ? '",\n{"text":"two"}]' : name === 'a.csv' ? '\ntwo\n' : '\n{"text":"two"}\n',
      );
      const { lines, problems } = read(source, name);
      assert.deepEqual(lines, name === 'a.csv' ? [2, 4] : [1, 3], name);
      const at = name === 'a.csv' ? 3 : 2;
      assert.deepEqual(
        problems.map(({ line, kind }) => [line, kind]),
        [[at, 'too-long']],
        name,
      );
    }
    // Far below the line, whatever the tests before have left behind.
    assert.ok(process.memoryUsage().arrayBuffers < 150 * 1024 * 1024);
  });

  test('encodings that change in the middle are told where they do, and the rest is read', () => {
    const bytes = Buffer.concat([
      Buffer.from('{"text":"caf\u00e9"}\n'),
      Buffer.from('{"text":"caf\u00e9"}\n', 'latin1'),
      Buffer.from('{"text":"na\u00efve"}\n'),
    ]);
    const { lines, problems } = read(new MemorySource(bytes), 'a.jsonl');
    assert.deepEqual(lines, [1, 2, 3]);
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [[2, 'encoding']],
    );
  });

  test('a compressed bomb is stopped at its ratio; what came before is read, and that it was stopped is told', () => {
    const bomb = gzipSync(Buffer.concat([Buffer.from('{"text":"first"}\n'), Buffer.alloc(300 << 20, ' ')]), {
      level: 9,
    });
    const { lines, problems } = read(new MemorySource(bomb), 'a.jsonl.gz');
    assert.deepEqual(lines, [1]);
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ['too-long', 'cut-off'],
    );
    assert.match(problems[1]?.message ?? '', /was not read any further/);
  });

  test('honest compressed data of several streams is read whole', () => {
    const part = (from: number) =>
      gzipSync(Array.from({ length: 30_000 }, (_, index) => `{"text":"row number ${from + index}"}\n`).join(''));
    const { lines, problems } = read(new MemorySource(Buffer.concat([part(0), part(30_000)])), 'a.jsonl.gz');
    assert.equal(lines.length, 60_000);
    assert.deepEqual(problems, []);
  });

  test('a CSV of shifting columns is told at each line that shifts', () => {
    const rows = ['text,label', 'a,1', 'b', 'c,1,2', 'd,0'];
    const { lines, problems } = read(new MemorySource(Buffer.from(rows.join('\n'))), 'a.csv');
    assert.deepEqual(lines, [2, 3, 4, 5]);
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [
        [3, 'column-count'],
        [4, 'column-count'],
      ],
    );
  });
});

test(
  'no value of a person is in any output, whichever way it got into the data',
  { timeout: 600_000 },
  async (context) => {
    const planted = {
      email: 'ann.smith@example.org',
      card: '4111 1111 1111 1111',
      iban: 'DE89 3704 0044 0532 0130 00',
      ssn: '536-90-4399',
      phone: '+44 20 7946 0958',
      wallet: '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa',
      nhs: '943 476 5919',
    };
    const words = 'screen battery hinge cable lamp kettle mirror drawer pillow bottle'.split(' ');
    const ordinary = Array.from({ length: 120 }, (_, row) => ({
      text: `the ${words[row % 10]} of my ${words[(row * 7) % 10]} is number ${row}`,
      label: String(row % 2),
      ssn: '',
      source: 'shop',
    }));
    const { email, card, iban, ssn, phone, wallet, nhs } = planted;
    // As phrases that are new, as labels, as a source, as a number that only its field names, in floods and in broken records.
    const added = Array.from({ length: 14 }, (_, row) => ({
      text: `${email} bought the ${words[row % 10]} with ${card} and ${iban} ${phone} ${wallet} NHS ${nhs} SSN ${ssn} today`,
      label: row % 2 === 0 ? email : '1',
      ssn,
      source: email,
    }));
    const lines = (rows: object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    const csv = `text,label,${email}\n${added.map(({ text }) => `"${text}",1,${card}`).join('\n')}\n`;
    const { root } = makeWorkspace(context, {
      'old.jsonl': lines(ordinary),
      'new.jsonl': `${lines(ordinary)}${lines(added)}{"text": "${email} ${card}\n`,
      'cells.csv': csv,
    });
    const runs: string[][] = [];
    for (const format of ['text', 'json', 'sarif']) {
      runs.push([
        'scan',
        'new.jsonl',
        '--baseline',
        'old.jsonl',
        '--format',
        format,
        '--scores',
        `scores-${format}.jsonl`,
      ]);
      runs.push(['scan', 'new.jsonl', 'cells.csv', '--format', format]);
    }
    runs.push(['mark', 'new.jsonl', '--line', '121', '--as', 'poisoned', '--reason', 'planted']);
    runs.push(
      ['redact', 'new.jsonl'],
      ['redact', 'cells.csv', '--format', 'json'],
      ['export', 'cells.csv', '--out', 'new.jsonl'],
    );
    const bare = (text: string) => text.replace(/[\s-]/g, '').toLowerCase();
    const { readFileSync } = await import('node:fs');
    for (const args of runs) {
      const { stdout, stderr, code } = await weighbridge(root, ['dataset', ...args]);
      assert.ok(code !== null && code <= 2);
      assert.ok(stdout.length + stderr.length > 20, args.join(' '));
      const written = args.includes('--scores') ? readFileSync(`${root}/${args.at(-1)}`, 'utf8') : '';
      const said = bare(`${stdout}${stderr}${written}`);
      for (const [kind, value] of Object.entries(planted)) {
        assert.ok(!said.includes(bare(value)), `${kind} is in the output of dataset ${args.join(' ')}`);
      }
      if (args[0] === 'scan') assert.match(said, /personaldata/);
    }
    const kept = ['weighbridge-marks.jsonl', 'new.redacted.jsonl', 'cells.redacted.csv'].map((name) =>
      readFileSync(`${root}/${name}`, 'utf8'),
    );
    for (const [kind, value] of Object.entries(planted)) {
      for (const text of kept.slice(0, 2)) assert.ok(!bare(text).includes(bare(value)), kind);
    }
    assert.match(
      kept[1] ?? '',
      /\[email\] bought the .* with \[card\] and \[iban\] \[phone\] \[wallet\] NHS \[uk-nhs\] SSN \[us-ssn\]/,
    );
  },
);
