import { binary, fixed, general, hexadecimal, scientific } from './floatText.ts';
import { textOf } from './operands.ts';
import { printValue, quote } from './print.ts';
import { BuiltinError, RegoNumber, type RegoValue } from './value.ts';

/** What Go's `fmt` is given: OPA hands over strings, integers and floats, and prints everything else first. */
type Argument = { kind: 'string'; text: string } | { kind: 'int'; value: bigint } | { kind: 'float64'; value: number };

interface Verb {
  flags: Set<string>;
  width: number;
  precision: number | null;
  letter: string;
}

/** A width or precision beyond this is taken for an attack on memory. */
const widest = 100_000;

/**
 * Rego's `sprintf`, with the verbs and the error texts of Go's `fmt.Sprintf`. opa-wasm's own prints objects as
 * `[object Object]`.
 */
export function sprintf(format: RegoValue, values: RegoValue): string {
  if (!Array.isArray(values)) throw new BuiltinError('an array is wanted');
  const given = values.map(argumentOf);
  let next = 0;
  const pattern = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([^])?|%$/gu;
  let result = textOf(format).replace(pattern, (whole: string, flags = '', width, precision, letter?: string) => {
    if (letter === undefined) return '%!(NOVERB)';
    if (letter === '%') return '%';
    if (width === '*' || precision === '*' || letter === '[') throw new BuiltinError('%* and %[n] are not supported');
    const argument = given[next++];
    if (argument === undefined) return `%!${letter}(MISSING)`;
    const verb: Verb = {
      flags: new Set(flags as string),
      width: Number(width ?? 0),
      precision: precision === undefined ? (whole.includes('.') ? 0 : null) : Number(precision),
      letter,
    };
    if (verb.width > widest || (verb.precision ?? 0) > widest) throw new BuiltinError('the width is too large');
    return formatted(verb, argument) ?? bad(verb, argument);
  });
  if (next < given.length) {
    const extra = given.slice(next).map((each) => `${typeOf(each)}=${plain(each)}`);
    result += `%!(EXTRA ${extra.join(', ')})`;
  }
  return result;
}

function argumentOf(value: RegoValue): Argument {
  if (value instanceof RegoNumber) {
    if (/^-?\d+$/.test(value.text)) return { kind: 'int', value: BigInt(value.text) };
    const float = Number(value.text);
    return Number.isFinite(float) ? { kind: 'float64', value: float } : { kind: 'string', text: value.text };
  }
  return { kind: 'string', text: typeof value === 'string' ? value : printValue(value) };
}

const most = 2n ** 63n;

function typeOf(argument: Argument): string {
  if (argument.kind !== 'int') return argument.kind;
  return argument.value < most && argument.value >= -most ? 'int64' : '*big.Int';
}

function plain(argument: Argument): string {
  if (argument.kind === 'string') return argument.text;
  return argument.kind === 'int' ? String(argument.value) : general(argument.value, null, 'g');
}

/** What Go prints for a verb that does not fit: the value as %v would, with the same flags. */
function bad(verb: Verb, argument: Argument): string {
  return `%!${verb.letter}(${typeOf(argument)}=${formatted({ ...verb, letter: 'v' }, argument)})`;
}

function formatted(verb: Verb, argument: Argument): string | null {
  if (verb.letter === 'T') return padded(typeOf(argument), verb);
  switch (argument.kind) {
    case 'string':
      return formatText(verb, argument.text);
    case 'int':
      return formatInteger(verb, argument.value);
    case 'float64':
      return formatFloat(verb, argument.value);
  }
}

function formatText(verb: Verb, text: string): string | null {
  const cut = verb.precision === null ? text : [...text].slice(0, verb.precision).join('');
  switch (verb.letter) {
    case 'v':
      return padded(verb.flags.has('#') ? quote(cut) : cut, verb);
    case 's':
      return padded(cut, verb);
    case 'q':
      return padded(quote(cut), verb);
    case 'x':
    case 'X': {
      const bytes = Buffer.from(text).toString('hex');
      const hex = bytes !== '' && verb.flags.has('#') ? `0x${bytes}` : bytes;
      return padded(verb.letter === 'X' ? hex.toUpperCase() : hex, verb);
    }
    default:
      return null;
  }
}

function formatInteger(verb: Verb, value: bigint): string | null {
  const bases: Record<string, number> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 };
  if (verb.letter === 'c' || verb.letter === 'U' || verb.letter === 'q') return formatRune(verb, value);
  const base = bases[verb.letter];
  if (base === undefined) return null;
  let digits = (value < 0n ? -value : value).toString(base);
  if (verb.letter === 'X') digits = digits.toUpperCase();
  if (verb.precision !== null)
    digits = verb.precision === 0 && value === 0n ? '' : digits.padStart(verb.precision, '0');
  if (verb.letter === 'O') digits = `0o${digits}`;
  else if (verb.flags.has('#')) digits = `${prefixes[verb.letter] ?? ''}${digits}`;
  return signed(verb, value < 0n, digits, verb.precision === null);
}

const prefixes: Record<string, string> = { x: '0x', X: '0X', o: '0', b: '0b' };

function formatRune(verb: Verb, value: bigint): string | null {
  const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd;
  const character = code >= 0xd800 && code < 0xe000 ? '\ufffd' : String.fromCodePoint(code);
  if (verb.letter === 'c') return padded(character, verb);
  if (verb.letter === 'U')
    return padded(`U+${BigInt.asUintN(64, value).toString(16).toUpperCase().padStart(4, '0')}`, verb);
  return padded(character === "'" ? "'\\''" : `'${quote(character).slice(1, -1).replace('\\"', '"')}'`, verb);
}

function formatFloat(verb: Verb, value: number): string | null {
  if (verb.flags.has('#')) throw new BuiltinError('the flag # of a fraction is not supported');
  const magnitude = Math.abs(value);
  const isNegative = value < 0 || Object.is(value, -0);
  switch (verb.letter) {
    case 'v':
      return signed(verb, isNegative, general(magnitude, verb.precision, 'g'), true);
    case 'g':
    case 'G':
      return signed(verb, isNegative, general(magnitude, verb.precision, verb.letter), true);
    case 'e':
    case 'E': {
      const text = scientific(magnitude, verb.precision ?? 6);
      return signed(verb, isNegative, verb.letter === 'E' ? text.toUpperCase() : text, true);
    }
    case 'f':
    case 'F':
      return signed(verb, isNegative, fixed(magnitude, verb.precision ?? 6), true);
    case 'b':
    case 'x':
    case 'X': {
      if (verb.precision !== null) throw new BuiltinError('a precision of a binary exponent is not supported');
      const text = verb.letter === 'b' ? binary(magnitude) : hexadecimal(magnitude);
      return signed(verb, isNegative, verb.letter === 'X' ? text.toUpperCase() : text, true);
    }
    default:
      return null;
  }
}

function signed(verb: Verb, isNegative: boolean, digits: string, mayFill: boolean): string {
  const sign = isNegative ? '-' : verb.flags.has('+') ? '+' : verb.flags.has(' ') ? ' ' : '';
  if (mayFill && verb.flags.has('0') && !verb.flags.has('-')) {
    return sign + digits.padStart(verb.width - sign.length, '0');
  }
  return padded(sign + digits, { ...verb, flags: new Set([...verb.flags].filter((flag) => flag !== '0')) });
}

function padded(text: string, { flags, width }: Verb): string {
  const missing = width - [...text].length;
  if (missing <= 0) return text;
  if (flags.has('-')) return text + ' '.repeat(missing);
  return (flags.has('0') ? '0' : ' ').repeat(missing) + text;
}
