import type { ByteSource } from '../source.ts';
import { Block, Hdf5Break, type Hdf5Sizes } from './block.ts';

/* HDF5 File Format Specification Version 3.0, III.D "Local Heaps", III.E "Global Heap", III.G "Fractal Heap". */

/** Names of a group in the old form, by offset. */
export class LocalHeap {
  readonly #source: ByteSource;
  readonly #sizes: Hdf5Sizes;
  readonly #address: number;
  readonly #size: number;

  constructor(source: ByteSource, address: number, sizes: Hdf5Sizes) {
    const head = Block.read(source, address, 8 + 2 * sizes.length + sizes.offset, sizes);
    head.expect('HEAP');
    head.skip(4);
    this.#size = head.length();
    head.length();
    this.#address = head.address();
    this.#source = source;
    this.#sizes = sizes;
  }

  text(offset: number): string {
    if (!(offset < this.#size)) throw new Hdf5Break('malformed', this.#address, 'a name leads behind its heap');
    const most = Math.min(this.#size - offset, 4_096, this.#source.size - this.#address - offset);
    return Block.read(this.#source, this.#address + offset, Math.max(0, most), this.#sizes).cString();
  }
}

/** The object of that index in a collection of the global heap. */
export function globalHeapObject(source: ByteSource, address: number, index: number, sizes: Hdf5Sizes): Block {
  const head = Block.read(source, address, 8 + sizes.length, sizes);
  head.expect('GCOL');
  head.skip(4);
  const end = address + head.length();
  for (let at = head.position; at + 8 + sizes.length <= end;) {
    const entry = Block.read(source, at, 8 + sizes.length, sizes);
    const found = entry.u16();
    entry.skip(6);
    const size = entry.length();
    if (found === 0) break;
    if (found === index) return Block.read(source, entry.position, size, sizes);
    at = entry.position + Math.ceil(size / 8) * 8;
  }
  throw new Hdf5Break('malformed', address, 'an object of the global heap is missing');
}

/** A heap of links or attributes, by heap id. */
export class FractalHeap {
  readonly #source: ByteSource;
  readonly #sizes: Hdf5Sizes;
  readonly idLength: number;
  readonly #filtered: boolean;
  readonly #width: number;
  readonly #startSize: number;
  readonly #largestDirect: number;
  readonly #offsetBytes: number;
  readonly #lengthBytes: number;
  readonly #root: number;
  readonly #rootRows: number;

  constructor(source: ByteSource, address: number, sizes: Hdf5Sizes) {
    this.#source = source;
    this.#sizes = sizes;
    const head = Block.read(source, address, 22 + 12 * sizes.length + 3 * sizes.offset, sizes);
    head.expect('FRHP');
    head.skip(1);
    this.idLength = head.u16();
    this.#filtered = head.u16() > 0;
    head.skip(1);
    const largestManaged = head.u32();
    head.length();
    head.address();
    head.length();
    head.address();
    head.skip(8 * sizes.length);
    this.#width = head.u16();
    this.#startSize = head.length();
    this.#largestDirect = head.length();
    const heapBits = head.u16();
    head.skip(2);
    this.#root = head.address();
    this.#rootRows = head.u16();
    this.#offsetBytes = Math.ceil(heapBits / 8);
    this.#lengthBytes = bytesFor(Math.min(this.#largestDirect, largestManaged));
    if (this.#width === 0 || this.#startSize === 0)
      throw new Hdf5Break('malformed', address, 'a heap has blocks of no size');
  }

  object(id: Block): Block {
    const kind = (id.u8() >> 4) & 3;
    if (kind === 2) return this.#tiny(id);
    if (kind !== 0 || this.#filtered)
      throw new Hdf5Break(
        'unsupported',
        id.start,
        kind !== 0 ? 'an object stands outside of its heap' : 'a heap is compressed',
      );
    const offset = id.number(this.#offsetBytes);
    const length = id.number(this.#lengthBytes);
    const at = this.#rootRows === 0 ? this.#root + offset : this.#locate(this.#root, this.#rootRows, offset, 0);
    return Block.read(this.#source, at, length, this.#sizes);
  }

  #tiny(id: Block): Block {
    id.at = 0;
    const length = (id.u8() & 15) + 1;
    return id.part(Math.min(length, id.left));
  }

  /** Where an offset of the heap stands in the file, through the doubling table of an indirect block. */
  #locate(address: number, rows: number, offset: number, depth: number): number {
    if (depth > 16) throw new Hdf5Break('limit-depth', address, 'a heap is nested too deep');
    let start = 0;
    let before = 0;
    const header = 5 + this.#sizes.offset + this.#offsetBytes;
    for (let row = 0; row < rows; row++) {
      const size = row < 2 ? this.#startSize : this.#startSize * 2 ** (row - 1);
      if (offset < start + size * this.#width) {
        const column = Math.floor((offset - start) / size);
        const entry = address + header + (before + column) * this.#sizes.offset;
        const child = Block.read(this.#source, entry, this.#sizes.offset, this.#sizes).address();
        const inside = offset - start - column * size;
        if (size <= this.#largestDirect) return child + inside;
        // An indirect block of that size has as many rows as make it up.
        const childRows = Math.log2(size / (this.#startSize * this.#width)) + 1;
        return this.#locate(child, childRows, inside, depth + 1);
      }
      start += size * this.#width;
      before += this.#width;
    }
    throw new Hdf5Break('malformed', address, 'an offset leads behind its heap');
  }
}

/** Bytes that a number up to `most` needs. */
export function bytesFor(most: number): number {
  return Math.max(1, Math.ceil(Math.floor(Math.log2(Math.max(1, most)) + 1) / 8));
}
