import { ByteInput } from '../compression/byteInput.ts';
import { StreamStop } from '../compression/expansion.ts';
import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';

/** How numbers are written: XDR, as the machine that wrote them has them, or as words of ASCII. */
export type RdsForm = 'big' | 'little' | 'ascii';

export interface RdsStart {
  form: RdsForm;
  /** Where the version stands. */
  at: number;
}

/** Bytes of an element of the plain vectors, by type. */
const elementBytes: Record<number, number> = { 10: 4, 13: 4, 14: 8, 15: 16, 24: 1 };
const complex = 15;
/** The integer that stands for a missing value. */
const missing = -(2 ** 31);

/**
 * Where R's serialization begins, and its form: `X\n`, `B\n` or `A\n`, behind `RDX3\n`, `RDB3\n` or `RDA3\n` (or 2) in
 * a file of several objects. Source: R Internals, 1.8 "Serialization Formats"; saveload.c.
 */
export function rdsStart(head: Uint8Array): RdsStart | null {
  const at = head[0] === 0x52 && head[1] === 0x44 && head[4] === 0x0a ? 5 : 0;
  const [magic, line, a, b, c, d] = head.subarray(at, at + 6);
  if (line !== 0x0a || (at === 5 && head[2] !== magic)) return null;
  const known = (version: number | undefined): boolean => version === 2 || version === 3;
  const start = (form: RdsForm): RdsStart => ({ form, at: at + 2 });
  if ((magic === 0x58 || magic === 0x42) && a === 0 && b === 0 && c === 0 && known(d)) return start('big');
  if (magic === 0x42 && known(a) && b === 0 && c === 0 && d === 0) return start('little');
  if (magic !== 0x41) return null;
  // Version, the writer's version and the least reader's, packed in one number each.
  const words = new TextDecoder('latin1').decode(head.subarray(at + 2, at + 40));
  return /^[23]\s+\d{5,7}\s+\d{5,7}\s/.test(words) ? start('ascii') : null;
}

/** Reads the numbers and strings of any form, onward. */
export class RdsInput {
  readonly #source: ByteSource;
  readonly #input: ByteInput;
  readonly #form: RdsForm;
  readonly #budget: Budget;

  constructor(source: ByteSource, { form, at }: RdsStart, budget: Budget) {
    this.#source = source;
    this.#input = new ByteInput(source, at);
    this.#form = form;
    this.#budget = budget;
  }

  get position(): number {
    return this.#input.position;
  }

  int(): number {
    const input = this.#input;
    if (this.#form === 'ascii') {
      const word = this.#word();
      if (word === 'NA') return missing;
      if (!/^-?\d{1,10}$/.test(word)) throw new StreamStop('malformed', 'a number is not written as one');
      return Number(word) | 0;
    }
    if (this.#form === 'big') return (input.next() << 24) | (input.next() << 16) | (input.next() << 8) | input.next();
    return input.next() | (input.next() << 8) | (input.next() << 16) | (input.next() << 24);
  }

  /** The number that comes next, without taking it; 0 at the end. */
  peek(): number {
    const { position } = this;
    try {
      return this.int();
    } catch (error) {
      if (!(error instanceof StreamStop)) throw error;
      return 0;
    } finally {
      this.#input.seek(position);
    }
  }

  /** Whether a vector of this type is nothing but elements of one size. */
  isPlain(type: number): boolean {
    return elementBytes[type] !== undefined;
  }

  skipElements(type: number, count: number): void {
    if (this.#form !== 'ascii') return this.#skip(count * (elementBytes[type] ?? 1));
    const words = type === complex ? count * 2 : count;
    for (let left = words; left > 0; left--) {
      if (left % 4096 === 0) this.#checkTime();
      this.#word();
    }
  }

  /** A string of so many bytes, of which the first `kept` are given. */
  text(length: number, kept: number): string {
    if (this.#form === 'ascii') return this.#escaped(length, kept);
    if (length < 0) throw new StreamStop('malformed', 'a string has a negative length');
    const shown = Math.min(length, kept);
    if (this.position + length > this.#source.size) this.#skip(length);
    const text = new TextDecoder().decode(this.#input.take(shown));
    this.#skip(length - shown);
    return text;
  }

  #skip(bytes: number): void {
    if (bytes < 0 || this.position + bytes > this.#source.size)
      throw new StreamStop('truncated', 'an object leads behind the end of the data');
    if (bytes > 0) this.#input.seek(this.position + bytes);
  }

  /** The first byte that is no white space. */
  #solid(): number {
    for (let skipped = 1; ; skipped++) {
      if (skipped % 65_536 === 0) this.#checkTime();
      const byte = this.#input.next();
      if (byte !== 32 && (byte < 9 || byte > 13)) return byte;
    }
  }

  /** R itself ends with an error on a word of a hundred bytes. */
  #word(): string {
    let word = String.fromCharCode(this.#solid());
    while (!this.#input.atEnd) {
      const byte = this.#input.next();
      if (byte === 32 || (byte >= 9 && byte <= 13)) break;
      if (word.length >= 100) throw new StreamStop('malformed', 'a number is not written as one');
      word += String.fromCharCode(byte);
    }
    return word;
  }

  /** Other than printable bytes are written as in C. Source: `InString` of serialize.c. */
  #escaped(length: number, kept: number): string {
    const bytes: number[] = [];
    let byte = length > 0 ? this.#solid() : 0;
    for (let at = 0; at < length; at++) {
      if (at > 0) byte = this.#input.next();
      if (at % 65_536 === 65_535) this.#checkTime();
      const value = byte === 0x5c ? this.#escape() : byte;
      if (bytes.length < kept) bytes.push(value);
    }
    return new TextDecoder().decode(Uint8Array.from(bytes));
  }

  #escape(): number {
    const first = this.#input.next();
    if (first < 0x30 || first > 0x37) return cEscapes[String.fromCharCode(first)] ?? first;
    let value = first - 0x30;
    for (let digits = 1; digits < 3; digits++) {
      const { position } = this;
      const digit = this.#input.atEnd ? 0 : this.#input.next();
      if (digit < 0x30 || digit > 0x37) {
        this.#input.seek(position);
        break;
      }
      value = value * 8 + digit - 0x30;
    }
    return value & 0xff;
  }

  #checkTime(): void {
    if (this.#budget.timeIsUp) throw new StreamStop('limit-time', 'reading it took longer than the limit allows');
  }
}

const cEscapes: Record<string, number> = { n: 10, t: 9, v: 11, b: 8, r: 13, f: 12, a: 7 };
