import type { PersonalKind, PersonalValue } from './kinds.ts';
import { personalValues } from './recognise.ts';

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

/** Others come to light when some are gone, because the words beside them are nearer then. It ends: each round takes out values. */
const mostRounds = 16;

/** The text with every value put through `change`, until none is left. */
export function withoutAnyPersonal(
  text: string,
  field: string,
  change: (value: PersonalValue, written: string) => string,
): string {
  let left = text;
  for (let round = 0; round < mostRounds; round++) {
    const values = personalValues(left, field);
    if (values.length === 0) break;
    left = withoutPersonal(left, values, change);
  }
  return left;
}

/** A text that may be shown: what it holds of persons is masked. */
export function masked(text: string, field = ''): string {
  return withoutAnyPersonal(text, field, ({ kind }, written) => maskedValue(kind, written));
}
