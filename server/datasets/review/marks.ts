import { WeighbridgeError } from '../../errors.ts';

/** What a person found out about a record, wherever it stands. */
export interface Mark {
  /** The SHA-256 of the record's canonical form (`recordHash`). */
  record: string;
  mark: 'clean' | 'poisoned';
  reason: string;
  /** Where it stood when it was marked: for people, the record's hash is what counts. */
  path: string;
}

/** Where marks are kept, relative to weighbridge.yaml or the working directory. */
export const defaultMarksFile = 'weighbridge-marks.jsonl';

export type Marks = ReadonlyMap<string, Mark>;

/**
 * Reads a file of marks: JSON Lines, one mark a line, so that two people's marks merge.
 * @throws {WeighbridgeError} `bad-input` with the line that is no mark: what a person has decided must not be passed over.
 */
export function readMarks(text: string, name: string): Marks {
  const marks = new Map<string, Mark>();
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (line.trim() === '') continue;
    const mark = markOf(line);
    if (!mark) {
      throw new WeighbridgeError('bad-input', `${name} line ${index + 1} is no mark: mend it, or take it out`);
    }
    marks.set(mark.record, mark);
  }
  return marks;
}

/** The file's text: sorted by record, so that the same marks give the same bytes. */
export function marksText(marks: Marks): string {
  return [...marks.values()]
    .sort((a, b) => (a.record < b.record ? -1 : 1))
    .map(({ record, mark, reason, path }) => `${JSON.stringify({ record, mark, reason, path })}\n`)
    .join('');
}

function markOf(line: string): Mark | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { record, mark, reason, path } = value as Record<string, unknown>;
  if (typeof record !== 'string' || !/^[0-9a-f]{64}$/.test(record)) return null;
  if (mark !== 'clean' && mark !== 'poisoned') return null;
  if (typeof reason !== 'string' || reason.trim() === '') return null;
  return { record, mark, reason, path: typeof path === 'string' ? path : '' };
}
