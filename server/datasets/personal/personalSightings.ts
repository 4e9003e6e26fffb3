import type { Row } from '../rows/row.ts';
import type { PersonalKind } from './kinds.ts';
import { maskedValue } from './mask.ts';
import { personalValues } from './recognise.ts';

/** What one field holds of one kind. */
export interface PersonalField {
  field: string;
  kind: PersonalKind;
  rows: number;
  values: number;
  /** Three at most, masked. */
  examples: string[];
  /** The first hundred. `index` is that of the field in its row; 0-based UTF-16 units of its text. */
  places: { line: number; index: number; from: number; to: number }[];
}

const mostFields = 500;
const mostPlaces = 100;
const mostExamples = 3;

/** Counts values by field and kind while rows are read. */
export class PersonalSightings {
  readonly #fields = new Map<string, PersonalField>();

  /** Whether the row holds any. */
  add({ line, fields }: Row): boolean {
    let any = false;
    for (const [index, { name, text }] of fields.entries()) {
      const counted = new Set<string>();
      for (const { kind, from, to } of personalValues(text, name)) {
        any = true;
        const key = `${kind} ${name}`;
        const seen = this.#of(key, name, kind);
        if (!seen) continue;
        seen.values++;
        if (!counted.has(key)) seen.rows++;
        counted.add(key);
        if (seen.places.length < mostPlaces) seen.places.push({ line, index, from, to });
        const example = maskedValue(kind, text.slice(from, to));
        if (seen.examples.length < mostExamples && !seen.examples.includes(example)) seen.examples.push(example);
      }
    }
    return any;
  }

  found(): PersonalField[] {
    return [...this.#fields.values()].sort((a, b) =>
      a.field === b.field ? b.values - a.values : a.field < b.field ? -1 : 1,
    );
  }

  #of(key: string, field: string, kind: PersonalKind): PersonalField | undefined {
    let seen = this.#fields.get(key);
    if (!seen && this.#fields.size < mostFields) {
      seen = { field, kind, rows: 0, values: 0, examples: [], places: [] };
      this.#fields.set(key, seen);
    }
    return seen;
  }
}
