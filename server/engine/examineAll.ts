import { setImmediate } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';
import { examine, unfinished, type Examined, type ExamineSettings, type FileTask } from './examine.ts';
import { runBatch } from './batch.ts';
import type { WorkerLost, WorkerPool } from './pool.ts';
import { reasonOf } from '../files/reason.ts';
import { shareOut } from './shareOut.ts';

/** A file to examine, with its size in bytes where that is known. */
export interface SizedTask extends FileTask {
  size: number;
}

export interface ExamineRun {
  settings: ExamineSettings;
  /** Gives the pool; called only when workers are worth their start. */
  pool: () => WorkerPool;
  /** True: always in workers. */
  isolate: boolean;
  signal?: AbortSignal | undefined;
  onExamined: (task: SizedTask, examined: Examined) => void;
  onError: (task: SizedTask, message: string) => void;
}

/** Files up to this many bytes are small: they are read here when they are few, and sent to workers in batches. */
const smallFile = 4 << 20;
/** A worker takes about 60 ms to start, in which this thread examines this much. */
const inlineBytes = 24 << 20;
const inlineFiles = 400;
const batchFiles = 64;
const batchBytes = 8 << 20;
/** Beyond the readers' own time limit: they stop themselves, and say what they saw. */
export const grace = 10_000;

/** How long this thread may examine before it looks at what came in, in milliseconds: alone, and beside workers. */
export const sliceAlone = 50;
export const sliceBesideWorkers = 5;

/**
 * Examines files: a small job on this thread; a large one in workers, from which this thread takes over small files where
 * it is free. A worker that dies costs only the file it was at, and that only after a second try alone.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function examineAll(tasks: readonly SizedTask[], run: ExamineRun): Promise<void> {
  let bytes = 0;
  for (const { size } of tasks) bytes += size > smallFile ? inlineBytes : size;
  if (!run.isolate && tasks.length <= inlineFiles && bytes <= inlineBytes) return examineHere(tasks, run, sliceAlone);

  const queue = batches(tasks);
  const { size, forScans } = run.pool();
  const helps = !run.isolate && size > 1;
  const large = queue.filter((batch) => !isSmall(batch)).length;
  const worthwhile = large + Math.ceil((tasks.length - large) / inlineFiles);
  const workers = Math.min(worthwhile, helps ? Math.min(size, Math.max(large, size - 1)) : forScans);
  await shareOut<SizedTask[]>({
    queue,
    workers,
    inWorker: (batch) => examineBatch(batch, run),
    ...(helps ? { here: { may: isSmall, perform: (batch) => examineHere(batch, run, sliceBesideWorkers) } } : {}),
  });
}

async function examineHere(tasks: readonly SizedTask[], run: ExamineRun, slice: number): Promise<void> {
  let since = performance.now();
  for (const task of tasks) {
    if (run.signal?.aborted) throw new WeighbridgeError('cancelled', 'the scan was cancelled');
    try {
      run.onExamined(task, examine(task, run.settings));
    } catch (cause) {
      run.onError(task, reasonOf(cause));
    }
    if (performance.now() - since > slice) {
      await setImmediate(); // Lets a cancellation in, and what workers found.
      since = performance.now();
    }
  }
}

function examineBatch(batch: SizedTask[], run: ExamineRun): Promise<void> {
  const { settings } = run;
  return runBatch(batch, {
    kind: 'examine',
    pool: run.pool(),
    task: (tasks, at) => ({ files: tasks.map(({ file, path }) => ({ file, path })), settings, at }),
    watchdogMs: settings.limits.timeMs + grace,
    signal: run.signal,
    onValue: run.onExamined,
    onError: run.onError,
    onLost: (task, loss) => run.onExamined(task, lost(task, loss, settings)),
  });
}

/** What is said of a file whose worker ended. */
export function lost(
  { path, size }: { path: string; size: number },
  loss: WorkerLost,
  settings: ExamineSettings,
): Examined {
  const code = ({ memory: 'limit-memory', hung: 'limit-time', crash: 'unreadable' } as const)[loss.reason];
  return unfinished(path, size, settings, { code, message: loss.message });
}

function isSmall(batch: readonly SizedTask[]): boolean {
  return batch.every(({ size }) => size <= smallFile);
}

/** Small files together, large ones alone and first, so that no worker is left with a long one at the end. */
function batches(tasks: readonly SizedTask[]): SizedTask[][] {
  const large = tasks.filter(({ size }) => size > smallFile).sort((a, b) => b.size - a.size);
  const result = large.map((task) => [task]);
  let batch: SizedTask[] = [];
  let bytes = 0;
  for (const task of tasks) {
    if (task.size > smallFile) continue;
    if (batch.length >= batchFiles || bytes + task.size > batchBytes) {
      result.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(task);
    bytes += task.size;
  }
  if (batch.length > 0) result.push(batch);
  return result;
}
