import type { Place } from '../../datasets/scan/place.ts';
import type { FindingLocation } from '../finding.ts';

/** The place of a finding about a record: the part of the field where it is known, and otherwise the line. */
export function placeIn({ line, field, span }: Place): Partial<FindingLocation> {
  return { line, ...span, ...(field !== null && { field }) };
}

/** By what the record is marked (`weighbridge dataset mark`): its hash, and the line on which it begins. */
export function recordIn({ record, line }: Place): { record?: string; recordLine?: number } {
  return record === undefined ? {} : { record, recordLine: line };
}
