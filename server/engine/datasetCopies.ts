import { closeSync, openSync, readSync } from 'node:fs';
import { extname } from 'node:path';
import { placeholder, withoutPersonal } from '../datasets/personal/mask.ts';
import { personalValues } from '../datasets/personal/recognise.ts';
import type { Marks } from '../datasets/review/marks.ts';
import { recordHash } from '../datasets/review/recordHash.ts';
import type { Row, RowSource } from '../datasets/rows/row.ts';
import { WeighbridgeError } from '../errors.ts';
import { writeAtomically } from '../files/atomicWrite.ts';
import { onDisk } from '../files/diskPath.ts';
import { openData } from './scanDatasets.ts';

export interface CopyOptions {
  /** Absolute. */
  file: string;
  output: string;
  overwrite: boolean;
  signal: AbortSignal;
  onShare: (share: number) => void;
}

/** Characters that are gathered before they are written. */
const gathered = 1 << 20;

/**
 * Writes a copy without the records that are marked as poisoned, and without those on some lines. Records stand in it as they stood.
 * @throws {WeighbridgeError} `bad-input`, `exists`, `unwritable`, `cancelled`.
 */
export async function exportClean(
  options: CopyOptions & { marks: Marks; without: ReadonlySet<number> },
): Promise<{ kept: number; left: number; unreadable: number }> {
  const { marks, without } = options;
  let left = 0;
  const { written, problems } = await copy(options, {
    take(row) {
      if (!without.has(row.line) && marks.get(recordHash(row))?.mark !== 'poisoned') return row.raw;
      left++;
      return null;
    },
  });
  return { kept: written, left, unreadable: problems };
}

/**
 * Writes a copy in which each value of a person in the fields is replaced by what it is (`[email]`). The copy is read once more, and not kept should one be left.
 * @param fields names; none for all fields.
 * @throws {WeighbridgeError} `bad-input`, `not-found` when no record has such a field, `exists`, `unwritable`, `cancelled`.
 */
export async function redactFields(
  options: CopyOptions & { fields: readonly string[] },
): Promise<{ rows: number; redacted: number; values: number; unreadable: number }> {
  const { fields } = options;
  const chosen = (name: string): boolean => fields.length === 0 || fields.includes(name);
  let redacted = 0;
  let values = 0;
  let seen = false;
  const { written, problems } = await copy(options, {
    take(row, source) {
      const { text, count } = redactedRow(row, source, (name) => {
        const wanted = chosen(name);
        seen ||= wanted;
        return wanted;
      });
      values += count;
      if (count > 0) redacted++;
      return text;
    },
    lookBetween(text) {
      if (fields.length > 0 || personalValues(text, '').length === 0) return;
      throw new WeighbridgeError(
        'bad-input',
        'a key of the object itself is a value of a person, and keys are not redacted: nothing was written',
      );
    },
    check(row) {
      if (!row.fields.some(({ name, text }) => chosen(name) && personalValues(text, name).length > 0)) return;
      throw new WeighbridgeError('bad-input', `line ${row.line} of the copy still held a value: nothing was written`);
    },
    end() {
      if (!seen)
        throw new WeighbridgeError('not-found', `no record has a field ${fields.join(' or ')}: nothing was written`);
    },
  });
  return { rows: written, redacted, values, unreadable: problems };
}

/** Others come to light when some are gone; each round takes out values, and the copy is checked in the end. */
const mostRounds = 16;

function redactedRow(row: Row, source: RowSource, chosen: (name: string) => boolean): { text: string; count: number } {
  let current: Pick<Row, 'line' | 'fields' | 'raw'> = { line: row.line, fields: row.fields, raw: row.raw };
  let count = 0;
  for (let round = 0; round < mostRounds; round++) {
    const fields = current.fields.slice();
    let { raw } = current;
    let found = 0;
    // From the last to the first, so that the places before stay right.
    for (let index = fields.length - 1; index >= 0; index--) {
      const field = fields[index]!;
      if (!chosen(field.name)) continue;
      const values = personalValues(field.text, field.name);
      for (const { kind, from, to } of values.toReversed()) {
        const place = source.place(current, index, from, to);
        if (!place) continue;
        const shown = place.bare ? JSON.stringify(placeholder(kind)) : placeholder(kind);
        raw = raw.slice(0, place.offset) + shown + raw.slice(place.offset + place.length);
        found++;
      }
      fields[index] = { ...field, text: withoutPersonal(field.text, values, ({ kind }) => placeholder(kind)) };
    }
    if (found === 0) break;
    count += found;
    current = { line: row.line, fields, raw };
  }
  return { text: current.raw, count };
}

interface Taking {
  /** Gives the record as it is to stand in the copy, or null to leave it out. */
  take: (row: Row, source: RowSource) => string | null;
  /** Looks at what stands between the records of a document. */
  lookBetween?: (text: string) => void;
  /** Looks at each record of the copy, and undoes it by throwing. */
  check?: (row: Row) => void;
  /** When all records were taken, and there was one; undoes the copy by throwing. */
  end?: () => void;
}

