import type { TorchFacts } from '../facts.ts';
import { moduleFromId, storageFromId } from './rebuild.ts';
import { Refusal } from './refusal.ts';
import type { PersistentLoad } from './tensorMachine.ts';
import type { StorageValue, TensorValue, Value } from './values.ts';

/** Where the bytes of one storage stand in the file. */
export interface StorageRecord {
  /** Offset in the file of the first byte. */
  position: number;
  /** Length in bytes. */
  bytes: number;
  /** CRC-32 of the bytes, where the container records one. */
  crc32: number | null;
  /** For a person: the member of the archive, or `storage KEY`. */
  name: string;
}

/** A checkpoint whose pickle was read: the values it builds, and where its tensors' bytes are. */
export interface Checkpoint {
  layout: TorchFacts['layout'];
  byteOrder: 'little' | 'big';
  /** The member that holds the pickle, `''` for the file itself. */
  pickleEntry: string;
  root: Value;
  storages: StorageTable;
  records: ReadonlyMap<string, StorageRecord>;
  /** False when the listing of the container was cut by a limit: a record that is not there may yet be in the file. */
  recordsComplete: boolean;
}

/** The storages that a pickle names, by key. */
export class StorageTable {
  readonly byKey = new Map<string, StorageValue>();

  /** The persistent-id reader for a layout. One storage has one type (PyTorch's own writer refuses anything else). */
  loader(layout: 'zip' | 'legacy'): PersistentLoad {
    return (id, offset) => {
      const module = moduleFromId(id, offset);
      if (module) return module;
      const storage = storageFromId(id, layout, offset);
      const known = this.byKey.get(storage.key);
      if (!known) {
        this.byKey.set(storage.key, storage);
        return storage;
      }
      if (known.type !== storage.type || known.elements !== storage.elements) {
        throw new Refusal(`the storage ${shortKey(storage.key)} is used under two types or lengths`, offset);
      }
      const same = known.viewStart === storage.viewStart && known.viewElements === storage.viewElements;
      return same ? known : storage;
    };
  }
}

export type StorageViolation = TorchFacts['violations'][number];

/** Violations that are kept: one hundred say as much as a million. */
const mostViolations = 100;

/** Whether every storage has its record, of the length that the pickle says (CVE-2026-24747 is the case where not). */
export function storageViolations(checkpoint: Checkpoint): StorageViolation[] {
  const violations: StorageViolation[] = [];
  for (const storage of checkpoint.storages.byKey.values()) {
    if (violations.length >= mostViolations) break;
    const record = checkpoint.records.get(storage.key);
    const expected = storage.elements * storage.type.bytes;
    if (!record) {
      if (!checkpoint.recordsComplete) continue;
      violations.push({
        code: 'storage-missing',
        offset: storage.pickleOffset,
        message: `the storage ${shortKey(storage.key)} has no record in the file`,
      });
    } else if (record.bytes !== expected) {
      violations.push({
        code: 'storage-size',
        offset: storage.pickleOffset,
        message: `the storage ${shortKey(storage.key)} should take ${expected} bytes, and its record has ${record.bytes}`,
      });
    }
  }
  return violations;
}

/** Whether a tensor leaves its storage. */
export function viewViolation(name: string, tensor: TensorValue): StorageViolation | null {
  const { storage } = tensor;
  if (tensor.shape.includes(0)) return null;
  const last = tensor.shape.reduce((sum, size, axis) => sum + (size - 1) * tensor.stride[axis]!, tensor.offset);
  const end = (last + 1) * tensor.type.bytes;
  if (end <= storage.viewElements * storage.type.bytes) return null;
  return {
    code: 'view-out-of-bounds',
    offset: tensor.pickleOffset,
    message: `the tensor ${JSON.stringify(name.slice(0, 200))} reaches beyond its storage ${shortKey(storage.key)}`,
  };
}

export const elementCount = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export const shortKey = (key: string): string => JSON.stringify(key.slice(0, 60));
