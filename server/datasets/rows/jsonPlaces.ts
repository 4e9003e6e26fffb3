import { getNodeValue, parseTree, type Node } from 'jsonc-parser';
import { rowLimits, type RawPlace } from './row.ts';

/**
 * The place of a field's value, or of a part of it. Fields are counted as `fieldsOf` does: null and empty texts are none, and of a key that stands
 * twice the last value counts, at the place of the first.
 */
export function jsonPlace(raw: string, index: number, from?: number, to?: number): RawPlace | null {
  const root = parseTree(raw);
  if (!root) return null;
  let seen = 0;
  let found: Node | null = null;
  const walk = (node: Node, depth: number): void => {
    if (found || seen > index || node.type === 'null') return;
    if (node.type === 'array' || node.type === 'object') {
      if (depth >= rowLimits.depth) return;
      for (const child of node.type === 'array' ? (node.children ?? []) : valuesOf(node)) walk(child, depth + 1);
      return;
    }
    if (getNodeValue(node) === '') return;
    if (seen++ === index) found = node;
  };
  walk(root, 0);
  // TypeScript does not see that the closure assigns it.
  const value = found as Node | null;
  if (value === null) return null;
  if (value.type !== 'string') return { offset: value.offset, length: value.length, bare: true };
  if (from === undefined) return { offset: value.offset + 1, length: value.length - 2 };
  const start = writtenOffset(raw, value.offset + 1, from);
  const end = to === undefined ? value.offset + value.length - 1 : writtenOffset(raw, start, to - from);
  return { offset: start, length: Math.max(0, end - start) };
}

/** The values of an object in the order of `Object.entries` after `JSON.parse`: keys that are whole numbers come first. */
function valuesOf(object: Node): Node[] {
  const byKey: Record<string, Node> = Object.create(null) as Record<string, Node>;
  for (const property of object.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key && value) byKey[getNodeValue(key) as string] = value;
  }
  return Object.values(byKey);
}

/** How far into the source the escapes bring one who goes on by so many units of the text. */
function writtenOffset(raw: string, start: number, units: number): number {
  let at = start;
  for (let left = units; left > 0 && at < raw.length && raw[at] !== '"'; left--) {
    at += raw[at] !== '\\' ? 1 : raw[at + 1] === 'u' ? 6 : 2;
  }
  return at;
}
