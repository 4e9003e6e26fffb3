import type { ArchiveAnomaly, ArchiveEntry } from '../facts.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { StorageTable, type Checkpoint, type StorageRecord } from './checkpoint.ts';
import type { MachineLimits } from './machineLimits.ts';
import { Refusal } from './refusal.ts';
import { runTensorMachine } from './tensorMachine.ts';

/** What the layout needs of a ZIP entry. `crc32` is left out where nobody is going to check it. */
export type LayoutEntry = ArchiveEntry & { crc32?: number };

/** The folder of PyTorch's records: that of the first entry, as its own reader has it. Null for any other archive. */
export function torchFolder(entries: readonly { name: string }[]): string | null {
  const name = entries[0]?.name ?? '';
  const folder = name.slice(0, name.indexOf('/') + 1);
  const pickles = [`${folder}data.pkl`, `${folder}constants.pkl`];
  if (folder !== '' && entries.some((entry) => pickles.includes(entry.name))) return folder;
  // Whoever renamed the first entry did not make the rest another format.
  const other = entries.find((entry) => /^[^/]+\/data\.pkl$/.test(entry.name))?.name;
  return other === undefined ? null : other.slice(0, other.indexOf('/') + 1);
}

/** TorchScript has its constants and its source code beside the pickle. */
export const isTorchScript = (entries: readonly { name: string }[], folder: string): boolean =>
  entries.some((entry) => entry.name === `${folder}constants.pkl` || entry.name.startsWith(`${folder}code/`));

/**
 * Reads the checkpoint in a ZIP archive (torch.save since 1.6; caffe2/serialize/inline_container.h has the layout).
 * @throws {Refusal} when the archive is not what PyTorch writes, or its pickle cannot be read as values.
 * @param complete false when `entries` was cut by a limit.
 */
export function readZipCheckpoint(
  source: ByteSource,
  entries: readonly LayoutEntry[],
  anomalies: readonly ArchiveAnomaly[],
  limits: MachineLimits,
  complete = true,
): Checkpoint {
  const anomaly = anomalies[0];
  if (anomaly)
    throw new Refusal(`the archive is not as PyTorch writes it: ${anomaly.message}`, anomaly.offset, anomaly.name);
  const folder = torchFolder(entries);
  if (folder === null) throw new Refusal('the archive has no data.pkl in its top folder');
  if (isTorchScript(entries, folder)) {
    throw new Refusal(
      'it is a TorchScript program, not a checkpoint; save the state_dict() of the loaded module instead',
    );
  }
  const byName = new Map<string, LayoutEntry>();
  for (const entry of entries) {
    if (!entry.name.startsWith(folder)) {
      throw new Refusal('an entry of the archive is outside the folder of the checkpoint', entry.offset, entry.name);
    }
    byName.set(entry.name, entry);
  }
  const pickle = stored(byName.get(`${folder}data.pkl`)!);
  const storages = new StorageTable();
  const slice = new SliceSource(source, pickle.dataOffset, pickle.size);
  try {
    const { value: root, end } = runTensorMachine(slice, 0, limits, storages.loader('zip'));
    if (end !== slice.size) throw new Refusal('bytes stand after the pickle', end);
    return {
      layout: 'zip',
      byteOrder: byteOrder(source, byName.get(`${folder}byteorder`)),
      pickleEntry: pickle.name,
      root,
      storages,
      records: storageRecords(storages, byName, `${folder}data/`),
      recordsComplete: complete,
    };
  } catch (error) {
    if (error instanceof Refusal && error.entry === '') error.entry = pickle.name;
    throw error;
  }
}

function storageRecords(
  storages: StorageTable,
  byName: ReadonlyMap<string, LayoutEntry>,
  folder: string,
): Map<string, StorageRecord> {
  const records = new Map<string, StorageRecord>();
  for (const key of storages.byKey.keys()) {
    const entry = byName.get(folder + key);
    if (!entry) continue;
    stored(entry);
    records.set(key, { position: entry.dataOffset, bytes: entry.size, crc32: entry.crc32 ?? null, name: entry.name });
  }
  return records;
}

function stored(entry: LayoutEntry): LayoutEntry {
  if (entry.method === 0 && entry.compressedSize === entry.size) return entry;
  throw new Refusal('an entry is compressed, which PyTorch does not do', entry.offset, entry.name);
}

/** `byteorder` is written since PyTorch 2.1; without it the bytes are little-endian. */
function byteOrder(source: ByteSource, entry: LayoutEntry | undefined): 'little' | 'big' {
  if (!entry) return 'little';
  const text = new TextDecoder('latin1').decode(
    new SliceSource(source, entry.dataOffset, Math.min(entry.size, 16)).read(0, 16),
  );
  if (text === 'little' || text === 'big') return text;
  throw new Refusal('the byte order is neither little nor big', entry.offset, entry.name);
}
