import type { RegoObject } from './value.ts';
import { RegoNumber, RegoSet, sorted, sortedEntries, type RegoValue } from './value.ts';

/** A value as OPA prints it: `{"a": 1}`, `{"x", "y"}`, `set()`. */
export function printValue(value: RegoValue): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (value instanceof RegoNumber) return value.text;
  if (typeof value === 'string') return quote(value);
  if (Array.isArray(value)) return `[${value.map(printValue).join(', ')}]`;
  if (value instanceof RegoSet) {
    return value.items.length === 0 ? 'set()' : `{${sorted(value.items).map(printValue).join(', ')}}`;
  }
  return printObject(value);
}

function printObject(value: RegoObject): string {
  const entries = sortedEntries(value).map(([key, each]) => `${printValue(key)}: ${printValue(each)}`);
  return `{${entries.join(', ')}}`;
}

const short: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

/** Go's `strconv.Quote`. */
export function quote(text: string): string {
  let quoted = '"';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (short[character] !== undefined) quoted += short[character];
    else if (character === ' ' || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character)) quoted += character;
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code < 0x10000) quoted += `\\u${code.toString(16).padStart(4, '0')}`;
    else quoted += `\\U${code.toString(16).padStart(8, '0')}`;
  }
  return `${quoted}"`;
}
