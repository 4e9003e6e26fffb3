import type { ByteSource } from '../../formats/source.ts';
import { linesOf } from './lines.ts';
import { rowLimits, type Row, type RowProblem, type RowSource } from './row.ts';

/**
 * Comma- or tab-separated values with a header (RFC 4180): quoted cells may hold the delimiter, doubled quotes and line
 * ends. A record with another number of cells than the header is a problem at its line, and is still read.
 */
export function separatedRows(source: ByteSource, delimiter: ',' | '\t' | ';'): RowSource {
  return {
    format: delimiter === '\t' ? 'tsv' : 'csv',
    size: source.size,
    *rows(onProblem, onBytes) {
      let header: string[] | null = null;
      for (const { line, cells } of recordsOf(source, delimiter, onProblem, onBytes)) {
        if (header === null) {
          header = namesOf(cells);
          continue;
        }
        if (cells.length !== header.length) onProblem?.(countProblem(line, cells.length, header.length));
        yield rowOf(line, header, cells);
      }
    },
  };
}

interface CellRecord {
  line: number;
  cells: string[];
}

function* recordsOf(
  source: ByteSource,
  delimiter: string,
  onProblem?: (problem: RowProblem) => void,
  onBytes?: (bytes: number) => void,
): Generator<CellRecord> {
  let open: OpenRecord | null = null;
  for (const { number, text } of linesOf(source, onProblem, onBytes)) {
    if (text === null) {
      open = null;
      continue;
    }
    if (open === null && text === '') continue;
    if (open === null && !text.includes('"')) {
      yield { line: number, cells: text.split(delimiter) };
      continue;
    }
    open ??= { line: number, cells: [], quoted: null, length: 0 };
    open.length += text.length;
    addLine(open, text, delimiter);
    if (open.quoted === null) yield { line: open.line, cells: open.cells };
    else if (open.length <= longestRecord) continue;
    else onProblem?.(endless(open.line));
    open = null;
  }
  if (open !== null) onProblem?.(endless(open.line));
}

/** A record whose last line has not come yet. */
interface OpenRecord {
  line: number;
  cells: string[];
  /** The pieces of a quoted cell that is still open. */
  quoted: string[] | null;
  /** UTF-16 units so far. */
  length: number;
}

/** A quoted cell that is longer is taken for one that somebody forgot to close. */
const longestRecord = 1 << 20;

function endless(line: number): RowProblem {
  return { line, kind: 'malformed', message: 'a quoted cell that begins here has no end' };
}

/** Reads one more line into a record. Each character is looked at once, however many lines a cell has. */
function addLine(record: OpenRecord, text: string, delimiter: string): void {
  let at = 0;
  if (record.quoted !== null) record.quoted.push('\n');
  for (;;) {
    if (record.quoted === null && text[at] === '"') {
      record.quoted = [];
      at++;
    }
    if (record.quoted === null) {
      const end = endOfCell(text, at, delimiter);
      record.cells.push(text.slice(at, end));
      at = end;
    } else {
      const quote = text.indexOf('"', at);
      if (quote === -1) {
        record.quoted.push(text.slice(at));
        return;
      }
      record.quoted.push(text.slice(at, quote));
      if (text[quote + 1] === '"') {
        record.quoted.push('"');
        at = quote + 2;
        continue;
      }
      const end = endOfCell(text, quote + 1, delimiter);
      // What follows a closing quote belongs to the cell, as spreadsheets read it.
      record.cells.push(record.quoted.join('') + text.slice(quote + 1, end));
      record.quoted = null;
      at = end;
    }
    if (at >= text.length) return;
    at += delimiter.length;
    if (at === text.length) {
      record.cells.push('');
      return;
    }
  }
}

function endOfCell(text: string, from: number, delimiter: string): number {
  const end = text.indexOf(delimiter, from);
  return end === -1 ? text.length : end;
}

/** Column names; one without a name is called by its number. */
function namesOf(cells: string[]): string[] {
  return cells.slice(0, rowLimits.fields).map((cell, index) => cell.trim() || `column ${index + 1}`);
}

function rowOf(line: number, header: string[], cells: string[]): Row {
  const fields: Row['fields'] = [];
  for (let index = 0; index < cells.length && index < rowLimits.fields; index++) {
    const text = cells[index] ?? '';
    if (text !== '') fields.push({ name: header[index] ?? `column ${index + 1}`, text });
  }
  return { line, fields };
}

function countProblem(line: number, found: number, expected: number): RowProblem {
  return {
    line,
    kind: 'column-count',
    message: `the record has ${found} ${found === 1 ? 'cell' : 'cells'}, and the header ${expected}`,
  };
}
