import { MemorySource, type ByteSource } from '../../formats/source.ts';
import { recordsOf, type Cell } from './csvCells.ts';
import { rowLimits, type RawPlace, type Row, type RowProblem, type RowSource } from './row.ts';

export type Delimiter = ',' | '\t' | ';';

/**
 * Comma- or tab-separated values with a header (RFC 4180): quoted cells may hold the delimiter, doubled quotes and line
 * ends. A record with another number of cells than the header is a problem at its line, and is still read.
 */
export function separatedRows(source: ByteSource, delimiter: Delimiter): RowSource {
  return {
    format: delimiter === '\t' ? 'tsv' : 'csv',
    size: source.size,
    *rows(reading = {}) {
      let header: string[] | null = null;
      for (const { line, cells, raw } of recordsOf(source, delimiter, reading)) {
        if (header === null) {
          header = namesOf(cells);
          continue;
        }
        if (cells.length !== header.length) reading.onProblem?.(countProblem(line, cells.length, header.length));
        if (reading.wanted && !reading.wanted.has(line)) continue;
        yield { ...rowOf(line, header, cells), raw };
      }
    },
    hasPlaces: true,
    head() {
      for (const { raw } of recordsOf(source, delimiter, {})) return `${raw}\n`;
      return '';
    },
    place: ({ raw }, index, from, to) => cellPlace(raw, delimiter, index, from, to),
  };
}

/** Column names; one without a name is called by its number. */
function namesOf(cells: Cell[]): string[] {
  return cells.slice(0, rowLimits.fields).map(({ text }, index) => text.trim() || `column ${index + 1}`);
}

function rowOf(line: number, header: string[], cells: Cell[]): Omit<Row, 'raw'> {
  const fields: Row['fields'] = [];
  for (let index = 0; index < cells.length && index < rowLimits.fields; index++) {
    const text = cells[index]?.text ?? '';
    if (text !== '') fields.push({ name: header[index] ?? `column ${index + 1}`, text });
  }
  return { line, fields };
}

function cellPlace(raw: string, delimiter: string, index: number, from?: number, to?: number): RawPlace | null {
  const [record] = recordsOf(new MemorySource(Buffer.from(raw)), delimiter, {});
  const cell = record?.cells.filter(({ text }) => text !== '')[index];
  if (!cell) return null;
  if (from === undefined) return { offset: cell.start, length: cell.end - cell.start };
  const written = raw.slice(cell.start, cell.end);
  const start = cell.start + writtenOffset(written, from);
  return { offset: start, length: cell.start + writtenOffset(written, to ?? cell.text.length) - start };
}

/** A quote in a quoted cell is written twice. */
function writtenOffset(written: string, units: number): number {
  let at = 0;
  for (let left = units; left > 0 && at < written.length; left--)
    at += written[at] === '"' && written[at + 1] === '"' ? 2 : 1;
  return at;
}

function countProblem(line: number, found: number, expected: number): RowProblem {
  return {
    line,
    kind: 'column-count',
    message: `the record has ${found} ${found === 1 ? 'cell' : 'cells'}, and the header ${expected}`,
  };
}
