import type { ByteSource } from '../source.ts';
import { StreamStop } from './expansion.ts';

const blockSize = 64 * 1024;

/** Reads a source onward, byte by byte, through one block. */
export class ByteInput {
  /** The block that is read through, and the index in it of the next byte: for decoders that count every instruction. */
  block: Uint8Array = new Uint8Array(0);
  at = 0;
  readonly #source: ByteSource;
  readonly #own: Uint8Array;
  #blockStart: number;

  constructor(source: ByteSource, position = 0) {
    this.#source = source;
    this.#own = new Uint8Array(Math.min(blockSize, source.size));
    this.#blockStart = position;
  }

  /** Offset of the next byte. */
  get position(): number {
    return this.#blockStart + this.at;
  }

  get atEnd(): boolean {
    return this.position >= this.#source.size;
  }

  /** @throws {StreamStop} `truncated` at the end. */
  next(): number {
    if (this.at === this.block.length) this.#fill();
    return this.block[this.at++]!;
  }

  /** Exactly `length` bytes, as a copy. Ask only for small, checked lengths. */
  take(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    let at = 0;
    this.pass(length, (part) => {
      bytes.set(part, at);
      at += part.length;
    });
    return bytes;
  }

  /** Hands on the next `length` bytes, as views that the next call may overwrite. */
  pass(length: number, take: (bytes: Uint8Array) => void): void {
    for (let left = length; left > 0;) {
      if (this.at === this.block.length) this.#fill();
      const bytes = this.block.subarray(this.at, this.at + left);
      this.at += bytes.length;
      left -= bytes.length;
      take(bytes);
    }
  }

  /** Goes back (or on) to an offset. */
  seek(position: number): void {
    const at = position - this.#blockStart;
    if (at >= 0 && at <= this.block.length) {
      this.at = at;
      return;
    }
    this.#blockStart = position;
    this.block = new Uint8Array(0);
    this.at = 0;
  }

  #fill(): void {
    this.#blockStart += this.at;
    this.at = 0;
    // A copy: the source's buffer belongs to whoever reads next.
    const bytes = this.#source.read(this.#blockStart, blockSize);
    this.#own.set(bytes);
    this.block = this.#own.subarray(0, bytes.length);
    if (this.block.length === 0) throw new StreamStop('truncated', 'the compressed data ends too early');
  }
}
