import { isAlias, isMap, isScalar, isSeq, type Document, type Node } from 'yaml';
import { sizePattern, type Field, type Shape } from './configurationTable.ts';
import { nearest } from './nearest.ts';

/** A checked value; undefined where something is missing or wrong. */
export type Plain = undefined | string | number | boolean | Plain[] | { [key: string]: Plain };

/** A mistake at an offset of the text. */
export interface Mistake {
  offset: number;
  message: string;
}

type Reporter = (offset: number, message: string) => void;

/** Holds a YAML document against a shape. What is wrong is reported and left out of the value. */
export function checkShape(document: Document, shape: Shape, ruleIds: readonly string[], report: Reporter): Plain {
  return new Checker(document, ruleIds, report).check(document.contents, shape, 'the file', 0);
}

class Checker {
  readonly #document: Document;
  readonly #ruleIds: readonly string[];
  readonly #report: Reporter;

  constructor(document: Document, ruleIds: readonly string[], report: Reporter) {
    this.#document = document;
    this.#ruleIds = ruleIds;
    this.#report = report;
  }

  check(written: unknown, shape: Shape, name: string, fallback: number): Plain {
    const node = (isAlias(written) ? written.resolve(this.#document) : written) as Node | null | undefined;
    const offset = node?.range?.[0] ?? fallback;
    switch (shape.kind) {
      case 'record':
        return this.#record(node, shape, name, offset);
      case 'rules':
        return this.#rules(node, shape.value, name, offset);
      case 'either':
        return this.check(node, isMap(node) ? shape.long : shape.short, name, offset);
      case 'list':
        if (!isSeq(node))
          return this.#wrong(offset, `"${name}" must be a list: each item on a line of its own after "- "`);
        return node.items
          .map((item) => this.check(item, shape.items, name, offset))
          .filter((item) => item !== undefined);
      case 'choice':
      case 'boolean':
      case 'integer':
      case 'number':
      case 'size':
      case 'string':
        return this.#scalar(isScalar(node) ? node.value : undefined, shape, name, offset);
    }
  }

  #scalar(value: unknown, shape: Shape, name: string, offset: number): Plain {
    switch (shape.kind) {
      case 'choice':
        if (shape.values.includes(value as string)) return value as string;
        return this.#wrong(offset, `"${name}" must be ${alternatives(shape.values)}${given(value)}`);
      case 'boolean':
        return typeof value === 'boolean'
          ? value
          : this.#wrong(offset, `"${name}" must be true or false${given(value)}`);
      case 'integer':
        if (typeof value === 'number' && Number.isSafeInteger(value) && value >= shape.minimum) return value;
        return this.#wrong(offset, `"${name}" must be a whole number from ${shape.minimum} up${given(value)}`);
      case 'number':
        return typeof value === 'number' && Number.isFinite(value)
          ? value
          : this.#wrong(offset, `"${name}" must be a number${given(value)}`);
      case 'size':
        if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
        if (typeof value === 'string' && sizePattern.test(value)) return value;
        return this.#wrong(
          offset,
          `"${name}" must be a number of bytes, or one with a unit such as 500 MB${given(value)}`,
        );
      case 'string':
        if (typeof value === 'string' && value !== '' && (!shape.pattern || shape.pattern.test(value))) return value;
        return this.#wrong(offset, `"${name}" must be ${shape.what}${given(value)}`);
      default:
        return undefined;
    }
  }

  #record(node: unknown, shape: Shape & { kind: 'record' }, name: string, offset: number): Plain {
    const { fields, oneOf } = shape;
    if (!isMap(node))
      return this.#wrong(
        offset,
        `${name === 'the file' ? name : `"${name}"`} must hold keys and values, such as "${exampleOf(fields)}"`,
      );
    const result: Record<string, Plain> = {};
    for (const { key, value } of node.items) {
      const [written, at] = keyOf(key, offset);
      const field = Object.hasOwn(fields, written) ? fields[written] : undefined;
      if (field) result[written] = this.check(value, field.shape, written, at);
      else this.#unknown(at, 'key', written, Object.keys(fields));
    }
    const isThere = (key: string) => node.items.some((pair) => keyOf(pair.key, 0)[0] === key);
    for (const [key, field] of Object.entries(fields)) {
      if (!field.required || isThere(key)) continue;
      this.#report(offset, `the key "${key}" is missing${field.hint === undefined ? '' : `; ${field.hint}`}`);
      if (name !== 'the file') return undefined;
    }
    if (oneOf && !oneOf.some(isThere)) {
      return this.#wrong(offset, `"${name}" must hold at least one of ${oneOf.join(', ')}`);
    }
    return result;
  }

  #rules(node: unknown, shape: Shape, name: string, offset: number): Plain {
    if (!isMap(node))
      return this.#wrong(offset, `"${name}" must hold rule ids and severities, such as "pickle/unknown-import: error"`);
    const areas = [...new Set(this.#ruleIds.map((id) => `${id.slice(0, id.indexOf('/'))}/*`))];
    const known = [...this.#ruleIds, ...areas];
    const result: Record<string, Plain> = {};
    for (const { key, value } of node.items) {
      const [id, at] = keyOf(key, offset);
      if (known.includes(id)) result[id] = this.check(value, shape, id, at);
      else this.#unknown(at, 'rule', id, known);
    }
    return result;
  }

  #unknown(offset: number, what: 'key' | 'rule', word: string, known: readonly string[]): void {
    const near = nearest(word, known);
    const hint = near
      ? `did you mean "${near}"?`
      : what === 'key'
        ? `known keys: ${known.join(', ')}`
        : `known areas: ${[...new Set(known.map((id) => id.slice(0, id.indexOf('/'))))].join(', ')}`;
    this.#report(offset, `unknown ${what} "${word}"; ${hint}`);
  }

  #wrong(offset: number, message: string): undefined {
    this.#report(offset, message);
    return undefined;
  }
}

/** The key that has to be there, or else the first one. */
function exampleOf(fields: Record<string, Field>): string {
  const key = Object.keys(fields).find((name) => fields[name]?.required) ?? Object.keys(fields)[0] ?? '';
  return key === 'version' ? 'version: 1' : `${key}: ...`;
}

function keyOf(key: unknown, fallback: number): [string, number] {
  return isScalar(key) ? [String(key.value), key.range?.[0] ?? fallback] : ['(not a name)', fallback];
}

function alternatives(values: readonly (string | number)[]): string {
  const words = values.map(String);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function given(value: unknown): string {
  if (value === undefined) return ', not a list or a map';
  return `, not ${JSON.stringify(value)}`;
}