async function copy(
  { file, output, overwrite, signal, onShare }: CopyOptions,
  { take, lookBetween, check, end }: Taking,
): Promise<{ written: number; problems: number }> {
  const { rows: source, close } = openData(file);
  try {
    if (source.format === 'parquet' && !/\.(?:jsonl|ndjson)$/i.test(output)) {
      throw new WeighbridgeError('bad-usage', 'copies of Parquet are written as JSON Lines: name a .jsonl file');
    }
    let written = 0;
    let problems = 0;
    let read = 0;
    const reading = { onProblem: () => problems++, onBytes: (bytes: number) => (read = bytes) };
    const taken = (row: Row): string | null => {
      const text = take(row, source);
      if (text !== null) written++;
      return text;
    };
    const parts = source.pieces
      ? documentParts(file, source.pieces(reading), taken, lookBetween)
      : lineParts(source, source.rows(reading), source.format === 'parquet' ? '\n' : endOfLine(file), taken);
    await writeAtomically(
      output,
      { overwrite, ...(check && { check: (temporary) => Promise.resolve(checkCopy(temporary, source, check)) }) },
      async (handle) => {
        let text = '';
        for (const part of parts) {
          text += part;
          if (text.length < gathered) continue;
          await handle.appendFile(text);
          text = '';
          onShare(read / Math.max(1, source.size));
          if (signal.aborted) throw new WeighbridgeError('cancelled', 'nothing was written: it was cancelled');
        }
        if (written > 0) end?.();
        await handle.appendFile(text);
      },
    );
    return { written, problems };
  } finally {
    close();
  }
}

function* lineParts(
  source: RowSource,
  rows: Iterable<Row>,
  ending: string,
  taken: (row: Row) => string | null,
): Generator<string> {
  yield source.head().replace(/\n$/, ending);
  for (const row of rows) {
    const text = taken(row);
    if (text !== null) yield text + ending;
  }
}

/** A document as it stands, but for its records; one that is left out takes its comma and its key along. */
function* documentParts(
  file: string,
  pieces: ReturnType<NonNullable<RowSource['pieces']>>,
  taken: (row: Row) => string | null,
  lookBetween: Taking['lookBetween'],
): Generator<string> {
  let ownsNextComma = false;
  for (let piece = pieces.next(); ; piece = pieces.next()) {
    const { between, isMember, row } =
      piece.done === true ? { between: piece.value.rest, isMember: false, row: null } : piece.value;
    lookBetween?.(between);
    const before: string = ownsNextComma ? between.replace(/^\s*,\s*/, '') : between;
    ownsNextComma = false;
    if (piece.done === true) {
      if (piece.value.broken !== null) {
        throw new WeighbridgeError(
          'bad-input',
          `${file} is no whole JSON (${piece.value.broken}): nothing was written`,
        );
      }
      yield before;
      return;
    }
    const text = row && taken(row);
    if (text !== null) {
      yield before + text;
      continue;
    }
    const kept: string = (isMember ? before.replace(/"(?:[^"\\]|\\.)*"\s*:\s*$/, '') : before).trimEnd();
    ownsNextComma = !kept.endsWith(',');
    yield ownsNextComma ? kept : kept.slice(0, -1);
  }
}

/** How the first line of the file ends. */
function endOfLine(file: string): '\r\n' | '\n' {
  return /^[^\n]*\r\n/.test(head(file)) ? '\r\n' : '\n';
}

function head(file: string): string {
  const descriptor = openSync(onDisk(file), 'r');
  try {
    const bytes = Buffer.alloc(64 * 1024);
    return bytes
      .subarray(0, readSync(descriptor, bytes))
      .toString('utf8')
      .replace(/^\uFEFF/, '');
  } finally {
    closeSync(descriptor);
  }
}

function checkCopy(temporary: string, like: RowSource, check: (row: Row) => void): void {
  const { rows, close } = openData(temporary, `copy${extensionOf(like.format)}`);
  try {
    for (const row of rows.rows()) check(row);
  } finally {
    close();
  }
}

function extensionOf(format: RowSource['format']): string {
  return { jsonl: '.jsonl', json: '.json', csv: '.csv', tsv: '.tsv', text: '.txt', parquet: '.jsonl' }[format];
}

/** A name beside the file for a copy of it: `train.csv` becomes `train.redacted.csv`. */
export function copyName(file: string, what: 'clean' | 'redacted'): string {
  const bare = file.replace(/\.(?:gz|zst|bz2|xz|lz4)$/i, '');
  const extension = extname(bare);
  const kept = extension.toLowerCase() === '.parquet' ? '.jsonl' : extension;
  return `${bare.slice(0, bare.length - extension.length)}.${what}${kept}`;
}
