import type { ByteSource } from '../source.ts';

const windowBytes = 64 * 1024;
/** Bytes in which nearly every line ends. */
const shortLine = 256;
const nothingRead = new Uint8Array(0);

/** Text longer than this is never a name: it is skipped, not kept. */
export const longestText = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: false });

/**
 * A sequential view of a source for a decoder: `buffer[position]` is the next byte as long as `position < limit`.
 * It holds one block, so that memory does not grow with the file, and it seeks over payloads without reading them.
 */
export class ByteWindow {
  readonly source: ByteSource;
  /** Length of the source in bytes. */
  readonly size: number;
  buffer: Uint8Array;
  /** Index of the next byte in `buffer`. */
  position = 0;
  /** Index past the last byte in `buffer`. */
  limit = 0;
  /** Offset in the source of `buffer[0]`. */
  base: number;
  /** True while a fork looks at the same block. */
  #shared = false;

  constructor(source: ByteSource, start = 0) {
    this.source = source;
    this.size = source.size;
    this.base = start;
    this.buffer = nothingRead;
  }

  /** Another view of the same source at `offset`, which has the block in common until either of them reads on. */
  fork(offset: number): ByteWindow {
    const other = new ByteWindow(this.source, this.base);
    other.buffer = this.buffer;
    other.limit = this.limit;
    other.#shared = this.#shared = true;
    other.seek(offset);
    return other;
  }

  /** Offset in the source of the next byte. */
  get offset(): number {
    return this.base + this.position;
  }

  /** Bytes from here to the end of the source. */
  get remaining(): number {
    return this.size - this.offset;
  }

  /** Makes `count` bytes (at most 64 KiB) available at `position`; false when the source ends before. */
  require(count: number): boolean {
    if (this.position + count <= this.limit) return true;
    this.base += this.position;
    this.position = 0;
    const bytes = this.source.read(this.base, windowBytes);
    if (this.#shared || bytes.length > this.buffer.length)
      this.buffer = new Uint8Array(Math.min(windowBytes, this.size));
    this.#shared = false;
    this.buffer.set(bytes);
    this.limit = bytes.length;
    return count <= this.limit;
  }

  /** Moves on by `count` bytes; false (and at the end) when the source ends before. */
  skip(count: number): boolean {
    if (this.position + count <= this.limit) {
      this.position += count;
      return true;
    }
    return this.seek(this.offset + count);
  }

  /** Moves to an offset of the source; false (and at the end) when that is outside. */
  seek(offset: number): boolean {
    const inside = offset >= 0 && offset <= this.size;
    const target = inside ? offset : this.size;
    if (target >= this.base && target <= this.base + this.limit) {
      this.position = target - this.base;
    } else {
      this.base = target;
      this.position = 0;
      this.limit = 0;
    }
    return inside;
  }

  /**
   * Moves past the next newline. Null when there is none before the end (and then at the end).
   * @returns the offset and length of the line, newline excluded.
   */
  skipLine(): { start: number; length: number } | null {
    const start = this.offset;
    for (;;) {
      if (this.position >= this.limit && !this.require(1)) return null;
      const found = this.buffer.subarray(0, this.limit).indexOf(10, this.position);
      if (found >= 0) {
        this.position = found + 1;
        return { start, length: this.base + found - start };
      }
      this.position = this.limit;
    }
  }

  /** The bytes at an offset, read into the block where they are not in it: for who goes on from there. */
  ahead(offset: number, length: number): Uint8Array {
    this.seek(offset);
    this.require(length);
    return this.buffer.subarray(this.position, Math.min(this.limit, this.position + length));
  }

  /** The line at an offset, newline excluded; null when it has no end. This window stays where it is. */
  lineAt(offset: number): { start: number; length: number } | null {
    const length = this.peek(offset, shortLine).indexOf(10);
    return length >= 0 ? { start: offset, length } : this.fork(offset).skipLine();
  }

  /** The bytes at an offset, out of the block when they are in it. Valid until the next call. */
  peek(offset: number, length: number): Uint8Array {
    if (offset >= this.base && offset + length <= this.base + this.limit) {
      const from = offset - this.base;
      return this.buffer.subarray(from, from + length);
    }
    return this.source.read(offset, length);
  }

  /** UTF-8 text at an offset, or null when it takes more than `most` bytes. */
  text(offset: number, length: number, most = longestText): string | null {
    return length > most ? null : utf8.decode(this.peek(offset, length));
  }
}
