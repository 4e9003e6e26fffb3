import { StreamError } from './streamError.ts';
import { emptyTuple, type Value } from './values.ts';

/** Slots that the stack takes for a value: with what it grows by, and a number in a box of its own. */
const slotsOfValue = 5;
/** Slots that an object takes beside, whatever is in it. */
const slotsOfObject = 16;
/** Values below which a stack is not weighed: a pickler never has more than some thousand there. */
const lightStack = 50_000;
/** Values of a large stack that are looked at to weigh it. */
const valuesWeighed = 64;

/**
 * The stack of a pickle with its marks. Nothing below the last mark can be taken: CPython's unpicklers put a fence there.
 * `at` is the offset of the opcode that takes, for what is told of it.
 */
export class Stack {
  values: Value[] = [];
  /** For each MARK, how many values stand below it. */
  marks: number[] = [];
  /** What is not there is data, and no error: for a reading that begins in the middle of a stream. */
  readonly #lenient: boolean;

  constructor(lenient: boolean) {
    this.#lenient = lenient;
  }

  clear(): void {
    this.values = [];
    this.marks = [];
  }

  /** Begins with what stands on another, its topmost `most` values. */
  copy({ values, marks }: Stack, most: number): void {
    this.values = values.slice(-most);
    const gone = values.length - this.values.length;
    this.marks = marks.map((mark) => mark - gone).filter((mark) => mark >= 0);
  }

  needs(count: number, at: number): void {
    const fence = this.#fence;
    const missing = count - (this.values.length - fence);
    if (missing <= 0) return;
    if (!this.#lenient) throw new StreamError('stack-underflow', at, 'an opcode takes more than the stack holds');
    for (let index = 0; index < missing; index++) this.values.splice(fence, 0, undefined);
  }

  pop(at: number): Value {
    if (this.values.length <= this.#fence) this.needs(1, at);
    return this.values.pop();
  }

  top(at: number): Value {
    if (this.values.length <= this.#fence) this.needs(1, at);
    return this.values[this.values.length - 1];
  }

  /** Popping one by one is several times faster than setting `length`. */
  cut(from: number): void {
    const { values } = this;
    while (values.length > from) values.pop();
  }

  popMark(at: number): number {
    const from = this.marks.pop();
    if (from !== undefined) return from;
    if (!this.#lenient) throw new StreamError('stack-underflow', at, 'an opcode needs a MARK and there is none');
    return 0;
  }

  /** The value under a mark that APPENDS and SETITEMS work on. */
  below(from: number, at: number): Value {
    if (from === 0 && !this.#lenient)
      throw new StreamError('stack-underflow', at, 'an opcode takes more than the stack holds');
    return from === 0 ? undefined : this.values[from - 1];
  }

  /** Takes away the value on top, or, on an empty section, its mark. */
  drop(at: number): void {
    if (this.marks.length > 0 && this.#fence === this.values.length) this.marks.pop();
    else this.pop(at);
  }

  /** The top in words, the topmost value last, with `(` where a MARK stands; at most `most` values. */
  shown(most: number, inWords: (value: Value) => string): string {
    const from = Math.max(0, this.values.length - most);
    const words: string[] = from > 0 ? ['…'] : [];
    const marks = this.marks.slice(-most).filter((mark) => mark >= from);
    for (let index = from; index <= this.values.length; index++) {
      for (const mark of marks) if (mark === index) words.push('(');
      if (index < this.values.length) words.push(inWords(this.values[index]));
    }
    return words.join(' ');
  }

  /** What it takes, in slots of eight bytes. */
  get slots(): number {
    const { values, marks } = this;
    const slots = values.length * slotsOfValue + marks.length * 3;
    if (values.length < lightStack) return slots;
    let objects = 0;
    const step = values.length / valuesWeighed;
    for (let at = 0; at < values.length; at += step) {
      const value = values[Math.floor(at)];
      if (typeof value === 'object' && value !== null && value !== emptyTuple) objects++;
    }
    return slots + Math.round(objects * step) * slotsOfObject;
  }

  get #fence(): number {
    return this.marks.length > 0 ? (this.marks[this.marks.length - 1] as number) : 0;
  }
}
