import type { ByteSource } from '../source.ts';
import { StorageTable, type Checkpoint, type StorageRecord } from './checkpoint.ts';
import type { MachineLimits } from './machineLimits.ts';
import { measurePickle } from './pickleExtent.ts';
import { isKind } from './rebuild.ts';
import { Refusal } from './refusal.ts';
import { runTensorMachine } from './tensorMachine.ts';
import { entryOf, type Value } from './values.ts';

/** torch/serialization.py, `MAGIC_NUMBER` and `PROTOCOL_VERSION`. */
const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocolVersion = 1001;

/** The five pickles that come before the raw storages, in their order. */
export const legacyPickles = ['magic', 'protocol', 'sys_info', 'object', 'storage_keys'] as const;

export interface Extent {
  name: string;
  start: number;
  end: number;
}

/** The magic number as a pickler writes it: protocol, an optional frame, LONG1 of ten bytes, STOP. */
const magicPickle = /^\x80[\x02-\x05](\x95[^]{8})?\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19(\x94)?\./;

/** Whether the bytes start as PyTorch's files did before 1.6. 32 bytes of the head are enough. */
export const isLegacyHead = (head: Uint8Array): boolean =>
  magicPickle.test(Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 32)).toString('latin1'));

/**
 * Where each of the five pickles stands. `failure` says why a pickle has no end; the ones before it are listed.
 */
export function legacyExtents(
  source: ByteSource,
  limits: Pick<MachineLimits, 'opcodes' | 'timeIsUp'>,
): { extents: Extent[]; failure: Refusal | null } {
  const extents: Extent[] = [];
  let start = 0;
  for (const name of legacyPickles) {
    try {
      const { end } = measurePickle(source, start, limits);
      extents.push({ name, start, end });
      start = end;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { extents, failure: error };
    }
  }
  return { extents, failure: null };
}

/** @returns the checkpoint and the offset past its last storage. @throws {Refusal} */
export function readLegacyCheckpoint(
  source: ByteSource,
  extents: readonly Extent[],
  limits: MachineLimits,
): { checkpoint: Checkpoint; end: number } {
  const storages = new StorageTable();
  const noStorages = (_id: Value, offset: number): never => {
    throw new Refusal('a persistent id stands where none belongs', offset);
  };
  const values = extents.map(
    ({ name, start }) =>
      runTensorMachine(source, start, limits, name === 'object' ? storages.loader('legacy') : noStorages).value,
  );
  const [magic, protocol, system, root, keys] = values;
  if (magic !== magicNumber) throw new Refusal('the magic number is not PyTorch’s', extents[0]!.start);
  if (protocol !== protocolVersion) throw new Refusal('the protocol version is not 1001', extents[1]!.start);
  const littleEndian = isKind(system, 'dict') ? entryOf(system, 'little_endian') : undefined;
  if (littleEndian !== true && littleEndian !== 1) {
    throw new Refusal('the file was not written by a little-endian machine', extents[2]!.start);
  }
  if (!isKind(keys, 'list')) throw new Refusal('the list of storages is no list', extents[4]!.start);
  const { records, end } = legacyRecords(source, keys.items, extents[4]!, storages);
  const checkpoint: Checkpoint = {
    layout: 'legacy',
    byteOrder: 'little',
    pickleEntry: '',
    root: root!,
    storages,
    records,
    recordsComplete: true,
  };
  return { checkpoint, end };
}

/** For each key in the list's order: the element count as int64 little-endian, then the raw bytes. */
function legacyRecords(
  source: ByteSource,
  keys: readonly Value[],
  list: Extent,
  storages: StorageTable,
): { records: Map<string, StorageRecord>; end: number } {
  const records = new Map<string, StorageRecord>();
  let at = list.end;
  for (const key of keys) {
    if (typeof key !== 'string') throw new Refusal("a storage's key is no text", list.start);
    const storage = storages.byKey.get(key);
    if (!storage)
      throw new Refusal(`the storage ${JSON.stringify(key.slice(0, 60))} is listed, and no tensor uses it`, list.start);
    if (records.has(key)) throw new Refusal('a storage is listed twice', list.start);
    const head = source.read(at, 8);
    if (head.length < 8) throw new Refusal('the file ends before a storage', at);
    const count = new DataView(head.buffer, head.byteOffset, 8).getBigInt64(0, true);
    const bytes = Number(count) * storage.type.bytes;
    if (count < 0n || bytes > source.size - at - 8) throw new Refusal('the file ends inside a storage', at);
    records.set(key, { position: at + 8, bytes, crc32: null, name: `storage ${key.slice(0, 60)}` });
    at += 8 + bytes;
  }
  return { records, end: at };
}
