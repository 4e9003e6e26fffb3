import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ExamineSettings } from '../engine/examine.ts';
import { grace, lost } from '../engine/examineAll.ts';
import { WorkerLost, type WorkerPool } from '../engine/pool.ts';
import { WeighbridgeError } from '../errors.ts';
import { stampOf } from './folderSource.ts';
import type { StoredResult } from './store/resultStore.ts';

/**
 * SHA-256 of a file, in hexadecimal.
 * @throws the operating system's error; `cancelled`.
 */
export async function digestFile(
  file: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (bytes: number) => void },
): Promise<string> {
  const hash = createHash('sha256');
  let done = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20, signal })) {
    hash.update(piece as Buffer);
    done += (piece as Buffer).length;
    onProgress(done);
  }
  return hash.digest('hex');
}

/** Reads and judges one file in a worker. One that hangs or takes too much memory is a finding, and no failure. */
export async function examineContent(
  file: string,
  path: string,
  settings: ExamineSettings,
  pool: WorkerPool,
  signal: AbortSignal,
): Promise<Pick<StoredResult, 'format' | 'size' | 'complete' | 'kinds' | 'findings'>> {
  const options = { signal, watchdogMs: settings.limits.timeMs + grace };
  const { examined, kinds } = await pool
    .run('examineKinds', { file, path, settings }, options)
    .catch((cause: unknown) => {
      if (!(cause instanceof WorkerLost)) throw cause;
      const size = stampOf(file)?.size ?? 0;
      return { examined: lost({ path, size }, cause, settings), kinds: [] as string[] };
    });
  const { format, size, complete } = examined.summary;
  // The same content lies in many places: a result names none.
  const findings = examined.findings.map(({ ruleId, severity, message, location, evidence, fixes, related }) => {
    return { ruleId, severity, message, location, evidence, fixes, ...(related ? { related } : {}) };
  });
  return { format, size, complete, kinds, findings };
}

/** @throws {WeighbridgeError} `unreadable` where a file is not what it was: what was read is of no state that it had. */
export function requireUnchanged(file: string, before: string): void {
  if (stampOf(file)?.text !== before) {
    throw new WeighbridgeError('unreadable', 'it changed while it was read');
  }
}
