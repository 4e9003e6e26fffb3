import type { PickleViolation } from '../facts.ts';
import type { ByteWindow } from './byteWindow.ts';
import { StreamError } from './streamError.ts';
import type { TextReader } from './textReader.ts';

/** Reads the arguments of opcodes. `at` is the offset of the opcode, for what is told of it. */
export class ArgumentReader {
  readonly #window: ByteWindow;
  readonly #text: TextReader;
  readonly #tell: (violation: PickleViolation) => void;

  constructor(window: ByteWindow, text: TextReader, tell: (violation: PickleViolation) => void) {
    this.#window = window;
    this.#text = text;
    this.#tell = tell;
  }

  /** A byte: by far the most frequent argument. */
  byte(at: number): number {
    const window = this.#window;
    if (window.position >= window.limit && !window.require(1)) this.#truncated(at, 'an argument');
    return window.buffer[window.position++] as number;
  }

  /** Two bytes or four, little-endian. */
  uint(bytes: 2 | 4, at: number): number {
    const window = this.#window;
    if (window.position + bytes > window.limit && !window.require(bytes)) this.#truncated(at, 'an argument');
    const { buffer, position } = window;
    window.position += bytes;
    let value = (buffer[position] as number) | ((buffer[position + 1] as number) << 8);
    if (bytes === 4) {
      value |= (buffer[position + 2] as number) << 16;
      value += (buffer[position + 3] as number) * 0x1000000;
    }
    return value;
  }

  /** A 64-bit length; anything beyond 2^53 is longer than any file. */
  uint8(at: number): number {
    const low = this.uint(4, at);
    return this.uint(4, at) * 2 ** 32 + low;
  }

  signed4(at: number): number {
    const value = this.uint(4, at);
    if (value >= 0x80000000) throw new StreamError('bad-argument', at, 'a length is negative');
    return value;
  }

  payload(length: number, at: number): void {
    if (!this.#window.skip(length)) this.#truncated(at, 'a value');
  }

  line(at: number): { start: number; length: number } {
    return this.#window.skipLine() ?? this.#truncated(at, 'a line');
  }

  #truncated(at: number, what: string): never {
    throw new StreamError('truncated', at, `the stream ends inside ${what}`);
  }

  /** A line that Python would refuse. Its value is unknown; the breach is told, and reading goes on. */
  badLine(at: number, what: string): undefined {
    this.#tell({ code: 'bad-argument', offset: at, message: `a line does not hold ${what}` });
    return undefined;
  }

  indexLine(at: number): number {
    const index = this.#text.indexOf(this.line(at));
    if (index === undefined || index < 0) throw new StreamError('bad-argument', at, 'a memo index is not a number');
    return index;
  }

  twoLines(at: number): { module: string | null; name: string | null } {
    const first = this.line(at);
    const second = this.line(at);
    return { module: this.#text.name(first), name: this.#text.name(second) };
  }
}
