import { WorkerLost, type JobOptions, type WorkerPool } from './pool.ts';
import type { Jobs } from './workerProtocol.ts';

/** The jobs that go through a list of files. */
type BatchKind = 'examine' | 'judgeTexts';

type ValueOf<K extends BatchKind> = Extract<Jobs[K]['part'], { value: unknown }>['value'];

export interface BatchRun<K extends BatchKind, T> {
  kind: K;
  pool: WorkerPool;
  /** The task that a worker gets for some of the files. */
  task: (files: readonly T[]) => Jobs[K]['task'];
  watchdogMs: number;
  signal?: AbortSignal | undefined;
  onValue: (file: T, value: ValueOf<K>) => void;
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
    const file = files[part.index];
    open.delete(part.index);
    if (file === undefined) return;
    if ('error' in part) run.onError(file, part.error);
    else run.onValue(file, part.value);
  };
  try {
    const options: JobOptions<K> = {
      watchdogMs: run.watchdogMs,
      onPart,
      ...(run.signal ? { signal: run.signal } : {}),
    };
    await run.pool.run(run.kind, run.task(files), options);
  } catch (cause) {
    if (!(cause instanceof WorkerLost)) throw cause;
    const [suspect, ...rest] = [...open].map((index) => files[index]).filter((file) => file !== undefined);
    if (suspect === undefined) return;
    if (alone) run.onLost(suspect, cause);
    await Promise.all([
      alone ? undefined : runBatch([suspect], run, true),
      rest.length > 0 ? runBatch(rest, run) : undefined,
    ]);
  }
}
