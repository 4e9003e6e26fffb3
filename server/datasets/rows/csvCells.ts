import type { ByteSource } from '../../formats/source.ts';
import { linesOf } from './lines.ts';
import type { RowProblem, RowReading } from './row.ts';

/** One cell, and where its text stands in the record. */
export interface Cell {
  text: string;
  /** 0-based, in UTF-16 units of the record: where the text begins and ends, without its quotes. */
  start: number;
  end: number;
}

export interface CellRecord {
  line: number;
  cells: Cell[];
  raw: string;
}

/** A quoted cell that is longer, in UTF-16 units, is taken for one that somebody forgot to close. */
const longestRecord = 1 << 20;

/**
 * Records of cells (RFC 4180). A quoted cell that never ends is a problem at its line; what was taken for a part of it is then read line by line, so
 * that one forgotten quote costs one record.
 */
export function* recordsOf(
  source: ByteSource,
  delimiter: string,
  { onProblem, onBytes }: RowReading,
): Generator<CellRecord> {
  let open: OpenRecord | null = null;
  for (const { number, text } of linesOf(source, onProblem, onBytes)) {
    if (text === null) {
      if (open !== null) yield* givenUp(open, delimiter, onProblem);
      open = null;
      continue;
    }
    if (open === null && text === '') continue;
    if (open === null && !text.includes('"')) {
      yield plainRecord(number, text, delimiter);
      continue;
    }
    open ??= { line: number, cells: [], quoted: null, start: 0, lines: [], length: 0 };
    addLine(open, text, delimiter);
    if (open.quoted === null) {
      yield { line: open.line, cells: open.cells, raw: open.lines.join('\n') };
      open = null;
    } else if (open.length > longestRecord) {
      yield* givenUp(open, delimiter, onProblem);
      open = null;
    }
  }
  if (open !== null) yield* givenUp(open, delimiter, onProblem);
}

/** A record whose last line has not come yet. */
interface OpenRecord {
  line: number;
  cells: Cell[];
  /** The pieces of a quoted cell that is still open. */
  quoted: string[] | null;
  /** Where its text begins. */
  start: number;
  lines: string[];
  /** UTF-16 units so far, the ends of lines included. */
  length: number;
}

function plainRecord(line: number, text: string, delimiter: string): CellRecord {
  let start = 0;
  const cells = text.split(delimiter).map((cell) => {
    const placed = { text: cell, start, end: start + cell.length };
    start += cell.length + delimiter.length;
    return placed;
  });
  return { line, cells, raw: text };
}

function* givenUp(
  { line, lines }: OpenRecord,
  delimiter: string,
  onProblem?: (problem: RowProblem) => void,
): Generator<CellRecord> {
  onProblem?.({ line, kind: 'malformed', message: 'a quoted cell that begins here has no end' });
  for (const [index, text] of lines.entries()) {
    if (index === 0 || text === '') continue;
    const record: OpenRecord = { line: line + index, cells: [], quoted: null, start: 0, lines: [], length: 0 };
    addLine(record, text, delimiter);
    if (record.quoted === null) yield { line: record.line, cells: record.cells, raw: text };
    else onProblem?.({ line: line + index, kind: 'malformed', message: 'a quoted cell that begins here has no end' });
  }
}

/** Reads one more line into a record. Each character is looked at once, however many lines a cell has. */
function addLine(record: OpenRecord, text: string, delimiter: string): void {
  const base = record.length;
  record.lines.push(text);
  record.length += text.length + 1;
  let at = 0;
  if (record.quoted !== null) record.quoted.push('\n');
  for (;;) {
    if (record.quoted === null && text[at] === '"') {
      record.quoted = [];
      at++;
      record.start = base + at;
    }
    if (record.quoted === null) {
      const end = endOfCell(text, at, delimiter);
      record.cells.push({ text: text.slice(at, end), start: base + at, end: base + end });
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
      const cell = record.quoted.join('') + text.slice(quote + 1, end);
      record.cells.push({ text: cell, start: record.start, end: base + quote });
      record.quoted = null;
      at = end;
    }
    if (at >= text.length) return;
    at += delimiter.length;
    if (at === text.length) {
      record.cells.push({ text: '', start: base + at, end: base + at });
      return;
    }
  }
}

function endOfCell(text: string, from: number, delimiter: string): number {
  const end = text.indexOf(delimiter, from);
  return end === -1 ? text.length : end;
}
