import { DelayedError, UnrecoverableError, Worker, type Job } from 'bullmq';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExamineSettings } from '../engine/examine.ts';
import { WorkerPool } from '../engine/pool.ts';
import { reasonOf } from '../files/reason.ts';
import { WeighbridgeError } from '../errors.ts';
import { fileOf, stampOf } from './folderSource.ts';
import { connect, JobQueue, prefix, type ScanJob } from './jobQueue.ts';
import { isConcerned, readingOf, type RuleSet } from './ruleSet.ts';
import { digestFile, examineContent, requireUnchanged } from './scanFile.ts';
import type { Place, ResultStore, StoredResult } from './store/resultStore.ts';

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
  /** Ends when nothing waits any more. */
  drain: boolean;
  onEvent: (event: WorkerEvent) => void;
}

/** What became of a file. */
export type WorkerEvent =
  | { kind: 'scanned' | 'known' | 'unchanged'; uri: string; digest: string; findings: number }
  | { kind: 'retry' | 'dead'; uri: string; reason: string; attempt: number }
  | { kind: 'lost' | 'trouble'; reason: string };

/** So long a file waits for another worker that is at the same content, in milliseconds. */
const waitForOther = 500;

/** A job of which workers died so often is what they died of. */
const mostLosses = 3;

/**
 * Works on jobs until it is told to end: then it finishes what it is at, and takes no more.
 * @throws what the store or the queue throws at the start.
 */
export async function work(setting: WorkerSetting): Promise<void> {
  const { redis, queue: name, concurrency, leaseMs, store, rules, onEvent } = setting;
  await store.saveRuleSet(rules);
  const queue = new JobQueue(connect(redis), name);
  const pool = new WorkerPool({ size: concurrency, memoryMiB: 96 });
  const force = new AbortController();
  const scanner = new FileScanner({ ...setting, queue, pool, signal: force.signal });
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
    onEvent({ kind: isDead ? 'dead' : 'retry', uri: data.uri, reason: error.message, attempt });
    if (!isDead) return;
    const { source, path, uri } = data;
    const failure = { source, path, uri, reason: error.message, attempts: attempt };
    void persist(() => store.recordFailure(failure), force.signal, onEvent).catch(() => undefined);
  });
  try {
    await ended(worker, queue, setting);
    const timer = setTimeout(() => force.abort(), setting.graceMs);
    await Promise.race([worker.close(), new Promise((resolve) => force.signal.addEventListener('abort', resolve))]);
    clearTimeout(timer);
    if (force.signal.aborted) await worker.close(true);
  } finally {
    force.abort();
    await pool.close();
    connection.disconnect();
    await queue.close();
  }
}

/** Waits for the signal, or until nothing is left to do. */
async function ended(worker: Worker, { queue }: JobQueue, { drain, signal }: WorkerSetting): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  if (!drain) return aborted;
  await worker.waitUntilReady();
  for (;;) {
    const left = await Promise.race([
      aborted.then(() => 0),
      queue.getJobCountByTypes('waiting', 'prioritized', 'active', 'delayed'),
    ]);
    if (left === 0) return;
    await Promise.race([aborted, pause(300)]);
  }
}

type Scanning = Omit<WorkerSetting, 'queue'> & { queue: JobQueue; pool: WorkerPool };

/** Does one job after the other. Everything that it does can be done twice. */
class FileScanner {
  readonly #setting: Scanning;
  readonly #earlier = new Map<string, RuleSet | null>();

  constructor(setting: Scanning) {
    this.#setting = setting;
  }

  async perform(job: Job<ScanJob>, token: string): Promise<void> {
    const { onEvent, signal } = this.#setting;
    await this.#waitForSlot(job, token);
    const { source, path, uri } = job.data;
    const file = fileOf(uri);
    if (file === null) throw new UnrecoverableError(`this version cannot read ${uri}`);
    const stamp = stampOf(file);
    // What went does not come back by itself.
    if (stamp === null) throw new UnrecoverableError('there is no such file');
    const before = await this.#persist(() => this.#setting.store.place(source, path));
    if (before?.stamp === stamp.text) {
      const known = await this.#judged(before);
      if (known) {
        await this.#persist(() => this.#setting.store.record(before, null));
        return onEvent({ kind: 'unchanged', uri, digest: before.digest, findings: known.findings.length });
      }
    }
    try {
      const digest = await digestFile(file, { signal, onProgress: progressOf(job, stamp.size) });
      await this.#settle(job, token, file, { source, path, uri, stamp: stamp.text, digest, reading: readingOf(file) });
    } catch (cause) {
      if (cause instanceof DelayedError) throw cause;
      throw new Error(reasonOf(cause), { cause });
    }
  }

