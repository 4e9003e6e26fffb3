import { Worker } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExamineSettings } from '../engine/examine.ts';
import { WorkerPool } from '../engine/pool.ts';
import { RemoteFiles } from '../sources/remoteFiles.ts';
import { FileScanner } from './fileScanner.ts';
import { connect, JobQueue, mostLosses, prefix, reasonTold, type ScanJob } from './jobQueue.ts';
import { persist } from './persist.ts';
import type { RuleSet } from './ruleSet.ts';
import type { ResultStore } from './store/resultStore.ts';

export interface WorkerSetting {
  redis: string;
  queue: string;
  store: ResultStore;
  settings: ExamineSettings;
  rules: RuleSet;
  /** Files at a time. */
  concurrency: number;
  /** Milliseconds after which a worker that gives no sign of life has lost its jobs. */
  leaseMs: number;
  /** Milliseconds that a worker which is told to end may take for what it is at. */
  graceMs: number;
  signal: AbortSignal;
  /** Where credentials of sources are looked for, beside the usual files. */
  environment: NodeJS.ProcessEnv;
  /** Ends when nothing waits any more. */
  drain: boolean;
  onEvent: (event: WorkerEvent) => void;
}

/** What became of a file. */
export type WorkerEvent =
  | { kind: 'scanned' | 'known' | 'unchanged'; uri: string; digest: string; findings: number }
  | { kind: 'retry' | 'dead'; uri: string; reason: string; attempt: number }
  | { kind: 'lost' | 'trouble'; reason: string };

/**
 * Works on jobs until it is told to end: then it finishes what it is at, and takes no more.
 * @returns false where the queue's server did not hear of it in time: what still waits for that server would keep the process.
 * @throws what the store or the queue throws at the start.
 */
export async function work(setting: WorkerSetting): Promise<boolean> {
  const { redis, queue: name, concurrency, leaseMs, store, rules, environment, onEvent } = setting;
  await store.saveRuleSet(rules);
  const queue = new JobQueue(connect(redis), name);
  // Before the pool: its workers read what is placed there.
  const remote = new RemoteFiles({ environment });
  const pool = new WorkerPool({ size: concurrency, memoryMiB: 96 });
  const force = new AbortController();
  const scanner = new FileScanner({ ...setting, queue, pool, remote, signal: force.signal });
  const connection = connect(redis);
  const worker = new Worker<ScanJob>(name, (job, token = '') => scanner.perform(job, token), {
    connection,
    prefix,
    concurrency,
    lockDuration: leaseMs,
    stalledInterval: leaseMs,
    maxStalledCount: mostLosses,
    drainDelay: 1,
  });
  worker.on('error', (error) => onEvent({ kind: 'trouble', reason: error.message }));
  worker.on('stalled', () => onEvent({ kind: 'lost', reason: 'a worker was lost; its file is scanned again' }));
  worker.on('failed', (job, error) => {
    if (!job) return;
    const { attemptsMade: attempt, data } = job;
    const isDead = job.finishedOn !== undefined;
    const reason = reasonTold(error.message);
    onEvent({ kind: isDead ? 'dead' : 'retry', uri: data.uri, reason, attempt });
    if (!isDead) return;
    const { source, path, uri } = data;
    const failure = { source, path, uri, reason, attempts: attempt };
    void persist(() => store.recordFailure(failure), force.signal, onEvent).catch(() => undefined);
  });
  try {
    await ended(worker, queue, setting);
    return await close(worker, force, { graceMs: setting.graceMs, isBusy: () => scanner.isBusy });
  } finally {
    force.abort();
    await pool.close();
    await remote.dispose();
    connection.disconnect();
    await soon(queue.close(), toldMs);
    queue.redis.disconnect();
  }
}

/** So long a server may take to hear that this worker goes, in milliseconds. One that is out of reach is not waited for: its lease ends. */
const toldMs = 3_000;

/** Lets the worker finish what it is at, in the time that it has. @returns whether it did. */
async function close(
  worker: Worker,
  force: AbortController,
  { graceMs, isBusy }: { graceMs: number; isBusy: () => boolean },
): Promise<boolean> {
  const end = performance.now() + graceMs;
  let isClosed = false;
  const closed = worker.close().then(() => (isClosed = true));
  // Between two steps of a file nobody is busy for a moment: only who is so twice has nothing to finish.
  for (let idle = 0; !isClosed && idle < 2 && performance.now() < end; idle = isBusy() ? 0 : idle + 1) {
    await soon(closed, Math.min(toldMs / 2, end - performance.now()));
  }
  if (isClosed) return true;
  force.abort();
  await soon(closed, toldMs);
  return isClosed;
}

/** Waits for something, and not for ever. */
async function soon(promise: Promise<unknown>, ms: number): Promise<void> {
  const enough = new AbortController();
  await Promise.race([promise, pause(ms, undefined, { signal: enough.signal }).catch(() => undefined)]);
  enough.abort();
}

/** Waits for the signal, or until nothing is left to do. */
async function ended(worker: Worker, { queue }: JobQueue, { drain, signal }: WorkerSetting): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (!drain) return aborted;
  await Promise.race([aborted, worker.waitUntilReady()]);
  for (;;) {
    const left = await Promise.race([
      aborted.then(() => 0),
      queue.getJobCountByTypes('waiting', 'prioritized', 'active', 'delayed'),
    ]);
    if (left === 0) return;
    await Promise.race([aborted, pause(300)]);
  }
}
