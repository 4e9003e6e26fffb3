/**
 * What the abstract interpreter puts on the stack. The point is to know names and calls, not data, in memory that
 * does not grow with the data: numbers and strings cost nothing but their slot.
 *
 * - a `number` below `textBase`: an integer;
 * - a `number` from `textBase` on: a string, as `textBase` plus the offset of the opcode that made it, read again only
 *   when it turns out to be a name;
 * - `null`: None; `true`, `false`; `undefined`: data that is of no interest (a float, a long integer, a long string);
 * - an object of the classes below.
 */
export type Value =
  number | boolean | null | undefined | Bytes | Sequence | Mapping | Global | Instance | MadeText | Module | Method;

/** Integers stand below it, strings from it on. */
export const textBase = 2 ** 40;

/** The largest offset that a string value can hold; beyond, a string is plain data. */
export const largestTextOffset = Number.MAX_SAFE_INTEGER - textBase;

/** The first few items of a collection are kept: enough for the arguments of any call that matters. */
export const itemsKept = 16;

/** Bytes, by where they stand. */
export class Bytes {
  readonly offset: number;
  readonly length: number;
  /**
   * How they stand there, when it is as text with one character a byte, as protocols 0 to 2 write bytes: in UTF-8, or
   * as a line with escapes.
   */
  readonly asText: 'utf8' | 'line' | null;

  constructor(offset: number, length: number, asText: Bytes['asText'] = null) {
    this.offset = offset;
    this.length = length;
    this.asText = asText;
  }
}

/** A bytearray: the stream can change it later, so it is no constant. */
export class ByteArray extends Bytes {}

/** What was called for a value that could be worked out: once the value is used, that use is told in place of the calls. */
export interface Made {
  by: readonly Global[];
}

/** Bytes that calls give. */
export class MadeBytes extends Bytes implements Made {
  readonly content: Uint8Array;
  by: readonly Global[];

  /** @param offset of the opcode that made the call. */
  constructor(offset: number, content: Uint8Array, by: readonly Global[]) {
    super(offset, content.length);
    this.content = content;
    this.by = by;
  }
}

/** A string that calls give. */
export class MadeText implements Made {
  readonly text: string;
  by: readonly Global[];

  constructor(text: string, by: readonly Global[]) {
    this.text = text;
    this.by = by;
  }
}

/** A module, as `importlib.import_module` hands it out. */
export class Module implements Made {
  readonly name: string;
  by: readonly Global[];

  constructor(name: string, by: readonly Global[]) {
    this.name = name;
    this.by = by;
  }
}

/** A method of a value that is known: `'.'.join`. */
export class Method implements Made {
  readonly object: Value;
  readonly name: string;
  by: readonly Global[];

  constructor(object: Value, name: string, by: readonly Global[]) {
    this.object = object;
    this.name = name;
    this.by = by;
  }
}

/** A tuple, list, set or frozenset. */
export class Sequence {
  readonly type: 'tuple' | 'list' | 'set' | 'frozenset';
  readonly items: Value[];
  length: number;
  /** How many values it stands for when every reference is followed: what an expansion attack blows up. */
  weight: number;

  constructor(type: Sequence['type'], items: Value[], from = 0) {
    this.type = type;
    this.items = items.length - from > itemsKept ? items.slice(from, from + itemsKept) : items.slice(from);
    this.length = items.length - from;
    this.weight = 1;
    for (let index = from; index < items.length; index++) this.weight += weightOf(items[index]);
  }

  /** A call was handed it that may have changed it: what it holds is not known any more. */
  touch(): void {
    this.length = Infinity;
  }

  /** Lets go of the collections and objects in it, and keeps names, strings, numbers and bytes. */
  forgetCollections(): void {
    for (let index = 0; index < this.items.length; index++) {
      const item = this.items[index];
      if (item instanceof Sequence || item instanceof Mapping || item instanceof Instance)
        this.items[index] = undefined;
    }
  }
}

/** The tuple of nothing, of which streams have millions. */
export const emptyTuple = new Sequence('tuple', []);

/** A list or tuple that calls give. */
export class MadeSequence extends Sequence implements Made {
  readonly once: boolean;
  by: readonly Global[];

  /** @param once it is an iterator, and can be read once. */
  constructor(type: 'list' | 'tuple', items: Value[], by: readonly Global[], once = false) {
    super(type, items);
    this.by = by;
    this.once = once;
  }
}

/** A dictionary: its first pairs. */
export class Mapping {
  readonly pairs: [Value, Value][] = [];
  /** How many of them are kept. */
  readonly kept: number;
  length = 0;
  weight = 1;

  constructor(kept = itemsKept) {
    this.kept = kept;
  }

  /** A call was handed it that may have changed it: what it holds is not known any more. */
  touch(): void {
    this.length = Infinity;
  }
}

/** A name that the unpickler looks up. */
export class Global {
  /** Index into the imports of the facts under construction. */
  readonly importIndex: number;
  readonly module: string | null;
  readonly name: string | null;

  constructor(importIndex: number, module: string | null, name: string | null) {
    this.importIndex = importIndex;
    this.module = module;
    this.name = name;
  }

  /** `module.name`, or a word for what is not known. */
  get dotted(): string {
    return `${this.module ?? '<computed>'}.${this.name ?? '<computed>'}`;
  }
}

/** What a call gave: nothing was called, so all that is known is who would have been. */
export class Instance {
  readonly callee: Value;
  readonly args: Value;
  /** What the last BUILD set. */
  state: Value = undefined;
  /** Names of the attributes that BUILD has set, where all are known: those come before what the class has. Null where they are not. */
  attributes: readonly Value[] | null = null;
  /** How often BUILD has set it: Python merges one state into another. */
  builds = 0;

  constructor(callee: Value, args: Value) {
    this.callee = callee;
    this.args = args;
  }

  /** True when `module.name` made it. */
  isOf(module: string, name: string): boolean {
    return this.callee instanceof Global && this.callee.module === module && this.callee.name === name;
  }
}

export function isMade(value: Value): value is MadeBytes | MadeText | MadeSequence | Module | Method {
  return (
    value instanceof MadeText ||
    value instanceof MadeBytes ||
    value instanceof MadeSequence ||
    value instanceof Module ||
    value instanceof Method
  );
}

/** Values that a value stands for, itself included; at least 1. */
export function weightOf(value: Value): number {
  return value instanceof Sequence || value instanceof Mapping ? value.weight : 1;
}

export function isText(value: Value): value is number {
  return typeof value === 'number' && value >= textBase;
}

export function isInteger(value: Value): value is number {
  return typeof value === 'number' && value < textBase;
}
