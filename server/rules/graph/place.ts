import type { GraphFacts } from '../../formats/graph/facts.ts';
import type { FindingLocation } from '../finding.ts';

/** Where a byte of a part stands. */
export function graphPlace(part: GraphFacts, offset: number): Partial<FindingLocation> {
  return { entry: part.entry === '' ? null : part.entry, byteOffset: offset };
}

/** A name in a message: quoted, what cannot be seen escaped, cut to a readable length. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 120 ? `${name.slice(0, 120)}...` : name);
}
