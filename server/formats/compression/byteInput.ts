import type { ByteSource } from '../source.ts';
import { StreamStop } from './expansion.ts';

const blockSize = 64 * 1024;

/** Reads a source onward, byte by byte, through one block. */
export class ByteInput {
  readonly #source: ByteSource;
  #block: Uint8Array = new Uint8Array(0);
  #blockStart: number;
  #at = 0;

  constructor(source: ByteSource, position = 0) {
    this.#source = source;
    this.#blockStart = position;
  }

  /** Offset of the next byte. */
  get position(): number {
    return this.#blockStart + this.#at;
  }

  get atEnd(): boolean {
    return this.position >= this.#source.size;
  }

  /** @throws {StreamStop} `truncated` at the end. */
  next(): number {
    if (this.#at === this.#block.length) this.#fill();
    return this.#block[this.#at++]!;
  }

  /** Exactly `length` bytes, as a copy. Ask only for small, checked lengths. */
  take(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) bytes[at] = this.next();
    return bytes;
  }

  /** Goes back (or on) to an offset. */
  seek(position: number): void {
    const at = position - this.#blockStart;
    if (at >= 0 && at <= this.#block.length) {
      this.#at = at;
      return;
    }
    this.#blockStart = position;
    this.#block = new Uint8Array(0);
    this.#at = 0;
  }

  #fill(): void {
    this.#blockStart += this.#at;
    this.#at = 0;
    // A copy: the source's buffer belongs to whoever reads next.
    this.#block = Uint8Array.from(this.#source.read(this.#blockStart, blockSize));
    if (this.#block.length === 0) throw new StreamStop('truncated', 'the compressed data ends too early');
  }
}
