import type { ByteSource } from '../source.ts';
import { blockSize, decode, parseNumber } from './header.ts';

/** A piece of a file with holes: where it stands in the file, and how long it is. */
export interface SparsePiece {
  offset: number;
  size: number;
}

/** Pieces of one file that are read; GNU tar has no limit, and no honest file comes near. */
const mostPieces = 100_000;

/** The content of a sparse entry: its pieces, and zeros between them. Source: GNU tar manual, "Sparse Formats". */
export class SparseSource implements ByteSource {
  readonly size: number;
  readonly #packed: ByteSource;
  readonly #pieces: { offset: number; size: number; from: number }[] = [];

  /** `packed` holds the pieces one after another. */
  constructor(packed: ByteSource, pieces: readonly SparsePiece[], size: number) {
    this.#packed = packed;
    this.size = size;
    let from = 0;
    for (const { offset, size: length } of pieces) {
      this.#pieces.push({ offset, size: length, from });
      from += length;
    }
  }

  read(position: number, length: number): Uint8Array {
    const end = Math.min(this.size, position + length);
    if (position >= end) return new Uint8Array(0);
    const bytes = new Uint8Array(end - position);
    for (let index = this.#firstAfter(position); index < this.#pieces.length; index++) {
      const piece = this.#pieces[index]!;
      if (piece.offset >= end) break;
      const start = Math.max(position, piece.offset);
      const count = Math.min(end, piece.offset + piece.size) - start;
      if (count > 0) bytes.set(this.#packed.read(piece.from + start - piece.offset, count), start - position);
    }
    return bytes;
  }

  /** The first piece that ends behind a position. */
  #firstAfter(position: number): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const piece = this.#pieces[middle]!;
      if (piece.offset + piece.size > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

/** The map of a file with holes, and where its pieces begin. */
export interface SparseMap {
  pieces: SparsePiece[];
  /** Length of the file with its holes. */
  size: number;
  /** Offset of the first piece in the archive. */
  dataOffset: number;
}

/** The map in an old GNU header (type S) and the blocks that continue it; null when it makes no sense. */
export function oldSparseMap(source: ByteSource, header: Uint8Array, dataOffset: number): SparseMap | null {
  const pieces: SparsePiece[] = [];
  const size = parseNumber(header.subarray(483, 495));
  let more = header[482] !== 0;
  let at = dataOffset;
  takePieces(header, 386, 4, pieces);
  while (more) {
    const block = source.read(at, blockSize).slice();
    if (block.length < blockSize || pieces.length > mostPieces) return null;
    takePieces(block, 0, 21, pieces);
    more = block[504] !== 0;
    at += blockSize;
  }
  return checked({ pieces, size: size ?? -1, dataOffset: at });
}

function takePieces(block: Uint8Array, from: number, count: number, pieces: SparsePiece[]): void {
  for (let index = 0; index < count; index++) {
    const at = from + index * 24;
    const offset = parseNumber(block.subarray(at, at + 12));
    const size = parseNumber(block.subarray(at + 12, at + 24));
    if (offset === undefined || offset === null || size === undefined || size === null) return;
    if (size > 0) pieces.push({ offset, size });
  }
}

/** The map that pax records give (0.0, 0.1), or that stands before the data (1.0); null when there is none, or no sense in it. */
export function paxSparseMap(
  source: ByteSource,
  records: readonly (readonly [key: string, value: string])[],
  dataOffset: number,
): SparseMap | null {
  const last = (key: string): string | undefined => records.findLast(([name]) => name === `GNU.sparse.${key}`)?.[1];
  const size = Number(last('realsize') ?? last('size') ?? NaN);
  if (last('major') === '1') return mapBeforeData(source, dataOffset, size);
  const listed = last('map')?.split(',').map(Number);
  const numbers =
    listed ??
    records.filter(([key]) => /^GNU\.sparse\.(?:offset|numbytes)$/.test(key)).map(([, value]) => Number(value));
  if (numbers.length === 0 || numbers.length > mostPieces * 2) return null;
  return checked({ pieces: pairsOf(numbers), size, dataOffset });
}

/** Decimal numbers, one a line, padded to a block: how many pieces, and two for each. */
function mapBeforeData(source: ByteSource, dataOffset: number, size: number): SparseMap | null {
  const numbers: number[] = [];
  let text = '';
  for (let at = dataOffset; ; at += blockSize) {
    const block = source.read(at, blockSize);
    if (block.length < blockSize || numbers.length > mostPieces * 2) return null;
    const lines = (text + decode(block)).split('\n');
    text = lines.pop() ?? '';
    numbers.push(...lines.map(Number));
    const [count = NaN] = numbers;
    if (!(count >= 0)) return null;
    if (numbers.length > count * 2) {
      const pieces = pairsOf(numbers.slice(1, 1 + count * 2));
      return checked({ pieces, size, dataOffset: at + blockSize });
    }
  }
}

function pairsOf(numbers: readonly number[]): SparsePiece[] {
  const pieces: SparsePiece[] = [];
  for (let index = 0; index + 1 < numbers.length; index += 2) {
    const [offset, size] = [numbers[index]!, numbers[index + 1]!];
    if (size !== 0) pieces.push({ offset, size });
  }
  return pieces;
}

/** Pieces go onward and stay inside the file: others would be read in as many ways as there are readers. */
function checked(map: SparseMap): SparseMap | null {
  let end = 0;
  for (const { offset, size } of map.pieces) {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(size) || size < 0 || offset < end) return null;
    end = offset + size;
  }
  return Number.isSafeInteger(map.size) && map.size >= end ? map : null;
}
