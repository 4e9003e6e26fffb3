import type { ReadProblem } from '../facts.ts';
import type { ByteSource } from '../source.ts';

/** What cannot be followed: the object is left, and the problem told. */
export class Hdf5Break extends Error {
  readonly code: ReadProblem['code'];
  readonly offset: number;
  /** False when the library refuses the file for it, too, so that nothing goes unseen. */
  readonly incomplete: boolean;

  constructor(code: ReadProblem['code'], offset: number, message: string, incomplete = true) {
    super(message);
    this.code = code;
    this.offset = offset;
    this.incomplete = incomplete;
  }
}

/** Sizes of the numbers that the superblock fixes, and where addresses count from. */
export interface Hdf5Sizes {
  offset: number;
  length: number;
  base: number;
}

/** One piece of the file that is read at once: no structure but a heap is larger. */
const largestBlock = 64 << 20;

/** Bytes of the file with a cursor. All numbers of HDF5 are little-endian. */
export class Block {
  /** Where the first byte stands in the file. */
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly sizes: Hdf5Sizes;
  at = 0;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, start: number, sizes: Hdf5Sizes) {
    this.bytes = bytes;
    this.start = start;
    this.sizes = sizes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * `length` bytes at a position of the file.
   * @throws {Hdf5Break} when the file does not have them.
   */
  static read(source: ByteSource, start: number, length: number, sizes: Hdf5Sizes): Block {
    if (!(start >= 0 && length >= 0 && start + length <= source.size))
      throw new Hdf5Break('truncated', Math.min(start, source.size), 'a structure leads behind the end of the file');
    if (length > largestBlock)
      throw new Hdf5Break('limit-memory', start, `a structure is longer than ${largestBlock} bytes`);
    // A copy: the source's buffer belongs to whoever reads next.
    return new Block(Uint8Array.from(source.read(start, length)), start, sizes);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  get position(): number {
    return this.start + this.at;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4), true);
  }

  /** A number of 1 to 8 bytes; all bits set is Infinity, which HDF5 takes for "undefined". */
  number(bytes: number): number {
    const at = this.#step(bytes);
    let value = 0;
    let undefined_ = true;
    for (let index = bytes - 1; index >= 0; index--) {
      const byte = this.bytes[at + index] as number;
      if (byte !== 0xff) undefined_ = false;
      value = value * 256 + byte;
    }
    return undefined_ && bytes >= 4 ? Infinity : value;
  }

  /** An address, as a position in the file; Infinity when it is undefined. */
  address(): number {
    return this.number(this.sizes.offset) + this.sizes.base;
  }

  length(): number {
    return this.number(this.sizes.length);
  }

  skip(bytes: number): void {
    this.#step(bytes);
  }

  /** A part of this block as a block of its own; the cursor goes behind it. */
  part(length: number): Block {
    const at = this.#step(length);
    return new Block(this.bytes.subarray(at, at + length), this.start + at, this.sizes);
  }

  /** Text of so many bytes, up to the first NUL. */
  text(length: number): string {
    const { bytes } = this.part(length);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  /** Text up to a NUL, which is stepped over, or to the end. */
  cString(): string {
    const end = this.bytes.indexOf(0, this.at);
    const length = (end < 0 ? this.bytes.length : end) - this.at;
    const text = this.text(length);
    if (end >= 0) this.at++;
    return text;
  }

  expect(signature: string): void {
    const start = this.position;
    if (this.text(signature.length) !== signature)
      throw new Hdf5Break('malformed', start, `the signature ${signature} is missing`);
  }

  #step(bytes: number): number {
    const { at } = this;
    if (!(bytes >= 0 && bytes <= this.left))
      throw new Hdf5Break('truncated', this.position, 'a structure ends too early');
    this.at += bytes;
    return at;
  }
}
