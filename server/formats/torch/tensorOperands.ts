import { ByteWindow, longestText } from '../pickle/byteWindow.ts';
import type { ByteSource } from '../source.ts';
import { Refusal } from './refusal.ts';
import type { Value } from './values.ts';

/** Bytes of a text or bytes value that is kept: names and small settings. */
const longestKept = 4096;

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const latin1 = new TextDecoder('latin1');

/** What stands behind the opcodes of a pickle, as values that cost memory: of data that no tensor needs, only that it is there. */
export class TensorOperands {
  readonly #window: ByteWindow;
  /** Bytes that values may still take. */
  #memory: number;
  /** Offset of the opcode that is being read. */
  at = 0;

  constructor(source: ByteSource, start: number, memory: number) {
    this.#window = new ByteWindow(source, start);
    this.#memory = memory;
  }

  /** Offset of what is read next. */
  get offset(): number {
    return this.#window.offset;
  }

  /** An opcode begins here: refusals name its place. */
  begin(): void {
    this.at = this.#window.offset;
  }

  /** A little-endian number of so many bytes. */
  unsigned(bytes: number): number {
    const window = this.#window;
    if (!window.require(bytes)) throw this.refuse('the pickle ends inside an opcode');
    let value = 0;
    for (let index = bytes - 1; index >= 0; index--) value = value * 256 + window.buffer[window.position + index]!;
    window.position += bytes;
    return value;
  }

  /** Python's number of any length, of which so many bytes follow: a bigint where doubles are too coarse, opaque beyond 16 bytes. */
  long(bytes: number): Value {
    const start = this.#payload(bytes);
    if (bytes === 0) return 0;
    if (bytes > 16) return { kind: 'opaque', what: 'a number' };
    let value = 0n;
    const view = this.#window.peek(start, bytes);
    for (let index = bytes - 1; index >= 0; index--) value = (value << 8n) | BigInt(view[index]!);
    value = BigInt.asIntN(bytes * 8, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  /** A big-endian double. */
  float(): number {
    const view = this.#window.peek(this.#payload(8), 8);
    return new DataView(view.buffer, view.byteOffset, 8).getFloat64(0, false);
  }

  /** Bytes. Python 2's names can arrive as such; anything longer is data that no tensor needs. */
  bytes(length: number): Value {
    return length <= 255 ? this.#decoded(length, (bytes) => latin1.decode(bytes)) : this.#opaque(length, 'data');
  }

  /** A text; opaque where it is no UTF-8. */
  text(length: number): Value {
    return this.#decoded(length, () => ({ kind: 'opaque', what: 'a text that is not UTF-8' }), strictUtf8);
  }

  /** A byte string of Python 2: UTF-8 where it is, Latin-1 otherwise. */
  byteString(length: number): Value {
    return this.#decoded(length, (bytes) => latin1.decode(bytes), strictUtf8);
  }

  #decoded(length: number, otherwise: (bytes: Uint8Array) => Value, decoder?: typeof strictUtf8): Value {
    if (length > longestKept) return this.#opaque(length, 'text');
    const start = this.#payload(length);
    this.spend(32 + length);
    const bytes = this.#window.peek(start, length);
    try {
      return decoder ? decoder.decode(bytes) : otherwise(bytes);
    } catch {
      return otherwise(bytes);
    }
  }

  #opaque(length: number, what: 'text' | 'data'): Value {
    this.#payload(length);
    this.spend(64);
    return { kind: 'opaque', what: `${length} bytes of ${what}` };
  }

  /** Moves past `length` bytes and gives the offset where they start. */
  #payload(length: number): number {
    const start = this.#window.offset;
    if (length > this.#window.remaining) throw this.refuse('the pickle ends inside a value');
    // What is kept is short enough to stand in the window whole.
    if (length <= longestKept) this.#window.require(length);
    this.#window.skip(length);
    return start;
  }

  /** A name that ends with its line. */
  line(): string {
    const line = this.#window.skipLine();
    if (!line) throw this.refuse('the pickle ends inside a name');
    const text = line.length > longestText ? null : this.#window.text(line.start, line.length);
    if (text === null) throw this.refuse('a name is longer than 64 KiB');
    return text;
  }

  /** Takes so many bytes from the memory that is left. @throws {Refusal} where there is less. */
  spend(bytes: number): void {
    this.#memory -= bytes;
    if (this.#memory < 0) throw this.refuse('the pickle builds more values than the memory limit allows');
  }

  /** A refusal at the opcode that is being read. */
  refuse(message: string): Refusal {
    return new Refusal(message, this.at);
  }
}
