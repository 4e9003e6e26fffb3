import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { ByteSource } from '../formats/source.ts';
import { onDisk } from './diskPath.ts';
import { holeAt } from './holes.ts';

export const blockSize = 64 * 1024;
/** What a read away from the last block fetches: enough for a header, little for a file of a thousand tensors. */
const probeSize = 4 * 1024;

/**
 * A file read by position, through one block of at most 64 KiB: reading headers here and there costs a small call each,
 * reading on costs one call a block, and nothing grows with the file. Files of a mounted source are fetched as they are read.
 */
export class FileSource implements ByteSource {
  readonly size: number;
  readonly #descriptor: number;
  /** A file that is no longer is read once. */
  readonly #block: Uint8Array;
  /** How the bytes are fetched, where they do not lie on this machine. */
  readonly #hole: ReturnType<typeof holeAt>;
  #blockStart = 0;
  #blockLength = 0;

  /**
   * @param block memory of at least `blockSize` to read into, for who reads thousands of files, one after another, and keeps
   * nothing that a read gave.
   * @throws the operating system's error when the file cannot be opened or is not a regular file.
   */
  constructor(path: string, block?: Uint8Array) {
    this.#descriptor = openSync(onDisk(path), 'r');
    const stat = fstatSync(this.#descriptor);
    if (!stat.isFile()) {
      closeSync(this.#descriptor);
      throw Object.assign(new Error(`not a regular file: ${path}`), { code: 'EINVAL' });
    }
    this.size = stat.size;
    try {
      this.#hole = holeAt(path);
    } catch (cause) {
      closeSync(this.#descriptor);
      throw cause;
    }
    this.#block = block ?? new Uint8Array(Math.min(blockSize, stat.size));
  }

  read(position: number, length: number): Uint8Array {
    const wanted = Math.max(0, Math.min(length, this.size - position));
    if (wanted === 0) return this.#block.subarray(0, 0);
    if (position >= this.#blockStart && position + wanted <= this.#blockStart + this.#blockLength) {
      const from = position - this.#blockStart;
      return this.#block.subarray(from, from + wanted);
    }
    if (wanted > this.#block.length) return this.#fill(new Uint8Array(wanted), position);
    const readsOn = position >= this.#blockStart && position <= this.#blockStart + this.#blockLength;
    const whole = this.size <= this.#block.length;
    this.#blockStart = whole ? 0 : position;
    // Not past the end: that would be one more call, which gives nothing.
    const most = Math.min(this.#block.length, this.size - this.#blockStart);
    const amount = whole || readsOn ? most : Math.min(most, Math.max(wanted, probeSize));
    this.#blockLength = this.#fill(this.#block.subarray(0, amount), this.#blockStart).length;
    const from = position - this.#blockStart;
    return this.#block.subarray(from, Math.min(from + wanted, this.#blockLength));
  }

  /** Fills `into` with the bytes from `position`, past the block. Returns how many there were. */
  readInto(into: Uint8Array, position: number): number {
    return this.#fill(into, position).length;
  }

  /** When the file was last changed, in milliseconds, and how long it is now. */
  stamp(): { modified: number; size: number } {
    const { mtimeMs, size } = fstatSync(this.#descriptor);
    return { modified: mtimeMs, size };
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #fill(into: Uint8Array, position: number): Uint8Array {
    if (this.#hole) return into.subarray(0, this.#hole(into, position));
    let got = 0;
    while (got < into.length) {
      const count = readSync(this.#descriptor, into, got, into.length - got, position + got);
      if (count === 0) break;
      got += count;
    }
    return into.subarray(0, got);
  }
}
