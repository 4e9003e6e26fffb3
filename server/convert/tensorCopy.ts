import { createHash, type Hash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import * as zlib from 'node:zlib';
import { crc32 as ownCrc32 } from '../formats/compression/crc32.ts';
import type { StorageRecord } from '../formats/torch/checkpoint.ts';
import { Refusal } from '../formats/torch/refusal.ts';
import type { PlannedTensor } from './conversionPlan.ts';
import { StridedGather, type ReadInto } from './stridedGather.ts';

/** Bytes that are written at a time; two such buffers are in use, one being filled while the other is written. */
const chunkBytes = 4 << 20;
export const digestBytes = 32;

/** node:zlib has crc32 from 20.15 on; it is ten times faster. */
export const crc32: (bytes: Uint8Array, seed: number) => number =
  typeof zlib.crc32 === 'function' ? (bytes, seed) => zlib.crc32(bytes, seed) : ownCrc32;

/** Writes a file from its start, in large pieces, while the next piece is filled. */
class ChunkWriter {
  readonly #file: FileHandle;
  #filling = Buffer.allocUnsafe(chunkBytes);
  #other = Buffer.allocUnsafe(chunkBytes);
  #used = 0;
  #position = 0;
  #pending: Promise<void> = Promise.resolve();

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Room to fill, at least 64 bytes of it. Say how much was filled with `advance`. */
  async room(): Promise<Buffer> {
    if (chunkBytes - this.#used < 64) await this.flush();
    return this.#filling.subarray(this.#used);
  }

  advance(bytes: number): void {
    this.#used += bytes;
  }

  /** Starts to write what was filled. */
  async flush(): Promise<void> {
    await this.#pending;
    if (this.#used === 0) return;
    const full = this.#filling.subarray(0, this.#used);
    this.#pending = writeWhole(this.#file, full, this.#position);
    // The error is seen where the write is awaited; until then it must not count as unhandled.
    this.#pending.catch(() => undefined);
    this.#position += this.#used;
    this.#used = 0;
    [this.#filling, this.#other] = [this.#other, this.#filling];
  }

  async end(): Promise<void> {
    await this.flush();
    await this.#pending;
  }

  /** Waits for a write that is under way, whatever comes of it: its buffer and file are not free before. */
  async abandon(): Promise<void> {
    await this.#pending.catch(() => undefined);
  }
}

async function writeWhole(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

export interface CopyControl {
  /** Called between pieces with the bytes copied so far; may throw to stop. */
  copied(bytes: number): void;
}

/**
 * Writes the head and all tensors.
 * @returns the SHA-256 of each tensor's bytes as they were read (and swapped to little-endian), 32 bytes each, in order.
 * @throws {Refusal} when a record does not have the checksum that its archive gives.
 */
export async function copyTensors(
  file: FileHandle,
  head: Buffer,
  tensors: readonly PlannedTensor[],
  read: ReadInto,
  control: CopyControl,
): Promise<Buffer> {
  const writer = new ChunkWriter(file);
  try {
    return await new TensorCopy(writer, read, control).run(head, tensors);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
}

class TensorCopy {
  readonly #writer: ChunkWriter;
  readonly #read: ReadInto;
  readonly #control: CopyControl;
  readonly #checked = new Set<StorageRecord>();
  #gather: StridedGather | null = null;
  #copied = 0;

  constructor(writer: ChunkWriter, read: ReadInto, control: CopyControl) {
    this.#writer = writer;
    this.#read = read;
    this.#control = control;
  }

  async run(head: Buffer, tensors: readonly PlannedTensor[]): Promise<Buffer> {
    const digests = Buffer.alloc(tensors.length * digestBytes);
    await this.#append(head);
    for (const [index, tensor] of tensors.entries()) {
      const hash = createHash('sha256');
      if (tensor.contiguous) await this.#copyContiguous(tensor, hash);
      else await this.#copyStrided(tensor, hash);
      hash.digest().copy(digests, index * digestBytes);
    }
    await this.#writer.end();
    return digests;
  }

  async #copyContiguous(tensor: PlannedTensor, hash: Hash): Promise<void> {
    const { record } = tensor;
    const check = record.crc32 !== null && !this.#checked.has(record);
    const whole = tensor.bytes === record.bytes;
    if (check && !whole) this.#checkRecord(record);
    let crc = 0;
    for (let done = 0; done < tensor.bytes;) {
      const room = await this.#writer.room();
      // No element may be cut in two, for the swap.
      const piece = room.subarray(0, Math.min(tensor.bytes - done, room.length - (room.length % 16)));
      this.#read(piece, tensor.position + done);
      if (check && whole) crc = crc32(piece, crc);
      swapBytes(piece, tensor.swap);
      hash.update(piece);
      this.#advance(piece.length);
      done += piece.length;
    }
    if (check && whole) this.#compare(record, crc);
  }

  async #copyStrided(tensor: PlannedTensor, hash: Hash): Promise<void> {
    if (tensor.record.crc32 !== null && !this.#checked.has(tensor.record)) this.#checkRecord(tensor.record);
    this.#gather ??= new StridedGather(this.#read);
    for (const slab of this.#gather.slabs(tensor)) {
      swapBytes(slab, tensor.swap);
      hash.update(slab);
      await this.#append(slab);
      this.#control.copied((this.#copied += slab.length));
    }
  }

  /** Reads a record whole, for its checksum. */
  #checkRecord(record: StorageRecord): void {
    const buffer = Buffer.allocUnsafe(Math.min(record.bytes, 1 << 20));
    let crc = 0;
    for (let done = 0; done < record.bytes; done += buffer.length) {
      const piece = buffer.subarray(0, Math.min(buffer.length, record.bytes - done));
      this.#read(piece, record.position + done);
      crc = crc32(piece, crc);
      this.#control.copied(this.#copied);
    }
    this.#compare(record, crc);
  }

  #compare(record: StorageRecord, crc: number): void {
    this.#checked.add(record);
    if (crc !== record.crc32)
      throw new Refusal('the data does not have the checksum that the archive gives', null, record.name);
  }

  async #append(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const count = bytes.copy(await this.#writer.room(), 0, done);
      this.#writer.advance(count);
      done += count;
    }
  }

  #advance(bytes: number): void {
    this.#writer.advance(bytes);
    this.#control.copied((this.#copied += bytes));
  }
}

function swapBytes(bytes: Buffer, unit: 1 | 2 | 4 | 8): void {
  if (unit === 2) bytes.swap16();
  else if (unit === 4) bytes.swap32();
  else if (unit === 8) bytes.swap64();
}
