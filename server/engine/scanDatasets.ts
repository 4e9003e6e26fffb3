import { readdirSync, statSync } from 'node:fs';
import { basename, extname, join, relative, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openRows } from '../datasets/rows/openRows.ts';
import type { RowSource } from '../datasets/rows/row.ts';
import { scanDataset } from '../datasets/scan/scanDataset.ts';
import type { DatasetScan } from '../datasets/scan/facts.ts';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { FileSource } from '../files/fileSource.ts';
import { reasonOf } from './reason.ts';

export interface DatasetJob {
  /** Absolute: a data file, or a folder of some. */
  paths: readonly string[];
  /** What reported paths are relative to, absolute. */
  base: string;
  /** Absolute path of the accepted version; null for none. */
  baseline: string | null;
  text: string[];
  label: string | null;
  signal: AbortSignal;
  /** The share of the work that is done, from 0 to 1, and the file that is read. */
  onProgress: (share: number, path: string) => void;
}

const dataExtensions = new Set(['.jsonl', '.ndjson', '.csv', '.tsv', '.tab']);
/** Milliseconds of reading before others get their turn: a signal, a line of progress. */
const slice = 50;

/**
 * Scans data files, one after the other.
 * @throws {WeighbridgeError} `not-found`, `unreadable`, `bad-input` for what is no data file, `cancelled`.
 */
export async function scanDatasets(job: DatasetJob): Promise<DatasetScan[]> {
  const files = job.paths.flatMap((path) => dataFiles(path));
  if (files.length === 0) {
    throw new WeighbridgeError(
      'bad-input',
      'no data files there: name a .jsonl, .csv or .tsv file, or a folder that holds some',
    );
  }
  const scans: DatasetScan[] = [];
  for (const [index, file] of files.entries()) {
    const path = relative(job.base, file).split(sep).join('/');
    const opened = [open(file)];
    try {
      const [source] = opened as [Opened];
      const accepted = job.baseline === null ? null : open(job.baseline);
      if (accepted) opened.push(accepted);
      const steps = scanDataset({
        path,
        source: source.rows,
        accepted: accepted?.rows ?? null,
        columns: { text: job.text, label: job.label },
      });
      let last = performance.now();
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) {
          scans.push(step.value);
          break;
        }
        if (performance.now() - last < slice) continue;
        job.onProgress((index + step.value) / files.length, path);
        await setImmediate();
        if (job.signal.aborted) throw new WeighbridgeError('cancelled', 'the scan was cancelled');
        last = performance.now();
      }
    } finally {
      for (const { close } of opened) close();
    }
  }
  return scans;
}

interface Opened {
  rows: RowSource;
  close: () => void;
}

function open(file: string): Opened {
  let source: FileSource;
  try {
    source = new FileSource(file);
  } catch (cause) {
    throw unreadable(file, cause);
  }
  const rows = openRows(source, basename(file));
  if (rows === null) {
    source.close();
    throw new WeighbridgeError('bad-input', `${file} is no text: name a JSONL, CSV, TSV or text file`);
  }
  return { rows, close: () => source.close() };
}

/** The file itself, or the data files below a folder, in the order of their names. */
function dataFiles(path: string): string[] {
  const stat = statSync(onDisk(path), { throwIfNoEntry: false });
  if (!stat) throw new WeighbridgeError('not-found', `there is no ${path}`);
  if (!stat.isDirectory()) return [path];
  try {
    return readdirSync(onDisk(path), { withFileTypes: true })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        if (entry.isDirectory()) return entry.name.startsWith('.') ? [] : dataFiles(join(path, entry.name));
        return entry.isFile() && dataExtensions.has(extname(entry.name).toLowerCase()) ? [join(path, entry.name)] : [];
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
