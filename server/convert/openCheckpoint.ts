import { WeighbridgeError } from '../errors.ts';
import type { FileSource } from '../files/fileSource.ts';
import { Budget, defaultLimits } from '../formats/limits.ts';
import type { Checkpoint } from '../formats/torch/checkpoint.ts';
import { isLegacyHead, legacyExtents, readLegacyCheckpoint } from '../formats/torch/legacyLayout.ts';
import { conversionMachineLimits, type MachineLimits } from '../formats/torch/machineLimits.ts';
import { Refusal } from '../formats/torch/refusal.ts';
import { readZipCheckpoint, torchFolder } from '../formats/torch/zipLayout.ts';
import { readZipDirectory, type ZipEntry } from '../formats/zip/directory.ts';
import { crc32 } from './tensorCopy.ts';

/** A conversion was asked for: it may list as many storages as a checkpoint can have. */
const zipLimits = { ...defaultLimits, entries: 4_000_000, timeMs: 600_000 };

/**
 * Reads the values of a checkpoint.
 * @throws {Refusal} when it is one, and cannot be converted.
 * @throws {WeighbridgeError} `bad-input` when it is none.
 */
export function openCheckpoint(source: FileSource, input: string, checkStop: () => void): Checkpoint {
  const head = Buffer.from(source.read(0, 512));
  const text = head.toString('latin1');
  const limits: MachineLimits = {
    ...conversionMachineLimits,
    timeIsUp: () => {
      checkStop();
      return false;
    },
  };
  if (text.startsWith('PK\x03\x04')) return openZip(source, input, limits);
  if (isLegacyHead(head)) return openLegacy(source, limits);
  if (source.size === 0) throw notOne(input, 'is empty');
  if (text.slice(257, 262) === 'ustar' || /^(sys_info|pickle|storages|tensors)\0/.test(text)) {
    throw new Refusal('it is a tar archive, as PyTorch 0.1.1 wrote it; save it again with a newer PyTorch first');
  }
  if (/^.{8}\{"/s.test(text) && head.readBigUInt64LE(0) < BigInt(source.size))
    throw notOne(input, 'is a safetensors file already');
  if (/^\x80[\x01-\x05]/.test(text))
    throw new Refusal('it is a pickle without storages of PyTorch, so there are no tensors in it');
  throw notOne(input, 'is not a PyTorch checkpoint');
}

const notOne = (input: string, what: string): WeighbridgeError =>
  new WeighbridgeError('bad-input', `${input} ${what}: there is nothing to convert.`);

function openLegacy(source: FileSource, limits: MachineLimits): Checkpoint {
  const { extents, failure } = legacyExtents(source, limits);
  if (failure) throw failure;
  const { checkpoint, end } = readLegacyCheckpoint(source, extents, limits);
  if (end < source.size) throw new Refusal('bytes stand after the last storage', end);
  return checkpoint;
}

function openZip(source: FileSource, input: string, limits: MachineLimits): Checkpoint {
  const { entries, anomalies, problems } = readZipDirectory(source, new Budget(zipLimits));
  const problem = problems[0];
  if (problem) throw new Refusal(`the archive cannot be read whole: ${problem.message}`, problem.offset);
  const folder = torchFolder(entries);
  if (folder === null) throw notOne(input, 'is a ZIP archive, but not a PyTorch checkpoint');
  const pickle = entries.find((entry) => entry.name === `${folder}data.pkl`);
  const checkpoint = readZipCheckpoint(source, entries, anomalies, limits);
  if (pickle && checksum(source, pickle) !== pickle.crc32) {
    throw new Refusal('the pickle does not have the checksum that the archive gives', pickle.offset, pickle.name);
  }
  return checkpoint;
}

function checksum(source: FileSource, entry: ZipEntry): number {
  let crc = 0;
  for (let done = 0; done < entry.size;) {
    const bytes = source.read(entry.dataOffset + done, Math.min(64 * 1024, entry.size - done));
    if (bytes.length === 0) break;
    crc = crc32(bytes, crc);
    done += bytes.length;
  }
  return crc;
}
