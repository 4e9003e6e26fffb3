import type { Json } from '../../formats/facts.ts';
import type { Schema } from './schema.ts';

/** One step of a reference: the name of a field, or null for an element of a list (`[_]`, `[i]`, `[0]`). */
export type Step = string | null;

/**
 * The schema of what a reference leads to.
 * @returns `unknown` where the schema has no such field; null where it says nothing of what lies there.
 */
export function schemaAt(schema: Schema, steps: readonly Step[]): Schema | 'unknown' | null {
  let at: Schema = schema;
  for (const step of steps) {
    const properties = at['properties'] as Record<string, Schema> | undefined;
    const items = at['items'] as Schema | undefined;
    if (items) {
      if (step !== null && !/^\d+$/.test(step)) return 'unknown';
      at = items;
    } else if (properties) {
      if (step === null) return null;
      const next = Object.hasOwn(properties, step) ? properties[step] : undefined;
      if (!next) return 'unknown';
      at = next;
    } else return 'type' in at ? 'unknown' : null;
  }
  return at;
}

/** What a reference leads to in a document: several values where it passes through a list. */
export function valuesAt(document: Json | undefined, steps: readonly Step[]): Json[] {
  let values: Json[] = document === undefined ? [] : [document];
  for (const step of steps) {
    values = values.flatMap((value) => {
      if (Array.isArray(value)) return value;
      if (step === null || value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return [];
      return [value[step] as Json];
    });
  }
  return values;
}

/** How a schema names its type: `string`, `boolean or null`, `list of objects`, `one of "key", "sigstore"`. */
export function typeInWords(schema: Schema): string {
  const { type, enum: choices, items } = schema as { type?: string | string[]; enum?: Json[]; items?: Schema };
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (choices) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  if (items) return `list of ${typeInWords(items)}s`;
  if (type === undefined) return 'any value';
  return [type].flat().join(' or ');
}
