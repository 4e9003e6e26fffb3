import type { Json } from '../../formats/facts.ts';
import { printable } from '../../report/printable.ts';

/** Characters of one text, entries of one list, and characters of a whole answer: an assistant reads all that it is given. */
const longestText = 600;
const longestList = 100;
export const longestAnswer = 48_000;
const deepest = 12;

/**
 * A result as an assistant is given it. Names and messages come from files, and files can be written to be read by an
 * assistant: controls, bidirectional marks and invisible characters become escapes, and everything is cut to a bound.
 * @param longest characters of the result as JSON. Lists are cut to one entry for it, and then it stays as it is.
 */
export function bounded(value: unknown, longest = longestAnswer): Json {
  for (let list = longestList; ; list = Math.floor(list / 2)) {
    const cut = cutDown(value, list, 0);
    if (list <= 1 || JSON.stringify(cut).length <= longest) return cut;
  }
}

function cutDown(value: unknown, list: number, depth: number): Json {
  if (typeof value === 'string') return shortened(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'object' || value === null) return null;
  if (depth >= deepest) return '(left out: nested too deep)';
  if (Array.isArray(value)) {
    const kept = value.slice(0, list).map((each) => cutDown(each, list, depth + 1));
    return value.length > list ? [...kept, `(${value.length - list} more were left out)`] : kept;
  }
  const entries = Object.entries(value);
  const kept = entries.slice(0, longestList).map(([name, each]) => [shortened(name), cutDown(each, list, depth + 1)]);
  if (entries.length > longestList) kept.push(['(left out)', entries.length - longestList]);
  return Object.fromEntries(kept) as Json;
}

export function shortened(text: string): string {
  const shown = printable(text.slice(0, longestText));
  return text.length > longestText ? `${shown}… (${text.length - longestText} more characters)` : shown;
}
