import { createHash } from 'node:crypto';
import type { Row } from '../rows/row.ts';

/**
 * The canonical form of a record, which is the same in every format and order of keys: its fields as a JSON list of pairs of name and text, sorted by
 * name (UTF-16 units; fields of one name keep their order), in UTF-8. See docs/review.md.
 */
export function canonicalRecord({ fields }: Row): string {
  const pairs = fields.map(({ name, text }): [string, string] => [name, text]);
  // Most records come sorted or nearly so; the sort is stable.
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return JSON.stringify(pairs);
}

/** The SHA-256 of a record's canonical form. */
export function recordDigest(row: Row): Buffer {
  return createHash('sha256').update(canonicalRecord(row)).digest();
}

export function recordHash(row: Row): string {
  return recordDigest(row).toString('hex');
}
