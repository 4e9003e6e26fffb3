import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MemorySource } from '../../server/formats/source.ts';
import { fieldsOf } from '../../server/datasets/rows/fieldsOf.ts';
import { openRows } from '../../server/datasets/rows/openRows.ts';
import { personalValues } from '../../server/datasets/personal/recognise.ts';
import { placeholder, withoutAnyPersonal } from '../../server/datasets/personal/mask.ts';

/** The same cases on every run; fast-check prints what is needed to repeat a failure. */
const seed = 20_240_229;

const open = (name: string, content: string | Uint8Array) =>
  openRows(new MemorySource(typeof content === 'string' ? Buffer.from(content) : content), name);

// Texts that files can hold: a lone surrogate has no UTF-8.
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const value = fc.jsonValue({ maxDepth: 3, stringUnit: 'grapheme' });

describe('rows of any data', () => {
  test('each element of a JSON list is a record with the fields of the element, however it is written', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 8 }), fc.constantFrom(undefined, 1, '\t', '\r\n '), (list, indent) => {
        const rows = [...(open('a.json', JSON.stringify(list, null, indent))?.rows() ?? [])];
        // JSON.parse reads -0 as it stands, and JSON.stringify writes 0.
        const expected = (JSON.parse(JSON.stringify(list)) as unknown[]).map((each) => fieldsOf(each).fields);
        assert.deepEqual(
          rows.map(({ fields }) => fields),
          expected,
        );
      }),
      { numRuns: 500, seed },
    );
  });

  test('the place of a text in a record of JSON is where it stands', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ a: text, b: fc.array(text, { maxLength: 3 }) }), { minLength: 1, maxLength: 4 }),
        (list) => {
          const source = open('a.json', JSON.stringify(list, null, 2));
          for (const row of source?.rows() ?? []) {
            for (const [index, field] of row.fields.entries()) {
              const place = source?.place(row, index);
              assert.ok(place);
              assert.equal(JSON.parse(`"${row.raw.slice(place.offset, place.offset + place.length)}"`), field.text);
            }
          }
        },
      ),
      { numRuns: 300, seed },
    );
  });

  test('a CSV of any cells is read as it was written, and each cell stands where it is said to', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '😀'), maxLength: 8 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 }), (rows) => {
        const quoted = (each: string) => (/[",\n]/.test(each) ? `"${each.replaceAll('"', '""')}"` : each);
        const source = open('a.csv', `x,y,z\n${rows.map((cells) => cells.map(quoted).join(',')).join('\n')}\n`);
        const read = [...(source?.rows() ?? [])];
        const expected = rows.map((cells) =>
          cells.map((each, index) => ({ name: 'xyz'[index], text: each })).filter((each) => each.text !== ''),
        );
        assert.deepEqual(
          read.map(({ fields }) => fields).filter((fields) => fields.length > 0),
          expected.filter((fields) => fields.length > 0),
        );
        for (const row of read) {
          for (const [index, field] of row.fields.entries()) {
            const place = source?.place(row, index);
            assert.ok(place);
            const written = row.raw.slice(place.offset, place.offset + place.length);
            assert.ok([field.text, field.text.replaceAll('"', '""')].includes(written), written);
          }
        }
      }),
      { numRuns: 500, seed },
    );
  });

  test('bytes of any kind are read without a throw, whatever their name', () => {
    const names = ['a.jsonl', 'a.json', 'a.csv', 'a.tsv', 'a.txt', 'a.parquet', 'a.jsonl.gz'];
    const heads = ['', '{"a":', '[{', 'PAR1', '\u001f\u008b\b', '"', '\u00ff\u00fe'].map((head) =>
      Buffer.from(head, 'latin1'),
    );
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom(...names),
        fc.constantFrom(...heads),
        (bytes, name, head) => {
          for (const row of open(name, Buffer.concat([head, bytes]))?.rows({ onProblem: () => undefined }) ?? []) {
            assert.ok(row.line >= 1);
          }
        },
      ),
      { numRuns: 2000, seed },
    );
  });
});

test('a redacted text holds no value any more, whatever stood in it', () => {
  const piece = fc.constantFrom(
    'ann@example.org',
    '4111111111111111',
    'DE89370400440532013000',
    'SSN 536-90-4399',
    '+442079460958',
    'NHS 9434765919',
    'call 6502530000',
    'BSN 123456782',
    ' ',
    ', ',
    '-',
    '1',
    'a',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const redacted = withoutAnyPersonal(pieces.join(''), '', ({ kind }) => placeholder(kind));
      assert.deepEqual(personalValues(redacted), [], redacted);
    }),
    { numRuns: 2000, seed },
  );
});
