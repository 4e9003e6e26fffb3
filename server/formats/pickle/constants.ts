/**
 * What Python's functions give for arguments that stand in the stream: enough of them to see through names and pickles
 * that are put together, encoded or compressed. A function that is not here, or arguments that it does not take, give
 * undefined, and then the value stays unknown, which is never taken for harmless.
 */

/** `slice(start, stop, step)`. */
export class Slice {
  readonly bounds: readonly (number | null)[];

  constructor(bounds: readonly (number | null)[]) {
    this.bounds = bounds;
  }
}

/** A list, which Python tells from a tuple. */
export class List extends Array<Constant> {}

/** A value that is known whole: strings, small integers, bytes, and tuples (plain arrays) and lists of them. */
export type Constant = string | number | boolean | null | Uint8Array | Slice | Constant[];

/** Constants of Python's `string` module, out of which names can be picked. */
export const stringConstants: Readonly<Record<string, string>> = {
  'string.ascii_lowercase': 'abcdefghijklmnopqrstuvwxyz',
  'string.ascii_uppercase': 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'string.ascii_letters': 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  'string.digits': '0123456789',
  'string.hexdigits': '0123456789abcdefABCDEF',
  'string.octdigits': '01234567',
};

export const isBytes = (value: unknown): value is Uint8Array => value instanceof Uint8Array;
export const isNumber = (value: unknown): value is number => typeof value === 'number';
const isString = (value: unknown): value is string => typeof value === 'string';

export function latin1(text: string): Uint8Array | undefined {
  return /^[\0-\u00ff]*$/.test(text) ? new Uint8Array(Buffer.from(text, 'latin1')) : undefined;
}

export function latin1Text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

/** Items that are taken apart one by one; a sequence of more is left as it is. */
export const itemsAtMost = 1 << 14;

/** The items of what Python can iterate. */
export function itemsOf(value: Constant | undefined): Constant[] | undefined {
  if (Array.isArray(value)) return value;
  if ((isString(value) || isBytes(value)) && value.length > itemsAtMost) return undefined;
  if (isString(value)) return [...value];
  return isBytes(value) ? [...value] : undefined;
}

/** Bytes, or text as the functions of base64 and binascii take it. */
export function bytesOrText(value: Constant | undefined): Uint8Array | undefined {
  return isBytes(value) ? value : isString(value) ? latin1(value) : undefined;
}

/** `sequence[key]`. */
export function item(sequence: Constant | undefined, key: Constant | undefined): Constant | undefined {
  const items = itemsOf(sequence);
  if (items === undefined) return undefined;
  if (isNumber(key)) return items[key < 0 ? key + items.length : key];
  if (!(key instanceof Slice)) return undefined;
  const step = key.bounds[2] ?? 1;
  if (step === 0) return undefined;
  const clamp = (bound: number, least: number, most: number) =>
    Math.min(most, Math.max(least, bound < 0 ? bound + items.length : bound));
  const [low, high] = step > 0 ? [0, items.length] : [-1, items.length - 1];
  const start =
    key.bounds[0] === null || key.bounds[0] === undefined ? (step > 0 ? low : high) : clamp(key.bounds[0], low, high);
  const stop =
    key.bounds[1] === null || key.bounds[1] === undefined ? (step > 0 ? high : low) : clamp(key.bounds[1], low, high);
  const chosen: Constant[] = [];
  for (let index = start; step > 0 ? index < stop : index > stop; index += step) chosen.push(items[index] as Constant);
  return like(sequence, chosen);
}

/** These items as the type of that sequence. */
export function like(sequence: Constant | undefined, items: Constant[]): Constant | undefined {
  if (isString(sequence)) return items.filter(isString).join('');
  if (isBytes(sequence)) return bytesOf(items);
  return sequence instanceof List ? List.from(items) : items;
}

/** `bytes([...])`. */
export function bytesOf(items: readonly Constant[]): Uint8Array | undefined {
  return items.every((value) => isNumber(value) && value >= 0 && value < 256)
    ? Uint8Array.from(items as number[])
    : undefined;
}

/** `left + right`. */
export function sum(left: Constant | undefined, right: Constant | undefined): Constant | undefined {
  if (isString(left) && isString(right)) return left + right;
  if (isNumber(left) && isNumber(right)) return left + right;
  if (isBytes(left) && isBytes(right)) return new Uint8Array(Buffer.concat([left, right]));
  return Array.isArray(left) && Array.isArray(right) ? like(left, [...left, ...right]) : undefined;
}

/** Characters, bytes or items that a constant holds: what it costs. */
export function sizeOf(value: Constant | undefined): number {
  if (isString(value) || isBytes(value)) return value.length;
  return Array.isArray(value) ? value.reduce<number>((total, inner) => total + 1 + sizeOf(inner), 0) : 1;
}

/** `str(value)` of what is written without quotes. */
export function textOf(value: Constant | undefined): string | undefined {
  if (isString(value)) return value;
  return isNumber(value) ? String(value) : undefined;
}
