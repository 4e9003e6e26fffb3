import type { Coverage } from '../../datasets/registers/coverage.ts';
import { holdsDigest } from '../../datasets/registers/coverage.ts';
import { isFolderAlgorithm, weakAlgorithms } from '../../datasets/hashing/algorithms.ts';
import type { DatasetRegister, RecordedDigest, RegisteredData } from '../../datasets/registers/facts.ts';
import { registerOf } from '../../datasets/registers/readRegister.ts';
import { bareDigest, isDigest } from '../../datasets/registers/source.ts';
import type { DatasetWorkspace, NamedData, TextSubject } from '../text.ts';

/** What a text says as a register of datasets; null for any other text. */
export function registerIn(text: TextSubject): DatasetRegister | null {
  return text.language === 'yaml' || text.language === 'json' ? registerOf(text) : null;
}

/** The local data that an entry of the register at `from` speaks of. */
export function dataOf(entry: RegisteredData, from: string, datasets: DatasetWorkspace): NamedData | undefined {
  return entry.path === null ? undefined : datasets.find(entry.path, from, 'beside');
}

/** How data compares with one digest that was recorded of it. */
export interface Comparison {
  /** As it is written in a register of this kind; null where the data is of another nature (a folder for a file). */
  actual: string | null;
  matches: boolean;
}

/** Null where nothing can be said: the digest is none, the data was not fetched, or has not been hashed yet. */
export function compare(digest: RecordedDigest, data: NamedData, datasets: DatasetWorkspace): Comparison | null {
  const { algorithm } = digest;
  if (algorithm === null || !isDigest(digest)) return null;
  if (data.pointer) {
    if (algorithm !== 'sha256') return null;
    const { object } = data.pointer;
    const fetched = object === null ? null : datasets.measured(object, 'sha256');
    // What Git LFS keeps under a name is not what the name says: a checkout would put it there.
    if (fetched && fetched.digest !== data.pointer.oid) return { actual: fetched.digest, matches: false };
    return { actual: data.pointer.oid, matches: data.pointer.oid === bareDigest(digest.written) };
  }
  if (isFolderAlgorithm(algorithm) !== data.isFolder) return { actual: null, matches: false };
  const measured = datasets.measured(data.path, algorithm);
  if (!measured) return null;
  const matches = measured.digest === bareDigest(digest.written);
  return {
    actual: algorithm.startsWith('md5-d') && data.isFolder ? `${measured.digest}.dir` : measured.digest,
    matches,
  };
}

/** Sources of a training, which change while people work: a stage is run again then, and nobody was deceived. */
export function isCode(path: string): boolean {
  return /\.(?:py|ipynb|sh|r|jl|ya?ml|toml|cfg|ini|json|js|ts|sql|md|txt|lock)$/i.test(path) && !/data/i.test(path);
}

/** The records that say what some data is, strongest first. */
export function recordsOf(data: NamedData, datasets: DatasetWorkspace): Coverage[] {
  const strength = ({ register, data: { digests }, relation }: Coverage): number =>
    (register.kind === 'provenance' ? 0 : 4) +
    (relation === 'same' ? 0 : relation === 'around' ? 1 : 2) +
    (digests.some(({ algorithm }) => algorithm !== null && !weakAlgorithms.has(algorithm)) ? 0 : 2);
  return datasets
    .coverage(data.path, data.isFolder)
    .filter(holdsDigest)
    .sort((a, b) => strength(a) - strength(b));
}

/** Whether a record of our own, with a strong hash, speaks of the data. */
export function hasOwnRecord(data: NamedData, datasets: DatasetWorkspace): boolean {
  return recordsOf(data, datasets).some(({ register }) => register.kind === 'provenance');
}
