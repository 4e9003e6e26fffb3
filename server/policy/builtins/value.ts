// Rego's values outside OPA: what the dump of a compiled policy's values says, and back again.
//
// JSON would lose sets, keys that are not strings, and integers beyond 2^53 (a time in nanoseconds is one).

/** A number, as it is written. */
export class RegoNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export class RegoSet {
  readonly items: RegoValue[];

  constructor(items: RegoValue[]) {
    this.items = items;
  }
}

export class RegoObject {
  readonly entries: [RegoValue, RegoValue][];

  constructor(entries: [RegoValue, RegoValue][]) {
    this.entries = entries;
  }

  get(key: RegoValue): RegoValue | undefined {
    return this.entries.find(([each]) => isEqual(each, key))?.[1];
  }
}

export type RegoValue = null | boolean | string | RegoNumber | RegoSet | RegoObject | RegoValue[];

/** An argument that a built-in cannot take: the call is then undefined, as in OPA. */
export class BuiltinError extends Error {}

export const integer = (value: number | bigint): RegoNumber => new RegoNumber(String(value));

/** Deeper values than this are refused: OPA's own printer has no limit, and our stack has. */
const deepest = 2000;

/** Reads what `opa_value_dump` wrote. */
export function readValue(text: string): RegoValue {
  let at = 0;
  const value = read(0);
  return value;

  function read(depth: number): RegoValue {
    if (depth > deepest) throw new BuiltinError('the value is nested too deeply');
    while (text[at] === ' ') at++;
    switch (text[at]) {
      case '"':
        return readText();
      case '[':
        return readItems(']', depth);
      case '{':
        return readBraces(depth);
      case 't':
        at += 4;
        return true;
      case 'f':
        at += 5;
        return false;
      case 'n':
        at += 4;
        return null;
      case 's':
        at += 'set()'.length;
        return new RegoSet([]);
      default:
        return readNumber();
    }
  }

  function readText(): string {
    const start = at++;
    while (text[at] !== '"' && at < text.length) at += text[at] === '\\' ? 2 : 1;
    at++;
    return JSON.parse(text.slice(start, at)) as string;
  }

  function readNumber(): RegoNumber {
    const digits = /-?[\d.]+(?:[eE][+-]?\d+)?/y;
    digits.lastIndex = at;
    const found = digits.exec(text)?.[0];
    if (found === undefined) throw new Error(`not a value at ${at}: ${text.slice(at, at + 20)}`);
    at += found.length;
    return new RegoNumber(found);
  }

  function readItems(end: string, depth: number): RegoValue[] {
    const items: RegoValue[] = [];
    at++;
    while (text[at] !== end && at < text.length) {
      items.push(read(depth + 1));
      if (text[at] === ',') at++;
    }
    at++;
    return items;
  }

  function readBraces(depth: number): RegoSet | RegoObject {
    if (text[at + 1] === '}') {
      at += 2;
      return new RegoObject([]);
    }
    at++;
    const first = read(depth + 1);
    const items: RegoValue[] = [first];
    const entries: [RegoValue, RegoValue][] = [];
    const isObject = text[at] === ':';
    if (isObject) {
      at++;
      entries.push([first, read(depth + 1)]);
    }
    while (text[at] === ',') {
      at++;
      const item = read(depth + 1);
      if (isObject) {
        at++;
        entries.push([item, read(depth + 1)]);
      } else items.push(item);
    }
    at++;
    return isObject ? new RegoObject(entries) : new RegoSet(items);
  }
}

/** Writes what `opa_value_parse` reads. */
export function writeValue(value: RegoValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof RegoNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeValue).join(',')}]`;
  if (value instanceof RegoSet)
    return value.items.length === 0 ? 'set()' : `{${value.items.map(writeValue).join(',')}}`;
  return `{${value.entries.map(([key, each]) => `${writeValue(key)}:${writeValue(each)}`).join(',')}}`;
}

/** OPA's order of values: null, booleans, numbers, strings, arrays, objects, sets. */
export function compareValues(a: RegoValue, b: RegoValue): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (a instanceof RegoNumber && b instanceof RegoNumber) return compareNumbers(a.text, b.text);
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b);
  if (a instanceof RegoSet && b instanceof RegoSet) return compareLists(sorted(a.items), sorted(b.items));
  if (a instanceof RegoObject && b instanceof RegoObject) {
    return compareLists(sortedEntries(a).flat(), sortedEntries(b).flat());
  }
  return 0;
}

export const isEqual = (a: RegoValue, b: RegoValue): boolean => compareValues(a, b) === 0;

export const sorted = (items: readonly RegoValue[]): RegoValue[] => [...items].sort(compareValues);

export const sortedEntries = (object: RegoObject): [RegoValue, RegoValue][] =>
  [...object.entries].sort(([a], [b]) => compareValues(a, b));

function compareLists(a: readonly RegoValue[], b: readonly RegoValue[]): number {
  for (const [index, item] of a.entries()) {
    const other = b[index];
    if (other === undefined) return 1;
    const order = compareValues(item, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareNumbers(a: string, b: string): number {
  if (/^-?\d+$/.test(a) && /^-?\d+$/.test(b)) {
    const difference = BigInt(a) - BigInt(b);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return Number(a) - Number(b);
}

function rankOf(value: RegoValue): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return 1;
  if (value instanceof RegoNumber) return 2;
  if (typeof value === 'string') return 3;
  if (Array.isArray(value)) return 4;
  return value instanceof RegoObject ? 5 : 6;
}
