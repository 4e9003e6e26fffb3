import { BuiltinError, RegoNumber, RegoSet, type RegoValue } from './value.ts';

/** @throws {BuiltinError} */
export function textOf(value: RegoValue | undefined): string {
  if (typeof value === 'string') return value;
  throw new BuiltinError('a string is wanted');
}

/** @throws {BuiltinError} */
export function numberOf(value: RegoValue | undefined): RegoNumber {
  if (value instanceof RegoNumber) return value;
  throw new BuiltinError('a number is wanted');
}

/** @throws {BuiltinError} */
export function integerOf(value: RegoValue | undefined): number {
  const { text } = numberOf(value);
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  throw new BuiltinError('an integer is wanted');
}

/** One text, or the texts of an array or a set. @throws {BuiltinError} */
export function textsOf(value: RegoValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  if (value instanceof RegoSet) return value.items.map(textOf);
  if (Array.isArray(value)) return value.map(textOf);
  throw new BuiltinError('strings are wanted');
}

/** One built-in function of Rego. @throws {BuiltinError} where OPA's is undefined. */
export type Builtin = (...operands: RegoValue[]) => RegoValue;
