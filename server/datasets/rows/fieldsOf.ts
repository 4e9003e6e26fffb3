import { rowLimits, type Field, type RowProblem } from './row.ts';

/** Every text, number and truth value of a JSON value with the path of keys that leads to it, and whether that was all. */
export function fieldsOf(value: unknown): { fields: Field[]; whole: boolean } {
  const fields: Field[] = [];
  let whole = true;
  const walk = (at: unknown, name: string, depth: number): void => {
    if (at === null || at === undefined) return;
    if (fields.length >= rowLimits.fields) {
      whole = false;
      return;
    }
    if (typeof at !== 'object') {
      const text = typeof at === 'string' ? at : typeof at === 'bigint' ? at.toString() : JSON.stringify(at);
      if (text !== '') fields.push({ name: name === '' ? 'value' : name, text });
      return;
    }
    if (depth >= rowLimits.depth) {
      whole = false;
      return;
    }
    if (Array.isArray(at)) for (const each of at) walk(each, name, depth + 1);
    else for (const [key, each] of Object.entries(at)) walk(each, name === '' ? key : `${name}.${key}`, depth + 1);
  };
  walk(value, '', 0);
  return { fields, whole };
}

/** What is said of a record that has more than is looked at. */
export function cutOff(line: number): RowProblem {
  return {
    line,
    kind: 'cut-off',
    message: `the record has more than ${rowLimits.fields} fields or is nested more than ${rowLimits.depth} deep, and was not looked into any further`,
  };
}
