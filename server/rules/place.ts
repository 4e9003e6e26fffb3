import type { FindingLocation } from './finding.ts';

/** Where a byte of a part stands. */
export function bytePlace(part: { entry: string }, offset: number | null): Partial<FindingLocation> {
  return { entry: part.entry === '' ? null : part.entry, byteOffset: offset };
}

/** Text of a file in a message: quoted, what cannot be seen escaped, cut to a readable length. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}...` : text);
}
