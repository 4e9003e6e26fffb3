import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { MemorySource } from '../../formats/source.ts';
import { openRows } from './openRows.ts';
import { rowSpan, spanIn } from './places.ts';
import type { RowProblem } from './row.ts';

function open(name: string, text: string) {
  const source = openRows(new MemorySource(Buffer.from(text)), name);
  assert.ok(source);
  return source;
}

/** What stands at each place that a field's part is said to have, cut out of the file by lines and columns. */
function shown(name: string, text: string, field: string, part?: [number, number]): string[] {
  const source = open(name, text);
  const lines = text.replaceAll('\r', '').split('\n');
  const found: string[] = [];
  for (const row of source.rows()) {
    for (const [index, each] of row.fields.entries()) {
      if (each.name !== field) continue;
      const place = source.place(row, index, ...(part ?? []));
      assert.ok(place);
      const { line, column, endLine, endColumn } = spanIn(row, place.offset, place.length);
      const within = lines.slice(line - 1, endLine);
      within[within.length - 1] = (within.at(-1) ?? '').slice(0, endColumn - 1);
      within[0] = (within[0] ?? '').slice(column - 1);
      found.push(within.join('\n'));
    }
  }
  return found;
}

describe('the place of a field', () => {
  test('JSON Lines: past escapes, in nested lists, of the last of two keys', () => {
    const text =
      '{"a":"x", "text":"one\\u00e9 \\"two\\" three"}\n{"m":[{"c":"p"},{"c":"q\\n!"}],"text":"last","n":12}\n{"text":"old","text":"new"}\n';
    assert.deepEqual(shown('a.jsonl', text, 'text'), ['one\\u00e9 \\"two\\" three', 'last', 'new']);
    assert.deepEqual(shown('a.jsonl', text.split('\n')[0] ?? '', 'text', [5, 10]), ['\\"two\\"']);
    assert.deepEqual(shown('a.jsonl', text, 'm.c'), ['p', 'q\\n!']);
    assert.deepEqual(shown('a.jsonl', text, 'n'), ['12']);
  });

  test('keys that are whole numbers come first, as JSON.parse has them', () => {
    assert.deepEqual(shown('a.jsonl', '{"b":"second","1":"first","":"third"}', 'b'), ['second']);
  });

  test('CSV: quoted cells with quotes, commas and line ends', () => {
    const text = 'id,text,label\r\n1,"a ""b"", c",0\r\n2,"two\nlines",1\r\n3,plain,2\r\n';
    assert.deepEqual(shown('a.csv', text, 'text'), ['a ""b"", c', 'two\nlines', 'plain']);
    assert.deepEqual(shown('a.csv', text.split('\r\n').slice(0, 2).join('\r\n'), 'text', [2, 5]), ['""b""']);
    assert.deepEqual(shown('a.csv', text, 'label'), ['0', '1', '2']);
  });

  test('a JSON document: elements on one line and over several', () => {
    const text = '[{"t":"one"}, {"t":"tw\u{1f600}o"},\n  {\n    "t": "three"\n  }\n]\n';
    assert.deepEqual(shown('a.json', text, 't'), ['one', 'tw\u{1f600}o', 'three']);
  });

  test('plain text', () => {
    assert.deepEqual(shown('a.txt', 'one\n\ntwo three\n', 'text', [0, 2]), ['on', 'tw']);
  });

  test('a whole record', () => {
    const [, second] = [...open('a.json', '[{"t":1},\n {"t":2}]').rows()];
    assert.ok(second);
    assert.deepEqual(rowSpan(second), { line: 2, column: 2, endLine: 2, endColumn: 9 });
  });
});

describe('JSON documents', () => {
  const read = (text: string) => {
    const problems: RowProblem[] = [];
    const rows = [...open('a.json', text).rows({ onProblem: (problem) => problems.push(problem) })];
    return {
      rows: rows.map(({ line, fields }) => `${line} ${fields.map(({ name, text }) => `${name}=${text}`).join(' ')}`),
      problems: problems.map(({ line, kind }) => `${line} ${kind}`),
    };
  };

  test('lists of objects, of texts and of numbers', () => {
    assert.deepEqual(read('[ {"a":"[x]"},\n"b", 3 ,[4,"}"]\n]').rows, [
      '1 a=[x]',
      '2 value=b',
      '2 value=3',
      '2 value=4 value=}',
    ]);
  });

  test('an object: each element of its lists is a record, and so is each other member', () => {
    const { rows, problems } = read(
      '{"version":"2",\n"data":[{"t":"x"},\n{"t":"y"}],"meta":{"by":"me","n":[1]},"more":["z"]}',
    );
    assert.deepEqual(rows, ['1 version=2', '2 data.t=x', '3 data.t=y', '3 meta.by=me meta.n=1', '3 more=z']);
    assert.deepEqual(problems, []);
  });

  test('a broken element is told at its line, and the others are read', () => {
    const { rows, problems } = read('[{"t":"x"},\n{"t":oops},\n{"t":"y"}]');
    assert.deepEqual(rows, ['1 t=x', '3 t=y']);
    assert.deepEqual(problems, ['2 malformed']);
  });

  test('a document that ends in the middle gives what it has', () => {
    const { rows, problems } = read('[{"t":"x"},\n{"t":"y"');
    assert.deepEqual(rows, ['1 t=x']);
    assert.deepEqual(problems, ['2 malformed']);
  });

  test('blocks may end anywhere', () => {
    const texts = Array.from({ length: 90_000 }, (_, index) => `row ${index} \u00e9\u{1f600}`);
    const bytes = Buffer.from(
      JSON.stringify(
        texts.map((t) => ({ t })),
        null,
        1,
      ),
    );
    assert.ok(bytes.length > 2 << 20);
    const rows = [...open('a.json', bytes.toString()).rows()];
    assert.deepEqual(
      rows.map(({ fields }) => fields[0]?.text),
      texts,
    );
    const steps = open('a.json', bytes.toString()).pieces?.() ?? assert.fail();
    let whole = '';
    let step = steps.next();
    for (; step.done !== true; step = steps.next()) whole += step.value.between + (step.value.row?.raw ?? '');
    assert.ok(whole + step.value.rest === bytes.toString(), 'records and what stands between them are the document');
  });

  test('JSON Lines that are called .json are read as lines', () => {
    assert.equal(open('a.json', '{"a":1}\n{"a":2}\n').format, 'jsonl');
    assert.equal(open('a.json', '{"a":1}').format, 'json');
  });
});

test('one forgotten quote costs one record, and not what follows', () => {
  const problems: RowProblem[] = [];
  const source = open('a.csv', 'id,text\n1,"open\n2,two\n3,"three"\n4,"again\n5,five\n');
  const rows = [...source.rows({ onProblem: (problem) => problems.push(problem) })];
  // The second quote closes the first: what stands between is one record, as RFC 4180 has it.
  assert.deepEqual(
    rows.map(({ line }) => line),
    [2, 6],
  );
  assert.deepEqual(
    problems.map(({ line, kind }) => [line, kind]),
    [[5, 'malformed']],
  );
});
