import type { Allowance } from './allowance.ts';
import { unpacked } from './codecs.ts';
import { isBytes, List, sizeOf, Slice, stringConstants, type Constant } from './constants.ts';
import { foldFunction, foldMethod, type FoldingTools } from './folding.ts';
import type { TextReader } from './textReader.ts';
import {
  ByteArray,
  Bytes,
  Global,
  Instance,
  isMade,
  isText,
  MadeBytes,
  MadeSequence,
  MadeText,
  Sequence,
  textBase,
  type Value,
} from './values.ts';

/** Lists inside one another that are followed. */
const deepest = 8;
/** Calls that one value remembers to be made by. */
const makersKept = 64;

/** Works out calls whose arguments are known whole, and gives their results back as values of the machine. */
export class ConstantValues {
  readonly #text: TextReader;
  readonly #allowance: Allowance;

  readonly #tellWorkedUp: (value: Bytes | number) => void;

  /** The texts (by their opcodes) and bytes that were asked for last. */
  #read: (Bytes | number)[] = [];
  /** Whose results the constants are that were asked for last. */
  #makers: Global[] = [];

  constructor(text: TextReader, allowance: Allowance, tellWorkedUp: (value: Bytes | number) => void) {
    this.#text = text;
    this.#allowance = allowance;
    this.#tellWorkedUp = tellWorkedUp;
  }

  /** `name(*args)`, `by` whom it was called for; undefined when it is not known. @param name the canonical one. */
  call(name: string, args: readonly Value[], by: Global, at: number): Value {
    return this.#work(
      args,
      [by],
      at,
      (constants, tools) => foldFunction(name, constants, tools),
      name === 'builtins.reversed',
    );
  }

  /** `object.name(*args)`. */
  method(object: Value, name: string, args: readonly Value[], by: readonly Global[], at: number): Value {
    return this.#work([object, ...args], by, at, ([constant, ...rest], tools) =>
      constant === undefined ? undefined : foldMethod(constant, name, rest, tools),
    );
  }

  /** The constant that a value is; undefined when it is none, or too large to be followed. */
  constant(value: Value, at: number, depth = 0): Constant | undefined {
    if (value === null || typeof value === 'boolean') return value;
    if (isMade(value)) this.#makers.push(...value.by);
    if (isText(value)) {
      const text = this.#text.whole(value, this.#allowance.bytes);
      this.#read.push(value - textBase);
      return text !== null && this.#allowance.takeBytes(text.length, at) ? text : undefined;
    }
    if (typeof value === 'number') return value > -textBase ? value : undefined;
    if (value instanceof MadeText) return value.text;
    if (value instanceof ByteArray) return undefined;
    if (value instanceof Bytes) {
      const count = value instanceof MadeBytes ? 0 : value.length;
      this.#read.push(value);
      return this.#allowance.takeBytes(count, at) ? (this.#text.bytesOf(value, count) ?? undefined) : undefined;
    }
    if (value instanceof Global) {
      if (!Object.hasOwn(stringConstants, value.dotted)) return undefined;
      this.#makers.push(value);
      return stringConstants[value.dotted];
    }
    if (depth > deepest) return undefined;
    if (value instanceof Sequence) {
      const items = this.#items(value, at, depth);
      if (value instanceof MadeSequence && value.once) value.touch();
      return items;
    }
    if (value instanceof Instance && value.isOf('builtins', 'slice') && value.args instanceof Sequence) {
      const bounds = this.#items(value.args, at, depth);
      if (!bounds?.every((bound) => bound === null || typeof bound === 'number')) return undefined;
      return new Slice(bounds.length === 1 ? [null, ...bounds] : bounds);
    }
    return undefined;
  }

  #items(sequence: Sequence, at: number, depth: number): Constant[] | undefined {
    // A set has no order that is the same in every process.
    if (sequence.length !== sequence.items.length || sequence.type === 'set' || sequence.type === 'frozenset')
      return undefined;
    const constants: Constant[] = sequence.type === 'list' ? new List() : [];
    for (const item of sequence.items) {
      const constant = this.constant(item, at, depth + 1);
      if (constant === undefined) return undefined;
      constants.push(constant);
    }
    return constants;
  }

  #work(
    args: readonly Value[],
    by: readonly Global[],
    at: number,
    compute: (constants: (Constant | undefined)[], tools: FoldingTools) => Constant | undefined,
    once = false,
  ): Value {
    const constants: Constant[] = [];
    this.#makers = [...by];
    this.#read = [];
    for (const arg of args) {
      const constant = this.constant(arg, at);
      if (constant === undefined) return undefined;
      constants.push(constant);
    }
    const allowance = this.#allowance;
    const result = compute(constants, {
      longest: allowance.bytes,
      unpack: (format, bytes) =>
        unpacked(format, bytes, allowance.budget, ({ code, message }) => allowance.tell({ code, offset: at, message })),
    });
    if (result === undefined || !allowance.takeBytes(sizeOf(result), at)) return undefined;
    for (const read of this.#read) this.#tellWorkedUp(read);
    return made(result, this.#makers.slice(0, makersKept), at, once);
  }
}

function made(constant: Constant, by: readonly Global[], at: number, once = false): Value {
  if (typeof constant === 'string') return new MadeText(constant, by);
  if (typeof constant === 'number') return Math.abs(constant) < textBase ? constant : undefined;
  if (isBytes(constant)) return new MadeBytes(at, constant, by);
  // The list alone says who made it: they are told once.
  if (Array.isArray(constant)) {
    const items = Array.from(constant, (item) => made(item, [], at));
    return new MadeSequence(constant instanceof List ? 'list' : 'tuple', items, by, once);
  }
  return constant instanceof Slice ? undefined : constant;
}
