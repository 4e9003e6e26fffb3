import { statSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import { declarationFor } from '../datasets/personal/declaration.ts';
import { openRows } from '../datasets/rows/openRows.ts';
import type { RowSource } from '../datasets/rows/row.ts';
import { hashedEmbedding } from '../datasets/embedding/hashedEmbedding.ts';
import { DatasetScanner, hashedWords, type RowsToScore } from '../datasets/scan/datasetScanner.ts';
import type { ScoredVectors } from '../datasets/scan/embeddingScan.ts';
import type { DatasetScan } from '../datasets/scan/facts.ts';
import type { SampleSize } from '../datasets/scan/observations.ts';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { FileSource } from '../files/fileSource.ts';
import { entriesOf } from '../files/folderEntries.ts';
import { reasonOf } from '../files/reason.ts';
import { textModelFile } from '../scans/embedding/textModelFile.ts';
import type { ProviderRequest } from '../scans/runtime/providers.ts';
import { embedTexts } from './embedTexts.ts';
import { digestOf, readReview, type DatasetReview, type ReviewFiles } from './datasetReview.ts';
import { paced } from './paced.ts';
import { scoreRows } from './scoreRows.ts';

export interface DatasetJob {
  /** Absolute: a data file, or a folder of some. */
  paths: readonly string[];
  /** What reported paths are relative to, absolute. */
  base: string;
  /** Absolute path of the accepted version; null for none. */
  baseline: string | null;
  text: string[];
  label: string | null;
  source: string | null;
  sample: SampleSize;
  review: ReviewFiles;
  /** Absolute path of the folder of a text-embedding model; null for hashed words. */
  embeddingModel: string | null;
  /** Who shall run that model. */
  provider: ProviderRequest;
}

export interface DatasetRun {
  signal: AbortSignal;
  /** The share of the work that is done, from 0 to 1, and the file that is read. */
  onProgress: (share: number, path: string) => void;
}

/** As many rows as a person may want to sort, in some seconds and some tens of megabytes. */
export const defaultSample: SampleSize = { rows: 6000, background: 4000, seed: 1 };

const dataFile = /\.(?:jsonl|ndjson|csv|tsv|tab|parquet)(?:\.(?:gz|zst|bz2|xz|lz4))?$/i;
/**
 * Scans data files, one after the other.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, `bad-input` for what is no data file, `cancelled`.
 */
export async function scanDatasets(job: DatasetJob, run: DatasetRun): Promise<DatasetScan[]> {
  const files = job.paths.flatMap((path) => dataFiles(path));
  if (files.length === 0) {
    throw new WeighbridgeError(
      'bad-input',
      'no data files there: name a .jsonl, .csv, .tsv or .parquet file, or a folder that holds some',
    );
  }
  const review = readReview(job.review);
  // A model that is not there is told before a long file is read, and not after.
  if (job.embeddingModel !== null) textModelFile(job.embeddingModel);
  const scans: DatasetScan[] = [];
  for (const [index, file] of files.entries()) {
    const onShare = (share: number): void =>
      run.onProgress((index + share) / files.length, relative(job.base, file).split(sep).join('/'));
    scans.push(await scanFile(file, job, review, { ...run, onShare }));
  }
  return scans;
}

async function scanFile(
  file: string,
  job: DatasetJob,
  review: DatasetReview,
  run: Pick<DatasetRun, 'signal'> & { onShare: (share: number) => void },
): Promise<DatasetScan> {
  const opened = [openData(file)];
  try {
    const [source] = opened as [Opened];
    const accepted = job.baseline === null ? null : openData(job.baseline);
    if (accepted) opened.push(accepted);
    const before = stampOf(file);
    const sha256 = await digestUnless(file, run.signal);
    const scanner = new DatasetScanner({
      path: relative(job.base, file).split(sep).join('/'),
      sha256,
      source: source.rows,
      accepted: accepted?.rows ?? null,
      columns: { text: job.text, label: job.label, source: job.source },
      sample: job.sample,
      review: {
        marks: review.marks,
        known: review.known,
        fileKnownClean: review.known?.has(Buffer.from(sha256, 'hex')) === true,
      },
      declaration: declarationFor(file, job.base),
    });
    await paced(scanner.read(), run.signal, (share) => run.onShare(share * 0.6));
    const rows = scanner.rowsToScore();
    const scored = rows && (await score(rows, job, run.signal, (share) => run.onShare(0.6 + share * 0.3)));
    // Gates take the digest for what was scanned.
    if (stampOf(file) !== before)
      throw new WeighbridgeError('refused', `${file} changed while it was scanned: scan it again`);
    return await paced(scanner.finish(scored), run.signal, (share) => run.onShare(0.9 + share * 0.1));
  } finally {
    for (const { close } of opened) close();
  }
}

/** @throws {WeighbridgeError} `cancelled`, `unreadable`. */
async function digestUnless(file: string, signal: AbortSignal): Promise<string> {
  try {
    return await digestOf(file, signal);
  } catch (cause) {
    if (signal.aborted) throw new WeighbridgeError('cancelled', 'the scan was cancelled', { cause });
    throw unreadable(file, cause);
  }
}

function stampOf(file: string): string {
  const { size, mtimeNs, ino } = statSync(onDisk(file), { bigint: true });
  return `${size} ${mtimeNs} ${ino}`;
}

async function score(
  { texts, classes, seed }: RowsToScore,
  { embeddingModel, provider }: DatasetJob,
  signal: AbortSignal,
  onShare: (share: number) => void,
): Promise<ScoredVectors> {
  const { vectors, model } =
    embeddingModel === null
      ? { vectors: hashedEmbedding(texts), model: hashedWords }
      : await embedTexts(texts, embeddingModel, provider, signal, (share) => onShare(share / 2));
  return { model, ...(await scoreRows({ vectors, classes, seed }, signal, (share) => onShare((1 + share) / 2))) };
}

export interface Opened {
  rows: RowSource;
  close: () => void;
}

/** @throws {WeighbridgeError} `not-found`, `unreadable`, or `bad-input` for what is no data. */
export function openData(file: string, name = basename(file)): Opened {
  let source: FileSource;
  try {
    source = new FileSource(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
  try {
    const rows = openRows(source, name);
    if (rows !== null) return { rows, close: () => source.close() };
  } catch (cause) {
    source.close();
    throw unreadable(file, cause);
  }
  source.close();
  throw new WeighbridgeError('bad-input', `${file} is no text: name a JSONL, JSON, CSV, TSV, Parquet or text file`);
}

/** The file itself, or the data files below a folder, in the order of their names. @throws {WeighbridgeError} `not-found`, `unreadable`. */
export function dataFiles(path: string): string[] {
  const stat = statSync(onDisk(path), { throwIfNoEntry: false });
  if (!stat) throw new WeighbridgeError('not-found', `there is no ${path}`);
  if (!stat.isDirectory()) return [path];
  try {
    return entriesOf(path)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : dataFiles(join(path, entry.name));
        return entry.isFile() && dataFile.test(entry.name) ? [join(path, entry.name)] : [];
      });
  } catch (cause) {
    throw cause instanceof WeighbridgeError ? cause : unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): WeighbridgeError {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new WeighbridgeError('not-found', `there is no ${path}`, { cause });
  return new WeighbridgeError('unreadable', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
}
