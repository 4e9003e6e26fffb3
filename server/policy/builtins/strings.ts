import { integerOf, textOf, textsOf } from './operands.ts';
import { BuiltinError, integer, type RegoNumber, type RegoValue } from './value.ts';

/** Characters are code points, as Go's runes. */
export function indexesOf(value: RegoValue, search: RegoValue): RegoNumber[] {
  const [text, wanted] = [[...textOf(value)], [...textOf(search)]];
  if (wanted.length === 0) throw new BuiltinError('the search string is empty');
  const found: RegoNumber[] = [];
  for (let at = 0; at + wanted.length <= text.length; at++) {
    if (wanted.every((character, index) => text[at + index] === character)) found.push(integer(at));
  }
  return found;
}

export function countOf(value: RegoValue, search: RegoValue): RegoNumber {
  const [text, wanted] = [textOf(value), textOf(search)];
  return integer(wanted === '' ? [...text].length + 1 : text.split(wanted).length - 1);
}

export function anyAffix(
  value: RegoValue,
  base: RegoValue,
  matches: (text: string, affix: string) => boolean,
): boolean {
  const affixes = textsOf(base);
  return textsOf(value).some((text) => affixes.some((affix) => matches(text, affix)));
}

/** The first `n` parts, or the last `-n`. */
export function splitN(value: RegoValue, delimiter: RegoValue, limit: RegoValue): string[] {
  const [text, mark, n] = [textOf(value), textOf(delimiter), integerOf(limit)];
  const parts = mark === '' ? [...text] : text.split(mark);
  if (text === '' && mark === '') return [];
  return n >= 0 ? parts.slice(0, n) : parts.slice(Math.max(parts.length + n, 0));
}
