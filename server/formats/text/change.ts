/** Where two versions of a text differ: `[start, oldEnd)` of the old one became `[start, newEnd)` of the new one. UTF-16 code units. */
export interface Change {
  start: number;
  oldEnd: number;
  newEnd: number;
}

/** The one change that makes the new text of the old: what both begin with and what both end in is left out. */
export function changeBetween(before: string, after: string): Change {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let [oldEnd, newEnd] = [before.length, after.length];
  while (oldEnd > start && newEnd > start && before.charCodeAt(oldEnd - 1) === after.charCodeAt(newEnd - 1)) {
    oldEnd--;
    newEnd--;
  }
  return { start, oldEnd, newEnd };
}

/** Row and column of an offset as tree-sitter counts them, both from 0, onwards from a place that is known. */
export function pointAt(
  text: string,
  offset: number,
  known: { row: number; column: number },
  from: number,
): { row: number; column: number } {
  let { row } = known;
  let lineStart = from - known.column;
  for (let at = text.indexOf('\n', from); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
    lineStart = at + 1;
  }
  return { row, column: offset - lineStart };
}
