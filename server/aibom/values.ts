import { parseJsonTree, type JsonNode } from '../formats/json/tree.ts';
import { parseYaml } from '../formats/text/yaml.ts';
import { textLimits } from '../formats/text/parse.ts';

/** What JSON and YAML hold, read without a prototype: a key named `__proto__` is a key. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** Characters of a JSON text that is still read. */
const longestJson = 32 << 20;

/** @returns undefined when the text is no JSON, or longer than is read. */
export function jsonValue(text: string): Value | undefined {
  if (text.length > longestJson) return undefined;
  try {
    return valueOf(parseJsonTree(text));
  } catch {
    return undefined;
  }
}

function valueOf(node: JsonNode): Value {
  switch (node.type) {
    case 'object': {
      const result = Object.create(null) as Record<string, Value>;
      for (const [key, value] of node.members) result[key] = valueOf(value);
      return result;
    }
    case 'array':
      return node.items.map(valueOf);
    case 'string':
    case 'number':
    case 'literal':
      return node.value;
  }
}

/** The first document of a YAML text: scalars by their paths, aliases of collections not expanded. */
export function yamlValue(text: string): Value | undefined {
  if (text.length > textLimits.length.yaml) return undefined;
  const parsed = parseYaml(text);
  const root = Object.create(null) as Record<string, Value>;
  for (const { path, value } of parsed.scalars) place(root, path, value);
  return root['root'];
}

/** Sets a value at a path, making what stands around it. */
function place(root: Record<string, Value>, path: (string | number)[], value: Value): void {
  let holder: Value[] | Record<string, Value> = root;
  let key: string | number = 'root';
  for (const next of path) {
    const there: Value | undefined = (holder as Record<string | number, Value>)[key];
    const usable: boolean =
      there !== null && typeof there === 'object' && Array.isArray(there) === (typeof next === 'number');
    const inner: Value[] | Record<string, Value> = usable
      ? (there as Value[] | Record<string, Value>)
      : typeof next === 'number'
        ? []
        : (Object.create(null) as Record<string, Value>);
    if (!usable) (holder as Record<string | number, Value>)[key] = inner;
    holder = inner;
    key = next;
  }
  (holder as Record<string | number, Value>)[key] = value;
}

/** A member, by keys from the root; undefined where anything on the way is missing. */
export function at(value: Value | undefined, ...path: (string | number)[]): Value | undefined {
  let here: Value | undefined = value;
  for (const key of path) {
    if (here === null || typeof here !== 'object') return undefined;
    if (Array.isArray(here)) here = typeof key === 'number' ? here[key] : undefined;
    else here = Object.hasOwn(here, key) ? here[key] : undefined;
  }
  return here;
}

export const textAt = (value: Value | undefined, ...path: (string | number)[]): string | undefined => {
  const found = at(value, ...path);
  return typeof found === 'string' && found.trim() !== '' ? found.trim() : undefined;
};

export const numberAt = (value: Value | undefined, ...path: (string | number)[]): number | undefined => {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined;
};

export const listAt = (value: Value | undefined, ...path: (string | number)[]): Value[] => {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter((each) => each !== undefined) : [];
};

/** One text, or several in a list: model cards write either. */
export function textsAt(value: Value | undefined, ...path: (string | number)[]): string[] {
  const found = at(value, ...path);
  const all = Array.isArray(found) ? found : [found];
  return all
    .filter((each) => typeof each === 'string')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

export const entriesAt = (value: Value | undefined, ...path: (string | number)[]): [string, Value][] => {
  const found = at(value, ...path);
  return found !== null && typeof found === 'object' && !Array.isArray(found) ? Object.entries(found) : [];
};
