import type { PersonalKind, PersonalValue } from './kinds.ts';
import { everyPersonalValue } from './recognise.ts';

/** A value of which nobody can tell what it was, and everybody what it is: letters and digits become `*`, but for the last two of a number. */
export function maskedValue(kind: PersonalKind, value: string): string {
  if (kind === 'email') return `***@***.${value.slice(value.lastIndexOf('.') + 1)}`;
  const kept = kind === 'ip-address' ? 0 : 2;
  let left = [...value].filter((character) => /[\p{L}\d]/u.test(character)).length - kept;
  return [...value].map((character) => (/[\p{L}\d]/u.test(character) && left-- > 0 ? '*' : character)).join('');
}

/** What stands for a value in a redacted copy. */
export function placeholder(kind: PersonalKind): string {
  return `[${kind}]`;
}

/** The text with each value put through `change`. */
export function withoutPersonal(
  text: string,
  values: readonly PersonalValue[],
  change: (value: PersonalValue, written: string) => string,
): string {
  let result = '';
  let at = 0;
  for (const value of values) {
    result += text.slice(at, value.from) + change(value, text.slice(value.from, value.to));
    at = value.to;
  }
  return result + text.slice(at);
}

/** A text that may be shown: what it holds of persons is masked. */
export function masked(text: string, field = ''): string {
  const values = everyPersonalValue(text, field);
  if (values.length === 0) return text;
  return withoutPersonal(text, values, ({ kind }, written) => maskedValue(kind, written));
}
