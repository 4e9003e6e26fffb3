import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { DigestSet } from '../datasets/review/digestSet.ts';
import { readKnownClean } from '../datasets/review/knownClean.ts';
import { readMarks, type Marks } from '../datasets/review/marks.ts';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { FileSource } from '../files/fileSource.ts';
import { reasonOf } from '../files/reason.ts';

/** Where people's decisions about data are kept, absolute. */
export interface ReviewFiles {
  /** Need not be there. */
  marks: string;
  /** Null for none. */
  knownClean: string | null;
}

export interface DatasetReview {
  marks: Marks;
  known: DigestSet | null;
}

/**
 * Reads marks and known-clean digests.
 * @throws {WeighbridgeError} `bad-input`, `not-found` or `unreadable`: what was decided must not be passed over.
 */
export function readReview({ marks, knownClean }: ReviewFiles): DatasetReview {
  return { marks: marksIn(marks), known: knownClean === null ? null : knownIn(knownClean) };
}

/** The marks of a file; none where there is no file. */
export function marksIn(file: string): Marks {
  let text: string;
  try {
    text = readFileSync(onDisk(file), 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new WeighbridgeError('unreadable', `cannot read the marks in ${file}: ${reasonOf(cause)}`, { cause });
  }
  return readMarks(text, file);
}

function knownIn(file: string): DigestSet {
  let source: FileSource;
  try {
    source = new FileSource(file);
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'not-found' : 'unreadable';
    const message = `cannot read the known-clean digests (datasets.known-clean) in ${file}: ${reasonOf(cause)}`;
    throw new WeighbridgeError(why, message, { cause });
  }
  try {
    const { digests, others } = readKnownClean(source);
    if (digests.size > 0 || others === 0) return digests;
    throw new WeighbridgeError('bad-input', `${file} holds no SHA-256: write it with sha256sum`);
  } finally {
    source.close();
  }
}

/** SHA-256 of a file's bytes, hexadecimal. */
export async function digestOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(onDisk(file)), hash, { signal });
  return hash.digest('hex');
}
