import type { TextRange } from '../../formats/text/facts.ts';
import type { FindingLocation, TextEdit } from '../finding.ts';

/** A range of a text as a finding's place. */
export function placeOf({ line, column, endLine, endColumn }: TextRange): Partial<FindingLocation> {
  return { line, column, endLine, endColumn };
}

/** The change that puts `newText` where `range` is. */
export function replace({ line, column, endLine, endColumn }: TextRange, newText: string): TextEdit {
  return { line, column, endLine, endColumn, newText };
}
