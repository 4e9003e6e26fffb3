import type { TextRange } from './facts.ts';

/** Whether a place lies in another one, or is the same. */
export function isInside(inner: TextRange, { line, column, endLine, endColumn }: TextRange): boolean {
  const isAfterStart = inner.line > line || (inner.line === line && inner.column >= column);
  const isBeforeEnd = inner.endLine < endLine || (inner.endLine === endLine && inner.endColumn <= endColumn);
  return isAfterStart && isBeforeEnd;
}

/** The first line of a range. */
export function lineOf(range: TextRange): TextRange {
  return range.line === range.endLine ? range : { ...range, endLine: range.line, endColumn: range.column + 1 };
}
