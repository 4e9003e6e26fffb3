import {
  decode,
  decodeText,
  encode,
  encodeText,
  unbase32,
  unbase64,
  unbase85,
  unhex,
  type Compression,
  type Unpack,
} from './codecs.ts';
import {
  bytesOf,
  bytesOrText,
  isBytes,
  isNumber,
  item,
  itemsAtMost,
  itemsOf,
  latin1,
  latin1Text,
  like,
  List,
  sizeOf,
  sum,
  textOf,
  type Constant,
} from './constants.ts';

/** What folding may use: how large a result may be, in characters or bytes, and the way to expand what is compressed. */
export interface FoldingTools {
  readonly longest: number;
  unpack: Unpack;
}

type Fold = (args: (Constant | undefined)[], tools: FoldingTools) => Constant | undefined;

const isString = (value: unknown): value is string => typeof value === 'string';

const numeric =
  (compute: (a: number, b: number) => number): Fold =>
  ([a, b]) =>
    isNumber(a) && isNumber(b) && Math.abs(a) < 2 ** 31 && Math.abs(b) < 2 ** 31 ? compute(a, b) + 0 : undefined;

const decompress =
  (format: Compression): Fold =>
  ([value], tools) =>
    isBytes(value) ? tools.unpack(format, value) : undefined;

const product: Fold = ([a, b], tools) => {
  if (isNumber(a) && isNumber(b)) return Math.abs(a * b) < 2 ** 31 ? a * b + 0 : undefined;
  const [sequence, count] = isNumber(a) ? [b, a] : [a, b];
  if (!isNumber(count) || sequence === undefined || sizeOf(sequence) * count > tools.longest) return undefined;
  if (isString(sequence)) return sequence.repeat(Math.max(0, count));
  const items = itemsOf(sequence);
  if (items === undefined) return undefined;
  const all = Array.from({ length: Math.max(0, count) }, () => items).flat(1);
  return like(sequence, all);
};

/** `text % values` with `%s`, `%d`, `%c` and `%%` alone. */
const percent: Fold = ([pattern, values], tools) => {
  if (isNumber(pattern) && isNumber(values)) return values > 0 && pattern >= 0 ? pattern % values : undefined;
  if (!isString(pattern)) return undefined;
  if (values instanceof List) return undefined;
  const all = Array.isArray(values) ? values : [values];
  if (sizeOf(pattern) + sizeOf(all as Constant[]) * pattern.length > tools.longest) return undefined;
  let next = 0;
  let known = true;
  const text = pattern.replace(/%([^%]*?[a-zA-Z%])/g, (_whole, code: string) => {
    if (code === '%') return '%';
    const value = all[next++];
    const words = code === 'c' && isNumber(value) ? character(value) : textOf(value);
    if (words === undefined || !/^[sdc]$/.test(code)) known = false;
    return words ?? '';
  });
  return known ? text : undefined;
};

/** `text.format(...)` with `{}` and `{0}` alone. */
function format(pattern: string, values: (Constant | undefined)[], tools: FoldingTools): string | undefined {
  if (pattern.length * (1 + values.reduce<number>((total, value) => total + sizeOf(value), 0)) > tools.longest)
    return undefined;
  let next = 0;
  let known = true;
  const text = pattern.replace(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (whole, field?: string) => {
    if (whole === '{{' || whole === '}}') return whole[0] as string;
    const words =
      field !== undefined && /^\d*$/.test(field) ? textOf(values[field === '' ? next++ : Number(field)]) : undefined;
    if (words === undefined) known = false;
    return words ?? '';
  });
  return known ? text : undefined;
}

