import type { Row, Span } from './row.ts';

/** The place in the file of a part of a record's text. @param offset 0-based, in UTF-16 units of `row.raw`. */
export function spanIn({ raw, line, column = 1 }: Row, offset: number, length: number): Span {
  const start = placeAt(raw, line, column, offset);
  const end = placeAt(raw, line, column, offset + length);
  return { line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
}

/** The whole record. */
export function rowSpan(row: Row): Span {
  return spanIn(row, 0, row.raw.length);
}

function placeAt(raw: string, line: number, column: number, offset: number): { line: number; column: number } {
  let lines = 0;
  let start = -1;
  for (let at = raw.indexOf('\n'); at !== -1 && at < offset; at = raw.indexOf('\n', at + 1)) {
    lines++;
    start = at;
  }
  return { line: line + lines, column: lines === 0 ? column + offset : offset - start };
}
