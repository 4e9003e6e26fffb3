import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';

/** Why a UBJSON document could not be followed to its end. */
export interface UbjsonBreak {
  code: 'truncated' | 'malformed' | 'limit-depth' | 'limit-time';
  offset: number;
  message: string;
}

/** Bytes of a value by its marker. Source: UBJSON specification, draft 12, and XGBoost, include/xgboost/json_io.h. */
const sizes: Record<string, number> = {
  i: 1,
  U: 1,
  I: 2,
  u: 2,
  l: 4,
  m: 4,
  L: 8,
  M: 8,
  d: 4,
  D: 8,
  C: 1,
  Z: 0,
  N: 0,
  T: 0,
  F: 0,
};
/** Models of XGBoost are about ten deep. */
const deepest = 200;
const block = 64 << 10;

/** Follows the structure of a UBJSON document and passes over its numbers; null when it ends where the file does. */
export function followUbjson(source: ByteSource, budget: Budget): UbjsonBreak | null {
  try {
    const walk = new Walk(source, budget);
    walk.document();
    if (walk.at < source.size)
      throw new Break('malformed', walk.at, `${source.size - walk.at} bytes follow the end of the model`);
    return null;
  } catch (error) {
    if (!(error instanceof Break)) throw error;
    return { code: error.code, offset: error.offset, message: error.message };
  }
}

class Break extends Error {
  readonly code: UbjsonBreak['code'];
  readonly offset: number;

  constructor(code: UbjsonBreak['code'], offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/** A container that is open: what its values are and how many are left, where it says so. */
interface Open {
  isObject: boolean;
  type: string | null;
  left: number | null;
}

class Walk {
  at = 0;
  readonly #source: ByteSource;
  readonly #budget: Budget;
  #bytes = new Uint8Array(0);
  #start = 0;
  #steps = 0;

  constructor(source: ByteSource, budget: Budget) {
    this.#source = source;
    this.#budget = budget;
  }

  document(): void {
    const open: Open[] = [];
    this.#value(this.#marker(), open);
    while (open.length > 0) {
      if ((++this.#steps & 0xffff) === 0 && this.#budget.timeIsUp)
        throw new Break('limit-time', this.at, 'following it took longer than the limit allows');
      const inner = open.at(-1) as Open;
      if (inner.left === 0) {
        open.pop();
        continue;
      }
      if (inner.left === null && this.#peek() === (inner.isObject ? '}' : ']')) {
        this.at++;
        open.pop();
        continue;
      }
      if (inner.left !== null) inner.left--;
      if (inner.isObject) this.#skip(this.#count('the name of a value'));
      this.#value(inner.type ?? this.#marker(), open);
    }
  }

  /** Passes over a value, or opens the container that it is. */
  #value(marker: string, open: Open[]): void {
    const size = sizes[marker];
    if (size !== undefined) this.#skip(size);
    else if (marker === 'S' || marker === 'H') this.#skip(this.#count('a text'));
    else if (marker === '{' || marker === '[') {
      if (open.length >= deepest) throw new Break('limit-depth', this.at, `it is nested deeper than ${deepest}`);
      this.#container(marker === '{', open);
    } else throw new Break('malformed', this.at - 1, `it has a value of the unknown kind ${JSON.stringify(marker)}`);
  }

  #container(isObject: boolean, open: Open[]): void {
    let type: string | null = null;
    let left: number | null = null;
    if (this.#peek() === '$') {
      this.at++;
      type = this.#marker();
    }
    if (this.#peek() === '#') {
      this.at++;
      left = this.#count('a list');
    } else if (type !== null) throw new Break('malformed', this.at, 'a list says of what it is, and not how many');
    const size = type === null ? undefined : sizes[type];
    // The numbers of a list of one kind stand there one after another.
    if (!isObject && size !== undefined && left !== null) this.#skip(size * left);
    else open.push({ isObject, type, left });
  }

  #count(of: string): number {
    const marker = this.#marker();
    const size = { i: 1, U: 1, I: 2, u: 2, l: 4, m: 4, L: 8, M: 8 }[marker];
    if (size === undefined) throw new Break('malformed', this.at - 1, `the length of ${of} is no number`);
    let value = 0n;
    for (let index = 0; index < size; index++) value = (value << 8n) | BigInt(this.#byte());
    if (marker !== 'U' && marker !== 'u' && marker !== 'm' && marker !== 'M') value = BigInt.asIntN(size * 8, value);
    if (value < 0n) throw new Break('malformed', this.at - size, `the length of ${of} is below zero`);
    // No file is as long, whatever is counted.
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
  }

  #skip(length: number): void {
    if (length > this.#source.size - this.at)
      throw new Break('truncated', this.at, 'a value is longer than what is left of the file');
    this.at += length;
  }

  #marker(): string {
    // `N` stands for nothing, and may stand anywhere.
    let marker = String.fromCharCode(this.#byte());
    while (marker === 'N') marker = String.fromCharCode(this.#byte());
    return marker;
  }

  #peek(): string {
    const byte = this.#byte();
    this.at--;
    return String.fromCharCode(byte);
  }

  #byte(): number {
    let index = this.at - this.#start;
    if (index < 0 || index >= this.#bytes.length) {
      this.#start = this.at;
      this.#bytes = this.#source.read(this.at, block).slice();
      index = 0;
    }
    const byte = this.#bytes[index];
    if (byte === undefined) throw new Break('truncated', this.at, 'the file ends inside the model');
    this.at++;
    return byte;
  }
}