  /** Content that has a result needs only its place; other content is scanned, by one worker. */
  async #settle(job: Job<ScanJob>, token: string, file: string, place: Place): Promise<void> {
    const { store, queue, leaseMs, pool, settings, rules, signal, onEvent } = this.#setting;
    const { digest, reading, uri } = place;
    const told = (kind: 'known' | 'scanned', { findings }: StoredResult) =>
      onEvent({ kind, uri, digest, findings: findings.length });
    const known = await this.#judged(place);
    if (known) {
      requireUnchanged(file, place.stamp);
      await this.#persist(() => store.record(place, null));
      return told('known', known);
    }
    const content = `${digest}${reading}`;
    const owner = `${job.id ?? ''}`;
    if (!(await queue.claim(content, owner, leaseMs))) {
      await job.moveToDelayed(Date.now() + waitForOther, token);
      throw new DelayedError();
    }
    const renewal = setInterval(() => void queue.claim(content, owner, leaseMs).catch(() => undefined), leaseMs / 3);
    try {
      // Another one may have finished it between the two questions.
      const meanwhile = await this.#judged(place);
      const result = meanwhile ?? {
        digest,
        reading,
        ruleSet: rules.id,
        ...(await examineContent(file, place.path, settings, pool, signal)),
      };
      requireUnchanged(file, place.stamp);
      await this.#persist(() => store.record(place, meanwhile ? null : result));
      told(meanwhile ? 'known' : 'scanned', result);
    } finally {
      clearInterval(renewal);
      await queue.release(content, owner).catch(() => undefined);
    }
  }

  /** What content came to by these rules, or by earlier ones that say the same of it; null where it has to be scanned. */
  async #judged(place: Pick<Place, 'digest' | 'reading'>): Promise<StoredResult | null> {
    const { store, rules } = this.#setting;
    const result = await this.#persist(() => store.result(place.digest, place.reading));
    if (!result || result.ruleSet === rules.id) return result;
    const { ruleSet } = result;
    if (!this.#earlier.has(ruleSet)) this.#earlier.set(ruleSet, await this.#persist(() => store.ruleSet(ruleSet)));
    return isConcerned(result.kinds, this.#earlier.get(ruleSet) ?? null, rules) ? null : result;
  }

  /** A source with a rate gives each try a time to begin at; what comes too early is put back until then. */
  async #waitForSlot(job: Job<ScanJob>, token: string): Promise<void> {
    const { queue } = this.#setting;
    const { source, slot } = job.data;
    if (slot?.attempt === job.attemptsMade) return;
    const rate = await queue.rateOf(source);
    if (rate === null) return;
    const { at, now } = await queue.reserve(source, rate);
    await job.updateData({ ...job.data, slot: { attempt: job.attemptsMade, at } });
    if (at <= now) return;
    await job.moveToDelayed(at, token);
    throw new DelayedError();
  }

  #persist<T>(action: () => Promise<T>): Promise<T> {
    return persist(action, this.#setting.signal, this.#setting.onEvent);
  }
}

/** A store that is out of reach is no fault of the file: it is asked again until it answers. */
async function persist<T>(
  action: () => Promise<T>,
  signal: AbortSignal,
  onEvent: (event: WorkerEvent) => void,
): Promise<T> {
  for (let wait = 200; ; wait = Math.min(5_000, wait * 2)) {
    try {
      return await action();
    } catch (cause) {
      if (signal.aborted || !isOutOfReach(cause)) throw cause;
      onEvent({ kind: 'trouble', reason: `the store cannot be reached: ${(cause as Error).message}` });
      await pause(wait, undefined, { signal });
    }
  }
}

/** Whether a connection is what failed, and not the question: PostgreSQL's classes 08 (connection) and 57P (shut down). */
function isOutOfReach(cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: string };
  if (cause instanceof WeighbridgeError) return false;
  if (typeof code === 'string')
    return /^(?:08|57P|53300)|^E(?:CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN)/.test(code);
  return /timeout|terminated|Connection/i.test(message ?? '');
}

function progressOf(job: Job<ScanJob>, size: number): (bytes: number) => void {
  let told = performance.now();
  return (bytes) => {
    if (performance.now() - told < 1_000) return;
    told = performance.now();
    void job.updateProgress(Math.floor((100 * bytes) / Math.max(1, size))).catch(() => undefined);
  };
}
