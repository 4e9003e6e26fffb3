import type { ByteSource } from '../../formats/source.ts';
import { cutOff, fieldsOf } from './fieldsOf.ts';
import { jsonPlace } from './jsonPlaces.ts';
import { linesOf } from './lines.ts';
import type { Field, RowProblem, RowSource } from './row.ts';

/** JSON Lines: one object a line (jsonlines.org). A broken line is a problem at that line; the others are read. */
export function jsonLines(source: ByteSource): RowSource {
  return {
    format: 'jsonl',
    size: source.size,
    *rows({ onProblem, onBytes, wanted } = {}) {
      for (const { number, text } of linesOf(source, onProblem, onBytes)) {
        if (text === null || (wanted && !wanted.has(number)) || text.trim() === '') continue;
        const fields = parsedFields(text, number, onProblem);
        if (fields) yield { line: number, fields, raw: text };
      }
    },
    hasPlaces: true,
    head: () => '',
    place: ({ raw }, index, from, to) => jsonPlace(raw, index, from, to),
  };
}

/** The fields of a record of JSON; undefined where it is none, which is told. */
export function parsedFields(
  text: string,
  line: number,
  onProblem?: (problem: RowProblem) => void,
): Field[] | undefined {
  try {
    const { fields, whole } = fieldsOf(JSON.parse(text) as unknown);
    if (!whole) onProblem?.(cutOff(line));
    return fields;
  } catch (error) {
    // The parser's own words may quote the record, which may hold what must not be repeated.
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    onProblem?.({
      line,
      kind: 'malformed',
      message:
        place === undefined
          ? 'the record is not JSON'
          : `the record is not JSON from its character ${Number(place) + 1} on`,
    });
    return undefined;
  }
}
