import assert from 'node:assert/strict';

/** A place in a text, 1-based; the end is exclusive. */
interface Place {
  line: number;
  column: number;
  endLine?: number | undefined;
  endColumn?: number | undefined;
}

/** Every object in a result that has a line and a column; what stands in texts inside of it has places of its own. */
export function* placesIn(value: unknown, seen = new Set<unknown>()): Generator<Place> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  const { line, column } = value as Partial<Place>;
  if (typeof line === 'number' && typeof column === 'number') yield value as Place;
  for (const [key, each] of Object.entries(value)) if (key !== 'embedded') yield* placesIn(each, seen);
}

/** Fails unless every place of a result lies in the text. */
export function assertInside(text: string, where: unknown, name: string): void {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const inside = (line: number, column: number): boolean =>
    line >= 1 && line <= lines.length && column >= 1 && column <= (lines[line - 1] ?? '').length + 1;
  for (const place of placesIn(where)) {
    const { line, column, endLine = line, endColumn = column } = place;
    const ordered = endLine > line || (endLine === line && endColumn >= column);
    if (!inside(line, column) || !inside(endLine, endColumn) || !ordered)
      assert.fail(`${name}: ${JSON.stringify(place)} in ${JSON.stringify(text.slice(0, 1000))}`);
  }
}
