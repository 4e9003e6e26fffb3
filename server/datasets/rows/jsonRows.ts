import type { ByteSource } from '../../formats/source.ts';
import { linesOf } from './lines.ts';
import { rowLimits, type Field, type Row, type RowProblem, type RowSource } from './row.ts';

/** JSON Lines: one object a line (jsonlines.org). A broken line is a problem at that line; the others are read. */
export function jsonLines(source: ByteSource): RowSource {
  return {
    format: 'jsonl',
    size: source.size,
    *rows(onProblem, onBytes) {
      for (const { number, text } of linesOf(source, onProblem, onBytes)) {
        if (text === null || text.trim() === '') continue;
        const value = parsed(text, number, onProblem);
        if (value !== undefined) yield { line: number, fields: fieldsOf(value) };
      }
    },
  };
}

function parsed(text: string, line: number, onProblem?: (problem: RowProblem) => void): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // The parser's own words may quote the record, which may hold what must not be repeated.
    const place = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    onProblem?.({
      line,
      kind: 'malformed',
      message:
        place === undefined ? 'the line is not JSON' : `the line is not JSON from its column ${Number(place) + 1} on`,
    });
    return undefined;
  }
}

/** Every text, number and truth value of a JSON value with the path of keys that leads to it. */
export function fieldsOf(value: unknown): Field[] {
  const fields: Field[] = [];
  const walk = (at: unknown, name: string, depth: number): void => {
    if (fields.length >= rowLimits.fields || at === null || at === undefined) return;
    if (typeof at !== 'object') {
      const text = typeof at === 'string' ? at : JSON.stringify(at);
      if (text !== '') fields.push({ name: name === '' ? 'value' : name, text });
      return;
    }
    if (depth >= rowLimits.depth) return;
    if (Array.isArray(at)) for (const each of at) walk(each, name, depth + 1);
    else for (const [key, each] of Object.entries(at)) walk(each, name === '' ? key : `${name}.${key}`, depth + 1);
  };
  walk(value, '', 0);
  return fields;
}

/** A row of plain lines: each is one field, `text`. */
export function textLines(source: ByteSource): RowSource {
  return {
    format: 'text',
    size: source.size,
    *rows(onProblem, onBytes): Generator<Row> {
      for (const { number, text } of linesOf(source, onProblem, onBytes)) {
        if (text !== null && text.trim() !== '') yield { line: number, fields: [{ name: 'text', text }] };
      }
    },
  };
}
