import { WorkerLost, type JobOptions, type WorkerPool } from './pool.ts';
import type { BatchMark, BatchValues, Jobs, Outcome } from './workerProtocol.ts';

/** The jobs that go through a list of files. */
type BatchKind = keyof BatchValues;

export interface BatchRun<K extends BatchKind, T> {
  kind: K;
  pool: WorkerPool;
  /** The task that a worker gets for some of the files. */
  task: (files: readonly T[], at: BatchMark) => Jobs[K]['task'];
  watchdogMs: number;
  signal?: AbortSignal | undefined;
  onValue: (file: T, value: BatchValues[K]) => void;
  onError: (file: T, message: string) => void;
  /** The worker ended at this file, and again when it was tried alone. */
  onLost: (file: T, loss: WorkerLost) => void;
}

/**
 * Sends files to one worker. When it dies, the file it was at is tried once more alone, and the others go on elsewhere: a
 * hostile file costs itself and nothing else.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function runBatch<K extends BatchKind, T>(
  files: readonly T[],
  run: BatchRun<K, T>,
  alone = false,
): Promise<void> {
  const open = new Set(files.keys());
  const onPart = (part: Jobs[BatchKind]['part']) => {
    for (const outcome of JSON.parse(part) as Outcome<BatchValues[K]>[]) {
      const file = files[outcome.index];
      open.delete(outcome.index);
      if (file === undefined) continue;
      if ('error' in outcome) run.onError(file, outcome.error);
      else run.onValue(file, outcome.value);
    }
  };
  const at = new Int32Array(new SharedArrayBuffer(4));
  try {
    const options: JobOptions<K> = {
      watchdogMs: run.watchdogMs,
      onPart,
      ...(run.signal ? { signal: run.signal } : {}),
    };
    await run.pool.run(run.kind, run.task(files, at), options);
  } catch (cause) {
    if (!(cause instanceof WorkerLost)) throw cause;
    const [first] = open;
    if (first === undefined) return;
    // What it had done and not told is done again with the rest.
    const last = Atomics.load(at, 0);
    const suspect = open.has(last) ? last : first;
    open.delete(suspect);
    const ofIndex = (index: number) => files[index] as T;
    if (alone) run.onLost(ofIndex(suspect), cause);
    await Promise.all([
      alone ? undefined : runBatch([ofIndex(suspect)], run, true),
      open.size > 0 ? runBatch([...open].map(ofIndex), run) : undefined,
    ]);
  }
}
