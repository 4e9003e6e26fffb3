import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { replaceFile } from '../files/replaceFile.ts';
import { holdInTurn } from '../files/runLock.ts';
import type { Json } from '../formats/facts.ts';

/**
 * A log of decisions in which every line holds the hash of the one before it, and a file beside it (`.head`) that names
 * the last line. A changed, removed, added or moved line breaks the chain; a shorter log does not reach its head. Who can
 * write both files can forge a whole new chain: keep the head (every decision prints it) where they cannot.
 */
export interface AuditEntry {
  /** From 1, without gaps. */
  sequence: number;
  /** SHA-256 of the line before, hexadecimal; of nothing before the first one: 64 zeros. */
  previous: string;
  /** What was decided. */
  record: Record<string, Json>;
  /** SHA-256 of this entry without this field, as compact JSON. */
  hash: string;
}

/** The last line of a log, as a decision prints it. */
export interface AuditHead {
  sequence: number;
  hash: string;
}

export interface AuditVerdict {
  intact: boolean;
  entries: AuditEntry[];
  head: AuditHead;
  /** What is wrong, the first break first; one sentence each. */
  problems: { line: number | null; message: string }[];
}

const beginning = '0'.repeat(64);
const longest = 256 << 20;
/** Another process that writes is waited for so long, in milliseconds. */
const patience = 10_000;

export const headFile = (file: string): string => `${file}.head`;

/**
 * Reads a log and checks every byte of it.
 * @param expected a head that was written down elsewhere: the log must contain it.
 * @throws {WeighbridgeError} `not-found` or `unreadable`.
 */
export function verifyAuditLog(file: string, expected?: string): AuditVerdict {
  const entries: AuditEntry[] = [];
  const problems: AuditVerdict['problems'] = [];
  const text = textOf(file);
  const lines = text.split('\n');
  if (lines.pop() !== '') problems.push({ line: lines.length + 1, message: 'the last line is cut off' });
  let previous = beginning;
  for (const [index, line] of lines.entries()) {
    const entry = entryOf(line);
    if (entry === null) {
      problems.push({ line: index + 1, message: 'the line was changed: it is not what its hash was made of' });
      // What follows is still compared with itself, so that each break is told once.
      previous = /"hash":"([0-9a-f]{64})"\}$/.exec(line)?.[1] ?? '';
      continue;
    }
    if (entry.previous !== previous) {
      problems.push({
        line: index + 1,
        message: 'the line does not follow the one before it: lines were removed, added or moved',
      });
    } else if (entry.sequence !== index + 1) {
      problems.push({ line: index + 1, message: `the line is number ${entry.sequence} by its own word` });
    }
    entries.push(entry);
    previous = entry.hash;
  }
  const last = entries.at(-1);
  const head: AuditHead = { sequence: last?.sequence ?? 0, hash: last?.hash ?? beginning };
  const headProblem = checkHead(file, entries);
  if (headProblem !== null) problems.push({ line: null, message: headProblem });
  if (expected !== undefined && expected !== beginning && !entries.some(({ hash }) => hash === expected)) {
    problems.push({ line: null, message: `the log does not hold the entry ${expected}: it was cut or replaced` });
  }
  return { intact: problems.length === 0, entries, head, problems };
}

function textOf(file: string): string {
  try {
    const { size } = statSync(file);
    if (size > longest)
      throw new WeighbridgeError('bad-input', `${file} is longer than ${longest} bytes: start a new log`);
    return new TextDecoder('utf-8', { fatal: false, ignoreBOM: true }).decode(readFileSync(file));
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeighbridgeError(
      gone ? 'not-found' : 'unreadable',
      gone ? `there is no audit log ${file}` : `cannot read ${file}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Null unless the line is byte for byte what we would write. */
function entryOf(line: string): AuditEntry | null {
  try {
    const { sequence, previous, record, hash } = JSON.parse(line) as AuditEntry;
    const written = lineOf({ sequence, previous, record });
    return written.line === line && written.hash === hash ? { sequence, previous, record, hash } : null;
  } catch {
    return null;
  }
}

function lineOf(entry: Omit<AuditEntry, 'hash'>): { line: string; hash: string } {
  const body = JSON.stringify({ sequence: entry.sequence, previous: entry.previous, record: entry.record });
  const hash = createHash('sha256').update(body).digest('hex');
  return { line: `${body.slice(0, -1)},"hash":"${hash}"}`, hash };
}

const headText = ({ sequence, hash }: AuditHead): string => `${sequence} ${hash}\n`;

/** A log may be one line ahead of its head: a process that is killed between the two writes leaves that behind. */
function checkHead(file: string, entries: readonly AuditEntry[]): string | null {
  const path = headFile(file);
  if (!existsSync(path)) return entries.length === 0 ? null : `${path} is missing, which says where the log ends`;
  const text = readFileSync(path, 'latin1');
  const match = /^(\d{1,15}) ([0-9a-f]{64})\n$/.exec(text);
  const sequence = Number(match?.[1]);
  if (!match || headText({ sequence, hash: match[2] ?? '' }) !== text) return `${path} was changed`;
  if (entries.length < sequence)
    return `the log was cut: it has ${entries.length} entries, and its head names entry ${sequence}`;
  if (entries[sequence - 1]?.hash !== match[2]) return `${path} names another entry ${sequence} than the log holds`;
  return entries.length > sequence + 1
    ? `the log has ${entries.length - sequence} entries more than its head knows of`
    : null;
}

/**
 * Appends a decision. Processes that write at once wait for one another.
 * @throws {WeighbridgeError} `verification-failed` where the log is damaged: nothing is added to a broken chain;
 * `unwritable`.
 */
export async function appendAuditEntry(file: string, record: Record<string, Json>): Promise<AuditHead> {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (cause) {
    throw new WeighbridgeError('unwritable', `cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
  const unlock = await holdInTurn(`${file}.lock`, file, patience);
  try {
    const { intact, problems, head } = existsSync(file)
      ? verifyAuditLog(file)
      : {
          intact: !existsSync(headFile(file)),
          problems: [{ message: 'the log is gone, and its head is not' }],
          head: { sequence: 0, hash: beginning },
        };
    if (!intact) {
      throw new WeighbridgeError(
        'verification-failed',
        `nothing was added to the audit log ${file}, because it is damaged: ${problems[0]?.message}; see "weighbridge policy audit"`,
      );
    }
    const entry = { sequence: head.sequence + 1, previous: head.hash, record };
    const { line, hash } = lineOf(entry);
    append(file, `${line}\n`);
    const next = { sequence: entry.sequence, hash };
    replaceFile(headFile(file), headText(next));
    return next;
  } finally {
    unlock();
  }
}

function append(file: string, text: string): void {
  try {
    const descriptor = openSync(file, 'a', 0o644);
    const { size } = fstatSync(descriptor);
    try {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length;) at += writeSync(descriptor, bytes, at);
      fsyncSync(descriptor);
    } catch (error) {
      // A full disk must not leave half a line, which would end the log for good.
      ftruncateSync(descriptor, size);
      throw error;
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    throw new WeighbridgeError('unwritable', `cannot write ${file}: ${(cause as Error).message}`, { cause });
  }
}
