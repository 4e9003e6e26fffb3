import { availableParallelism } from 'node:os';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { hasHoles, holesForWorker } from '../../files/holes.ts';
import { startWorker } from '../../files/startWorker.ts';
import { FileDigester } from './digestFile.ts';
import {
  newSharedState,
  type DigestOutcome,
  type DigestReply,
  type DigestTask,
  type SharedState,
} from './digestTask.ts';

export interface DigestAllOptions {
  /** Workers at most; the number of processors, up to 4, unless told. */
  jobs?: number | undefined;
  /** Bytes that have been hashed so far, and the index of a task that is worked on, or was just now. */
  onProgress?: ((bytes: number, last: number) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** True: however little it is, this thread hashes none of it. */
  alwaysInWorkers?: boolean | undefined;
}

/** Bytes that one batch of small files holds, at most. */
const batchBytes = 4 << 20;
const batchFiles = 64;

/** What opening a file costs, in bytes that could be hashed in the same time. */
const openingCost = 80 << 10;

/** Less work than this, in bytes, is done on this thread sooner than workers have started. */
const worthWorkers = 192 << 20;

/** Milliseconds between two reports of progress. */
const interval = 100;

/**
 * Hashes files: over worker threads, the largest first, so that no large one is left to a single worker at the end.
 * @returns the outcomes in the order of the tasks. After `signal`, those that were not finished are `cancelled`.
 */
export async function digestAll(
  tasks: readonly DigestTask[],
  options: DigestAllOptions = {},
): Promise<DigestOutcome[]> {
  const shared = newSharedState();
  const stop = (): void => void Atomics.store(shared.stop, 0, 1);
  if (options.signal?.aborted) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  const run: Run = {
    tasks,
    batches: batchesOf(tasks),
    outcomes: tasks.map(() => ({ failure: 'cancelled' })),
    shared,
    finished: (index) => options.onProgress?.(Number(Atomics.load(shared.bytes, 0)), index),
  };
  try {
    const work = tasks.reduce((sum, { size }) => sum + size + openingCost, 0);
    // Who waits for a server blocks, and this thread has to hear Ctrl-C.
    const mustBeInWorkers = options.alwaysInWorkers === true || hasHoles();
    if (work <= worthWorkers && !mustBeInWorkers) await digestHere(run);
    else await digestInWorkers(run, options.jobs ?? Math.min(4, availableParallelism()));
  } finally {
    options.signal?.removeEventListener('abort', stop);
  }
  return run.outcomes;
}

interface Run {
  tasks: readonly DigestTask[];
  /** Indices of tasks. */
  batches: number[][];
  outcomes: DigestOutcome[];
  shared: SharedState;
  finished: (index: number) => void;
}

function batchesOf(tasks: readonly DigestTask[]): number[][] {
  const order = [...tasks.keys()].sort((a, b) => (tasks[b]?.size ?? 0) - (tasks[a]?.size ?? 0));
  const batches: number[][] = [];
  let room = 0;
  for (const index of order) {
    const size = tasks[index]?.size ?? 0;
    const batch = batches.at(-1);
    if (batch && size <= room && batch.length < batchFiles) {
      batch.push(index);
      room -= size;
    } else {
      batches.push([index]);
      room = batchBytes - size;
    }
  }
  return batches;
}

/** On this thread, which gets a breath between the files. */
async function digestHere({ tasks, batches, outcomes, shared, finished }: Run): Promise<void> {
  const digester = new FileDigester();
  let since = performance.now();
  for (const index of batches.flat()) {
    const task = tasks[index];
    if (task) outcomes[index] = digester.digest(task, shared);
    if (performance.now() - since < 10) continue;
    finished(index);
    await breathe();
    since = performance.now();
  }
}

async function digestInWorkers(run: Run, jobs: number): Promise<void> {
  const working = new Set<number>();
  // Of several, what has been worked on the longest: it is what everybody waits for.
  const timer = setInterval(() => run.finished([...working][0] ?? 0), interval);
  const workers: Worker[] = [];
  try {
    const count = Math.max(1, Math.min(jobs, run.batches.length));
    for (let started = 0; started < count; started++) {
      const holes = holesForWorker();
      const options = { workerData: { holes }, transferList: holes.map(({ port }) => port) };
      workers.push(startWorker(import.meta.url, { source: './worker.ts', bundle: './hasher.mjs' }, options));
    }
    await Promise.all(workers.map((worker) => serve(worker, run, working)));
  } finally {
    clearInterval(timer);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/**
 * Gives a worker one batch after another until there is none.
 * @param working holds the first task of each batch that is worked on now.
 * @throws what ended the worker.
 */
function serve(worker: Worker, { batches, tasks, outcomes, shared }: Run, working: Set<number>): Promise<void> {
  return new Promise((resolve, reject) => {
    let current: number[] = [];
    const next = (): void => {
      const batch = Atomics.load(shared.stop, 0) === 0 ? batches.shift() : undefined;
      if (!batch) return resolve();
      current = batch;
      working.add(batch[0] ?? 0);
      worker.postMessage({ tasks: batch.map((index) => tasks[index]), shared });
    };
    worker.on('message', (reply: DigestReply) => {
      working.delete(current[0] ?? 0);
      for (const [position, index] of current.entries()) {
        const outcome = reply[position];
        if (outcome) outcomes[index] = outcome;
      }
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`a hashing worker ended with code ${code}`)));
    next();
  });
}
