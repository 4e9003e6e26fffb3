import type { ExamineSettings } from '../engine/examine.ts';
import { grace, lost } from '../engine/examineAll.ts';
import { WorkerLost, type WorkerPool } from '../engine/pool.ts';
import { statOf } from '../engine/scanPhases.ts';
import type { StoredResult } from './store/resultStore.ts';

/** What content came to. */
export type Examination = Pick<StoredResult, 'format' | 'size' | 'complete' | 'kinds' | 'findings'>;

export interface ExamineContext {
  settings: ExamineSettings;
  pool: WorkerPool;
  signal: AbortSignal;
}

/** Reads and judges one file in a worker. One that hangs or takes too much memory is a finding, and no failure. */
export async function examineFile(
  file: string,
  path: string,
  { settings, pool, signal }: ExamineContext,
): Promise<Examination> {
  const options = { signal, watchdogMs: settings.limits.timeMs + grace };
  const { examined, kinds } = await pool
    .run('examineKinds', { file, path, settings }, options)
    .catch((cause: unknown) => {
      if (!(cause instanceof WorkerLost)) throw cause;
      const size = Number(statOf(file)?.size ?? 0);
      return { examined: lost({ path, size }, cause, settings), kinds: [] as string[] };
    });
  const { format, size, complete } = examined.summary;
  // The same content lies in many places: a result names none.
  const findings = examined.findings.map(({ ruleId, severity, message, location, evidence, fixes, related }) => {
    return { ruleId, severity, message, location, evidence, fixes, ...(related ? { related } : {}) };
  });
  return { format, size, complete, kinds, findings };
}