function character(code: number): string | undefined {
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

function join(separator: Constant | undefined, parts: Constant | undefined, tools: FoldingTools): Constant | undefined {
  const items = itemsOf(parts);
  if (items === undefined || sizeOf(items) + items.length * sizeOf(separator) > tools.longest) return undefined;
  if (isString(separator)) return items.every(isString) ? items.join(separator) : undefined;
  if (!isBytes(separator) || !items.every(isBytes)) return undefined;
  return new Uint8Array(Buffer.concat(items.flatMap((part, index) => (index === 0 ? [part] : [separator, part]))));
}

type TextMethod = (text: string, args: (Constant | undefined)[], tools: FoldingTools) => Constant | undefined;

/** Methods of strings, with the most arguments that they are worked out with. */
const textMethods: Readonly<Record<string, [most: number, TextMethod]>> = {
  join: [1, (text, [parts], tools) => join(text, parts, tools)],
  format: [16, (text, args, tools) => format(text, args, tools)],
  upper: [0, plainly((text) => text.toUpperCase())],
  lower: [0, plainly((text) => text.toLowerCase())],
  casefold: [0, plainly((text) => text.toLowerCase())],
  swapcase: [
    0,
    plainly((text) =>
      text.replace(/[a-z]/gi, (letter) => (letter >= 'a' ? letter.toUpperCase() : letter.toLowerCase())),
    ),
  ],
  capitalize: [0, plainly((text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase())],
  title: [
    0,
    plainly((text) => text.toLowerCase().replace(/[a-z]+/g, (word) => word.slice(0, 1).toUpperCase() + word.slice(1))),
  ],
  strip: [1, plainly((text, letters) => trim(text, letters, true, true))],
  lstrip: [1, plainly((text, letters) => trim(text, letters, true, false))],
  rstrip: [1, plainly((text, letters) => trim(text, letters, false, true))],
  removeprefix: [1, (text, [part]) => (isString(part) && text.startsWith(part) ? text.slice(part.length) : text)],
  removesuffix: [
    1,
    (text, [part]) => (isString(part) && part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text),
  ],
  replace: [
    2,
    (text, [from, to], tools) => {
      if (!isString(from) || !isString(to) || from === '') return undefined;
      return (text.length + 1) * (to.length + 1) > tools.longest ? undefined : text.split(from).join(to);
    },
  ],
  split: [
    1,
    plainly((text, separator) => {
      if (separator === '' || text.length > itemsAtMost) return undefined;
      const parts = isString(separator) ? text.split(separator) : text.split(/ +/).filter((word) => word !== '');
      return List.from(parts);
    }),
  ],
  encode: [1, (text, [name]) => encodeText(text, name)],
};
const bytesMethods: Readonly<Record<string, [most: number, Fold]>> = {
  decode: [1, ([bytes, name], tools) => (isBytes(bytes) ? decodeText(bytes, name, tools.unpack) : undefined)],
  hex: [0, ([bytes]) => (isBytes(bytes) ? Buffer.from(bytes).toString('hex') : undefined)],
  join: [1, ([separator, parts], tools) => join(separator, parts, tools)],
};

/** What letters and blanks are, Python and JavaScript agree on only within printable ASCII. */
function plainly(compute: (text: string, argument: Constant | undefined) => Constant | undefined): TextMethod {
  const isPlain = (value: Constant | undefined) => !isString(value) || /^[ -~]*$/.test(value);
  return (text, [argument]) => (isPlain(text) && isPlain(argument) ? compute(text, argument) : undefined);
}

function trim(text: string, letters: Constant | undefined, left: boolean, right: boolean): string | undefined {
  if (letters !== undefined && letters !== null && !isString(letters)) return undefined;
  const dropped = letters ?? ' ';
  let from = 0;
  let to = text.length;
  while (left && from < to && dropped.includes(text[from] as string)) from++;
  while (right && to > from && dropped.includes(text[to - 1] as string)) to--;
  return text.slice(from, to);
}

/** Whether a method of a string or of bytes is worked out. */
export function isKnownMethod(object: Constant, name: string): boolean {
  return Object.hasOwn(isString(object) ? textMethods : bytesMethods, name) || operatorOf(name) !== null;
}

/** `__add__` is the operator `add`. */
function operatorOf(name: string): string | null {
  const operator = /^__([a-z_]+)__$/.exec(name)?.[1];
  return operator !== undefined && Object.hasOwn(functions, `operator.${operator}`) ? `operator.${operator}` : null;
}

/** `object.name(*args)`. */
export function foldMethod(
  object: Constant,
  name: string,
  args: (Constant | undefined)[],
  tools: FoldingTools,
): Constant | undefined {
  const operator = operatorOf(name);
  if (operator !== null) return foldFunction(operator, [object, ...args], tools);
  const ofText = Object.hasOwn(textMethods, name) ? textMethods[name] : undefined;
  if (isString(object))
    return ofText !== undefined && args.length <= ofText[0] ? ofText[1](object, args, tools) : undefined;
  if (!isBytes(object)) return undefined;
  const ofBytes = Object.hasOwn(bytesMethods, name) ? bytesMethods[name] : undefined;
  if (ofBytes !== undefined) return args.length <= ofBytes[0] ? ofBytes[1]([object, ...args], tools) : undefined;
  // The other methods of bytes do to bytes what those of strings do to letters.
  if (ofText === undefined || args.length > ofText[0] || name === 'encode' || name === 'format') return undefined;
  const asText = args.map((value) => (isBytes(value) ? latin1Text(value) : value));
  const result = ofText[1](latin1Text(object), asText, tools);
  return isString(result) ? latin1(result) : undefined;
}

const listOf = (items: Constant[] | undefined): List | undefined =>
  items === undefined ? undefined : List.from(items);

const functions: Readonly<Record<string, Fold>> = {
  'operator.add': ([a, b], tools) => (sizeOf(a) + sizeOf(b) > tools.longest ? undefined : sum(a, b)),
  'operator.mul': product,
  'operator.mod': percent,
  'operator.sub': numeric((a, b) => a - b),
  'operator.xor': numeric((a, b) => a ^ b),
  'operator.or': numeric((a, b) => a | b),
  'operator.and': numeric((a, b) => a & b),
  'operator.floordiv': numeric((a, b) => (b === 0 ? 0 : Math.floor(a / b))),
  'operator.getitem': ([sequence, key]) => item(sequence, key),
  'builtins.chr': ([code]) => (isNumber(code) ? character(code) : undefined),
  'builtins.unichr': ([code]) => (isNumber(code) ? character(code) : undefined),
  'builtins.ord': ([text]) => (isString(text) ? text.codePointAt(0) : isBytes(text) ? text[0] : undefined),
  'builtins.len': ([value]) => itemsOf(value)?.length,
  'builtins.int': ([value, base]) => {
    if (isNumber(value)) return base === undefined ? value : undefined;
    if (!isString(value) || !/^[0-9a-z]{1,12}$/i.test(value)) return undefined;
    const radix = base === undefined ? 10 : base;
    if (!isNumber(radix) || radix < 2 || radix > 36) return undefined;
    const digits = [...value].map((digit) => parseInt(digit, 36));
    return digits.every((digit) => digit < radix) ? parseInt(value, radix) : undefined;
  },
  'builtins.str': ([value, name], tools) => {
    if (value === undefined) return '';
    return isBytes(value) ? (name === undefined ? undefined : decodeText(value, name, tools.unpack)) : textOf(value);
  },
  'builtins.bytes': ([value, name], tools) => {
    if (value === undefined) return new Uint8Array(0);
    if (isBytes(value)) return value;
    if (isString(value)) return name === undefined ? undefined : encodeText(value, name);
    if (isNumber(value)) return value >= 0 && value <= tools.longest ? new Uint8Array(value) : undefined;
    return Array.isArray(value) ? bytesOf(value) : undefined;
  },
  'builtins.list': ([value]) => (value === undefined ? new List() : listOf(itemsOf(value))),
  'builtins.tuple': ([value]) => {
    const items = value === undefined ? [] : itemsOf(value);
    return items === undefined ? undefined : Array.from<Constant>(items);
  },
  // Of a list it is a view, which shows what becomes of the list later.
  'builtins.reversed': ([value]) => (value instanceof List ? undefined : listOf(itemsOf(value)?.toReversed())),
  'builtins.bytes.fromhex': ([text]) => unhex(text),
  'codecs.encode': ([value, name]) => (value === undefined ? undefined : encode(value, name)),
  'codecs.decode': ([value, name], tools) => (value === undefined ? undefined : decode(value, name, tools.unpack)),
  'base64.b64decode': ([value]) => unbase64(value),
  'base64.urlsafe_b64decode': ([value]) => {
    const bytes = bytesOrText(value);
    return bytes && unbase64(latin1Text(bytes).replaceAll('-', '+').replaceAll('_', '/'));
  },
  'base64.b32decode': ([value]) => unbase32(value),
  'base64.b16decode': ([value]) => unhex(value),
  'base64.b85decode': ([value]) => unbase85(value, false),
  'base64.a85decode': ([value]) => unbase85(value, true),
  'binascii.unhexlify': ([value]) => unhex(value),
  'binascii.hexlify': ([value]) => {
    const bytes = bytesOrText(value);
    return bytes === undefined ? undefined : latin1(Buffer.from(bytes).toString('hex'));
  },
  'zlib.decompress': ([value, windowBits = 15], tools) => {
    if (!isNumber(windowBits)) return undefined;
    const format = windowBits < 0 ? 'deflate' : windowBits <= 15 ? 'zlib' : windowBits <= 31 ? 'gzip' : undefined;
    return format === undefined ? undefined : decompress(format)([value], tools);
  },
  'gzip.decompress': decompress('gzip'),
  'bz2.decompress': decompress('bz2'),
  'lzma.decompress': decompress('lzma'),
  'zstd.decompress': decompress('zstd'),
};

/** The most arguments that these are worked out with, where it is not one: any more would change what they do. */
const mostArguments: Readonly<Record<string, number>> = {
  'operator.add': 2,
  'operator.mul': 2,
  'operator.mod': 2,
  'operator.sub': 2,
  'operator.xor': 2,
  'operator.or': 2,
  'operator.and': 2,
  'operator.floordiv': 2,
  'operator.getitem': 2,
  'builtins.int': 2,
  'builtins.str': 2,
  'builtins.bytes': 2,
  'codecs.encode': 2,
  'codecs.decode': 2,
  'zlib.decompress': 2,
};

/** Other names of the same functions. */
const aliases: Readonly<Record<string, string>> = {
  'operator.concat': 'operator.add',
  'base64.standard_b64decode': 'base64.b64decode',
  'base64.decodebytes': 'base64.b64decode',
  'base64.decodestring': 'base64.b64decode',
  'binascii.a2b_base64': 'base64.b64decode',
  'binascii.a2b_hex': 'binascii.unhexlify',
  'binascii.b2a_hex': 'binascii.hexlify',
  'compression.zlib.decompress': 'zlib.decompress',
  'compression.gzip.decompress': 'gzip.decompress',
  'compression.bz2.decompress': 'bz2.decompress',
  'compression.lzma.decompress': 'lzma.decompress',
  'compression.zstd.decompress': 'zstd.decompress',
};

/** The name under which a function is known here: `_operator.__concat__` is `operator.add`. */
export function canonicalName(dotted: string): string {
  const plain = dotted.replace(/^_(?=(?:operator|functools|codecs|io|pickle)\.)/, '');
  const name = plain.startsWith('operator.') ? plain.replace(/\.(?:__)?([a-z]+?)_*$/, '.$1') : plain;
  return Object.hasOwn(aliases, name) ? (aliases[name] as string) : name;
}

/**
 * What a function or an unbound method (`builtins.str.join`) gives; undefined when that is not known.
 * @param name the canonical one.
 */
export function foldFunction(name: string, args: (Constant | undefined)[], tools: FoldingTools): Constant | undefined {
  if (Object.hasOwn(functions, name)) {
    const most = Object.hasOwn(mostArguments, name) ? (mostArguments[name] as number) : 1;
    return args.length <= most ? functions[name]?.(args, tools) : undefined;
  }
  const method = unboundMethod(name);
  const [object, ...rest] = args;
  return method === null || object === undefined ? undefined : foldMethod(object, method, rest, tools);
}

/** Whether a canonical name is worked out here. */
export function isFoldable(name: string): boolean {
  return Object.hasOwn(functions, name) || unboundMethod(name) !== null;
}

function unboundMethod(name: string): string | null {
  return /^builtins\.(?:str|unicode|bytes)\.(\w+)$/.exec(name)?.[1] ?? null;
}
