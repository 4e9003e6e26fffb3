import { Global, Instance } from './values.ts';
import type { Value } from './values.ts';

const chunkBits = 16;
const chunkSize = 1 << chunkBits;
/** The first chunk begins small: most files are. */
const firstChunk = 128;

/** Codes below every integer value: what is no number is stored as one of them. */
const codeBase = -(2 ** 50);
const code = { null: codeBase - 1, true: codeBase - 2, false: codeBase - 3, data: codeBase - 4 };
const objectBase = codeBase - 16;

/** Objects of one memo that are each kept as they are, whatever made them. */
const eachKept = 1_000;

/**
 * What makes data, whatever its arguments are: tensors, and the dictionary of hooks that each of them brings. What a
 * checkpoint of hundreds of thousands of tensors made is then remembered once for each of these functions.
 */
const makesData = (callee: Value): callee is Global =>
  callee instanceof Global &&
  (callee.dotted === 'collections.OrderedDict' ||
    callee.dotted === 'torch._utils._rebuild_tensor_v2' ||
    callee.dotted === 'torch._utils._rebuild_parameter');

/**
 * The memo of one pickle, eight bytes an entry. Picklers number every string, tuple and list they write, so that a
 * vocabulary of ten million words has a memo of ten million entries, of which hardly any is ever asked for.
 * Integers and strings (see `Value`) are stored as they are; objects in a table of their own, as many as `mostObjects`.
 * After that only names and what was made of them are kept, up to a second limit that is never passed in silence
 * (`forgotten`); another object is then remembered as data of which nothing is known.
 */
export class Memo {
  /** How many entries there are: what MEMOIZE numbers the next one with. */
  size = 0;
  readonly #mostObjects: number;
  #chunks: Float64Array[] = [];
  /** Entries are numbered from 0 without a gap up to here. */
  #dense = 0;
  #objects: Value[] = [];
  /** Where what a function made is remembered, by the function's name. */
  readonly #alike = new Map<string, number>();
  #sparse = new Map<number, Value>();
  /** True once something was not kept that a later opcode might need. */
  forgotten = false;
  /** What an overlay shows where it has no entry of its own. */
  #below: Memo | null = null;

  constructor(mostObjects: number) {
    this.#mostObjects = mostObjects;
  }

  /** Slots in use, for the limit on memory. */
  get slots(): number {
    return this.size + this.#sparse.size * 8;
  }

  /** A memo that begins with these entries and leaves them as they are. This one must not change meanwhile. */
  overlay(): Memo {
    const memo = new Memo(this.#mostObjects);
    memo.#below = this;
    memo.size = this.size;
    return memo;
  }

  clear(): void {
    this.size = 0;
    this.forgotten = false;
    this.#dense = 0;
    this.#chunks = [];
    this.#objects = [];
    this.#alike.clear();
    this.#sparse.clear();
  }

  set(index: number, value: Value): void {
    if (this.#below !== null) {
      if (!this.has(index)) this.size++;
      this.#sparse.set(index, value);
    } else if (index < this.#dense) {
      this.#store(index, value);
    } else if (index === this.#dense && !this.#sparse.has(index)) {
      this.#makeRoom(index);
      this.#dense++;
      this.size++;
      this.#store(index, value);
    } else {
      if (!this.#sparse.has(index)) this.size++;
      this.#sparse.set(index, value);
    }
  }

  has(index: number): boolean {
    return index < this.#dense || this.#sparse.has(index) || (this.#below?.has(index) ?? false);
  }

  get(index: number): Value {
    if (index >= this.#dense) {
      return this.#below === null || this.#sparse.has(index) ? this.#sparse.get(index) : this.#below.get(index);
    }
    const stored = (this.#chunks[index >>> chunkBits] as Float64Array)[index & (chunkSize - 1)] as number;
    if (stored > codeBase) return stored;
    if (stored <= objectBase) return this.#objects[objectBase - stored];
    if (stored === code.null) return null;
    if (stored === code.data) return undefined;
    return stored === code.true;
  }

  #makeRoom(index: number): void {
    const last = this.#chunks[this.#chunks.length - 1];
    if (last === undefined) {
      this.#chunks.push(new Float64Array(firstChunk));
    } else if (last.length < chunkSize && index >= last.length) {
      const larger = new Float64Array(last.length * 4 > chunkSize ? chunkSize : last.length * 4);
      larger.set(last);
      this.#chunks[this.#chunks.length - 1] = larger;
    } else if ((index & (chunkSize - 1)) === 0) {
      this.#chunks.push(new Float64Array(chunkSize));
    }
  }

  #store(index: number, value: Value): void {
    (this.#chunks[index >>> chunkBits] as Float64Array)[index & (chunkSize - 1)] = this.#encode(value);
  }

  #encode(value: Value): number {
    if (typeof value === 'number') return value;
    if (value === undefined) return code.data;
    if (value === null) return code.null;
    if (typeof value === 'boolean') return value ? code.true : code.false;
    if (this.#objects.length >= eachKept && value instanceof Instance && makesData(value.callee)) {
      return this.#alikeOf(value.callee);
    }
    if (this.#objects.length >= this.#mostObjects) {
      const isNameOrMade = value instanceof Global || (value instanceof Instance && value.callee instanceof Global);
      if (!isNameOrMade) return code.data;
      if (this.#objects.length >= this.#mostObjects * 4) {
        this.forgotten = true;
        return code.data;
      }
    }
    this.#objects.push(value);
    return objectBase - (this.#objects.length - 1);
  }

  #alikeOf(callee: Global): number {
    let index = this.#alike.get(callee.dotted);
    if (index === undefined) {
      index = this.#objects.push(new Instance(callee, undefined)) - 1;
      this.#alike.set(callee.dotted, index);
    }
    return objectBase - index;
  }
}
