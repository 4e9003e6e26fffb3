import { marksText, type Mark } from '../datasets/review/marks.ts';
import { recordHash } from '../datasets/review/recordHash.ts';
import { WeighbridgeError } from '../errors.ts';
import { writeAtomically } from '../files/atomicWrite.ts';
import { marksIn } from './datasetReview.ts';
import { openData } from './scanDatasets.ts';

export interface MarkOrder {
  /** Absolute path of the data. */
  file: string;
  /** As the mark names it. */
  path: string;
  /** 1-based lines on which the records begin; for Parquet, numbers of rows. */
  lines: readonly number[];
  /** Null takes marks back. */
  mark: Mark['mark'] | null;
  reason: string;
  /** Absolute path of the file of marks. */
  marks: string;
}

/**
 * Marks records, or takes their marks back.
 * @returns the hash of each record, by its line.
 * @throws {WeighbridgeError} `bad-usage` without a reason, `not-found` where no record begins on a line, `bad-input`, `unwritable`.
 */
export async function markRecords({
  file,
  path,
  lines,
  mark,
  reason,
  marks: target,
}: MarkOrder): Promise<Map<number, string>> {
  if (mark !== null && reason.trim() === '') {
    throw new WeighbridgeError('bad-usage', 'a mark needs a reason, for whoever reads it next');
  }
  const records = hashesAt(file, new Set(lines));
  const missing = lines.find((line) => !records.has(line));
  if (missing !== undefined) throw new WeighbridgeError('not-found', `no record begins on line ${missing} of ${path}`);
  const marks = new Map(marksIn(target));
  for (const record of records.values()) {
    if (mark === null) marks.delete(record);
    else marks.set(record, { record, mark, reason: reason.trim(), path });
  }
  await writeAtomically(target, { overwrite: true }, (handle) => handle.writeFile(marksText(marks)));
  return records;
}

function hashesAt(file: string, wanted: ReadonlySet<number>): Map<number, string> {
  const found = new Map<number, string>();
  const { rows, close } = openData(file);
  try {
    for (const row of rows.rows({ wanted })) {
      if (!wanted.has(row.line) || found.has(row.line)) continue;
      found.set(row.line, recordHash(row));
      if (found.size === wanted.size) break;
    }
  } finally {
    close();
  }
  return found;
}
