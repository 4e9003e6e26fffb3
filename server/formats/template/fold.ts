/** A constant that a template can compute. Dictionaries are pairs. */
export type Constant = string | number | boolean | null | Constant[] | { pairs: [Constant, Constant][] };

/** What an expression may come to. */
export interface Value {
  /** The constants that are known among its values. */
  known: Constant[];
  /** True when it has no other values. */
  complete: boolean;
  /** True when it is a text pieced together from parts that are not all known. */
  built: boolean;
}

export const unknown: Value = { known: [], complete: false, built: false };
export const constant = (value: Constant): Value => ({ known: [value], complete: true, built: false });

/** Values that are followed of one expression, and characters or items of one value: attribute names are short. */
const mostValues = 16;
const longest = 4_096;

/** Either of several values. */
export function either(values: readonly Value[]): Value {
  const known = values.flatMap((value) => value.known);
  return {
    known: known.slice(0, mostValues),
    complete: known.length <= mostValues && values.every((value) => value.complete),
    built: values.some((value) => value.built),
  };
}

/** Applies a function to every combination of values; undefined where it cannot be known. */
export function combine(
  operands: readonly Value[],
  apply: (...constants: Constant[]) => Constant | undefined,
  builds = false,
): Value {
  let rows: Constant[][] = [[]];
  for (const { known } of operands)
    rows = rows.flatMap((row) => known.map((item) => [...row, item])).slice(0, mostValues + 1);
  const results = rows.slice(0, mostValues).map((row) => apply(...row));
  const known = results.filter((result): result is Constant => result !== undefined && size(result) <= longest);
  const complete =
    rows.length <= mostValues && known.length === results.length && operands.every((operand) => operand.complete);
  return { known, complete, built: !complete && (builds || operands.some((operand) => operand.built)) };
}

const size = (value: Constant): number => (typeof value === 'string' || Array.isArray(value) ? value.length : 1);

export const isText = (value: Value): boolean => value.built || value.known.some((item) => typeof item === 'string');

/** As Jinja prints it; undefined for what no attack prints. */
export function textOf(value: Constant): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return value === null ? 'None' : undefined;
}

export function binary(operator: string, left: Constant, right: Constant): Constant | undefined {
  if (operator === '~') {
    const [a, b] = [textOf(left), textOf(right)];
    return a === undefined || b === undefined ? undefined : a + b;
  }
  if (operator === '+') {
    if (typeof left === 'string' && typeof right === 'string') return left + right;
    if (typeof left === 'number' && typeof right === 'number') return left + right;
    return Array.isArray(left) && Array.isArray(right) ? [...left, ...right] : undefined;
  }
  if (operator === '%' && typeof left === 'string') return percent(left, Array.isArray(right) ? right : [right]);
  if (operator === '*') {
    const [text, times] = typeof left === 'string' ? [left, right] : [right, left];
    if (typeof text === 'string' && typeof times === 'number' && text.length * times <= longest)
      return text.repeat(Math.max(0, Math.trunc(times)));
  }
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  if (operator === '-') return left - right;
  if (operator === '*') return left * right;
  if (operator === '%' && right !== 0) return ((left % right) + right) % right;
  return operator === '//' && right !== 0 ? Math.floor(left / right) : undefined;
}

/** Python's `%` for `%s`, `%c`, `%d` and `%r` of numbers. */
export function percent(format: string, values: readonly Constant[]): string | undefined {
  let next = 0;
  let failed = false;
  const text = format.replace(/%([a-zA-Z%])/g, (whole, kind: string) => {
    if (kind === '%') return '%';
    const value = values[next++];
    const shown =
      value === undefined ? undefined : kind === 'c' && typeof value === 'number' ? character(value) : textOf(value);
    if (shown === undefined) failed = true;
    return shown ?? whole;
  });
  return failed ? undefined : text;
}

const character = (point: number): string | undefined =>
  Number.isInteger(point) && point >= 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined;

/** `str.format` with plain fields: `{}`, `{0}`, `{name}` and `{0:c}`. */
function format(text: string, values: readonly Constant[]): string | undefined {
  let next = 0;
  let failed = false;
  const result = text.replace(/\{(\d*)(?::(\w*))?\}/g, (whole, index: string, kind: string | undefined) => {
    const value = values[index === '' ? next++ : Number(index)];
    const shown =
      value === undefined ? undefined : kind === 'c' && typeof value === 'number' ? character(value) : textOf(value);
    if (shown === undefined) failed = true;
    return shown ?? whole;
  });
  return failed || /[{}]/.test(result) ? undefined : result;
}

