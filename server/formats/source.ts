/**
 * A positioned, read-only source of bytes: a file, a slice of one, or bytes in memory.
 *
 * Reads are synchronous on purpose. Inspection runs in a worker (or in a short-lived command), where a synchronous
 * read is several times faster than a promise per block and keeps every reader a plain function. A remote source can
 * satisfy the same interface from a worker by blocking on a shared buffer that another thread fills.
 */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number;
  /**
   * Bytes from `position`, at most `length` of them; fewer only where the source ends.
   * The result may be a view of a shared buffer that the next call overwrites: copy what must outlive it.
   * @throws {Error} the operating system's own error, when the bytes cannot be read.
   */
  read(position: number, length: number): Uint8Array;
}

/** Bytes that are already in memory. */
export class MemorySource implements ByteSource {
  readonly size: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    // Not a Buffer: its `slice` is a view, where a reader that copies bytes means a copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.size = bytes.length;
  }

  read(position: number, length: number): Uint8Array {
    if (position >= this.size || length <= 0) return this.#bytes.subarray(0, 0);
    return this.#bytes.subarray(position, Math.min(this.size, position + length));
  }
}

/** A window of another source: `length` bytes from `start`, cut off where the parent ends. */
export class SliceSource implements ByteSource {
  readonly size: number;
  readonly #parent: ByteSource;
  readonly #start: number;

  constructor(parent: ByteSource, start: number, length: number) {
    this.#parent = parent;
    this.#start = start;
    this.size = Math.max(0, Math.min(length, parent.size - start));
  }

  read(position: number, length: number): Uint8Array {
    if (position >= this.size || length <= 0) return new Uint8Array(0);
    return this.#parent.read(this.#start + position, Math.min(length, this.size - position));
  }
}
