import type { TextEdit } from './finding.ts';

/** A text with changes made, from the last to the first. */
export function withChanges(text: string, changes: readonly TextEdit[]): string {
  const starts = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) starts.push(match.index + match[0].length);
  const offset = (line: number, column: number): number => (starts[line - 1] ?? text.length) + column - 1;
  const ordered = [...changes].sort((a, b) => offset(b.line, b.column) - offset(a.line, a.column));
  let changed = text;
  for (const { line, column, endLine, endColumn, newText } of ordered)
    changed = changed.slice(0, offset(line, column)) + newText + changed.slice(offset(endLine, endColumn));
  return changed;
}
