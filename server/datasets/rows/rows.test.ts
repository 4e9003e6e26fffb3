import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../formats/source.ts';
import { openRows } from './openRows.ts';
import { rowLimits, type Row, type RowProblem } from './row.ts';

function read(name: string, content: string | Uint8Array): { rows: Row[]; problems: RowProblem[] } {
  const source = openRows(new MemorySource(typeof content === 'string' ? Buffer.from(content) : content), name);
  assert.ok(source);
  const problems: RowProblem[] = [];
  return { rows: [...source.rows({ onProblem: (problem) => problems.push(problem) })], problems };
}

const flat = ({ line, fields }: Row) => [line, ...fields.map(({ name, text }) => `${name}=${text}`)];

describe('JSON Lines', () => {
  test('nested texts are named by their keys, lists without their places', () => {
    const chat =
      '{"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yes"}],"n":1.5,"z":null}\n';
    assert.deepEqual(read('a.jsonl', chat).rows.map(flat), [
      [1, 'messages.role=user', 'messages.content=hi', 'messages.role=assistant', 'messages.content=yes', 'n=1.5'],
    ]);
  });

  test('a broken line is told at its place, without a word of its content, and the rest is read', () => {
    const { rows, problems } = read('a.jsonl', '{"a":1}\r\n\r\n{"a":"secret-9\r\n{"a":3}');
    assert.deepEqual(rows.map(flat), [
      [1, 'a=1'],
      [4, 'a=3'],
    ]);
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [[3, 'malformed']],
    );
    assert.doesNotMatch(JSON.stringify(problems), /secret/);
  });

  test('a record that is too long is skipped in bounded memory, and told', () => {
    const long = Buffer.alloc(rowLimits.recordBytes + 10, 'x');
    const { rows, problems } = read(
      'a.jsonl',
      Buffer.concat([Buffer.from('{"a":1}\n'), long, Buffer.from('\n{"a":2}\n')]),
    );
    assert.deepEqual(rows.map(flat), [
      [1, 'a=1'],
      [3, 'a=2'],
    ]);
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [[2, 'too-long']],
    );
  });

  test('deep nesting and many keys end', () => {
    const deep = `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`;
    const wide = JSON.stringify(Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index])));
    const { rows } = read('a.jsonl', `{"b":1}\n${deep}\n${wide}\n`);
    assert.deepEqual(
      rows.map(({ fields }) => fields.length),
      [1, 0, rowLimits.fields],
    );
  });
});

describe('separated values', () => {
  test('quoted cells hold delimiters, quotes and line ends; lines are counted on', () => {
    const text = 'text,label\n"a, ""b""\nc",1\nplain,0\n,\n"tail"x,2\n';
    assert.deepEqual(read('a.csv', text).rows.map(flat), [
      [2, 'text=a, "b"\nc', 'label=1'],
      [4, 'text=plain', 'label=0'],
      [5],
      [6, 'text=tailx', 'label=2'],
    ]);
  });

  test('semicolons and tabs are told from the header', () => {
    assert.deepEqual(read('a.csv', 'a;b\n1;2,5\n').rows.map(flat), [[2, 'a=1', 'b=2,5']]);
    assert.deepEqual(read('a.tsv', 'a\tb\n1\t2\n').rows.map(flat), [[2, 'a=1', 'b=2']]);
  });

  test('a shifting number of cells is told at its line, and read', () => {
    const { rows, problems } = read('a.csv', 'a,b\n1,2\n3\n4,5,6\n');
    assert.deepEqual(rows.map(flat), [
      [2, 'a=1', 'b=2'],
      [3, 'a=3'],
      [4, 'a=4', 'b=5', 'column 3=6'],
    ]);
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [
        [3, 'column-count'],
        [4, 'column-count'],
      ],
    );
  });

  test('a quote that nobody closes is told where it begins', () => {
    const { problems } = read('a.csv', 'a,b\n1,"open\n2,3\n');
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [[2, 'malformed']],
    );
  });

  test('a column with the name of a part of every object is a column', () => {
    assert.deepEqual(read('a.csv', '__proto__,constructor\n1,2\n').rows.map(flat), [
      [2, '__proto__=1', 'constructor=2'],
    ]);
  });
});

describe('encodings', () => {
  test('UTF-16 with a mark, both ways round', () => {
    const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('a,b\n1,\u010a\n', 'utf16le')]);
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big]) assert.deepEqual(read('a.csv', bytes).rows.map(flat), [[2, 'a=1', 'b=\u010a']]);
  });

  test('the first line that is no UTF-8 is told, and none after it', () => {
    const { rows, problems } = read('a.txt', Buffer.from('ok\ncaf\xe9\ncaf\xe9\n', 'latin1'));
    assert.deepEqual(rows.map(flat), [
      [1, 'text=ok'],
      [2, 'text=caf\ufffd'],
      [3, 'text=caf\ufffd'],
    ]);
    assert.deepEqual(
      problems.map(({ line, kind }) => [line, kind]),
      [[2, 'encoding']],
    );
  });

  test('a byte order mark belongs to no column', () => {
    assert.deepEqual(read('a.csv', '\ufeffa,b\n1,2\n').rows.map(flat), [[2, 'a=1', 'b=2']]);
  });

  test('bytes that are no text are not read as such', () => {
    assert.equal(openRows(new MemorySource(Uint8Array.of(80, 75, 0, 0, 1)), 'a.csv'), null);
  });
});