/** Filters and methods that make a text from others; an attack may use any of them to spell a name. */
export const building = new Set([
  'join',
  'replace',
  'format',
  'reverse',
  'format_map',
  'translate',
  'decode',
  'center',
]);

/** What a filter or a method of a text comes to. Jinja's filters and Python's methods of one name mean the same here. */
export function transform(name: string, object: Constant, args: readonly Constant[]): Constant | undefined {
  const items = itemsOf(object);
  switch (name) {
    case 'join': {
      // A method joins what it is given, a filter joins what it is applied to.
      const method = typeof object === 'string' && Array.isArray(args[0]);
      const parts = (method ? (args[0] as Constant[]) : (items ?? [])).map(textOf);
      const separator = method ? object : (args[0] ?? '');
      if (typeof separator !== 'string' || parts.includes(undefined)) return undefined;
      return parts.join(separator);
    }
    case 'replace':
      if (typeof object !== 'string' || typeof args[0] !== 'string' || typeof args[1] !== 'string') return undefined;
      return object.split(args[0]).join(args[1]);
    case 'format':
      if (typeof object !== 'string') return undefined;
      return object.includes('%') ? percent(object, args) : format(object, args);
    case 'lower':
    case 'casefold':
      return typeof object === 'string' ? object.toLowerCase() : undefined;
    case 'upper':
      return typeof object === 'string' ? object.toUpperCase() : undefined;
    case 'trim':
    case 'strip':
    case 'lstrip':
    case 'rstrip':
      return typeof object === 'string' ? strip(object, name, args[0]) : undefined;
    case 'string':
      return textOf(object);
    case 'reverse':
      return typeof object === 'string' ? [...object].reverse().join('') : items?.slice().reverse();
    case 'list':
      return items;
    case 'first':
      return items?.[0];
    case 'last':
      return items?.at(-1);
    case 'split':
      return typeof object === 'string' && typeof args[0] === 'string' ? object.split(args[0]) : undefined;
    case 'safe':
    case 'e':
    case 'escape':
    case 'default':
    case 'd':
    case 'sort':
    case 'unique':
      return object;
    default:
      return undefined;
  }
}

function strip(text: string, how: string, characters: Constant | undefined): string | undefined {
  if (characters !== undefined && typeof characters !== 'string') return undefined;
  const drops = (at: string | undefined): boolean =>
    at !== undefined && (characters === undefined ? /\s/.test(at) : characters.includes(at));
  let from = 0;
  let to = text.length;
  if (how !== 'rstrip') while (from < to && drops(text[from])) from++;
  if (how !== 'lstrip') while (to > from && drops(text[to - 1])) to--;
  return text.slice(from, to);
}

/** What iterating over it gives. */
export function itemsOf(value: Constant): Constant[] | undefined {
  if (typeof value === 'string') return [...value];
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? value.pairs.map(([key]) => key) : undefined;
}

export function itemAt(object: Constant, key: Constant): Constant | undefined {
  if (typeof key === 'number') {
    const items = itemsOf(object);
    if (items && !(typeof object === 'object' && object !== null && 'pairs' in object)) return items.at(key);
  }
  if (typeof object !== 'object' || object === null || Array.isArray(object)) return undefined;
  return object.pairs.find(([name]) => name === key)?.[1];
}

/** `[from:to:step]` of a text or a list. */
export function slice(object: Constant, bounds: readonly (Constant | undefined)[]): Constant | undefined {
  const items = typeof object === 'string' ? [...object] : Array.isArray(object) ? object : null;
  const whole = bounds.every((bound) => bound === undefined || bound === null || Number.isInteger(bound));
  if (!items || !whole) return undefined;
  const [from, to, by] = bounds as (number | null | undefined)[];
  const step = by ?? 1;
  if (step === 0) return undefined;
  const clamp = (bound: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, bound < 0 ? bound + items.length : bound));
  const picked: Constant[] = [];
  if (step > 0) {
    const end = clamp(to ?? items.length, 0, items.length);
    for (let at = clamp(from ?? 0, 0, items.length); at < end; at += step) picked.push(items[at] as Constant);
  } else {
    const end = to === null || to === undefined ? -1 : clamp(to, -1, items.length - 1);
    for (let at = clamp(from ?? items.length - 1, -1, items.length - 1); at > end; at += step)
      picked.push(items[at] as Constant);
  }
  return typeof object === 'string' ? (picked as string[]).join('') : picked;
}
