import { setMaxListeners } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, WeighbridgeError } from '../errors.ts';
import { holesForWorker } from '../files/holes.ts';
import type { JobKind, Jobs, Reply, Request } from './workerProtocol.ts';

export interface PoolOptions {
  /** Workers at most. Default: the number of processors, at most 8. */
  size?: number;
  /** Heap of one worker in MiB; a worker that needs more ends, and the pool goes on. */
  memoryMiB?: number;
  /** Workers that scans leave to what a person waits for; default none. */
  reserved?: number;
  /** Milliseconds after which a worker that nobody needs ends, where it keeps nothing. Default: it stays until the pool is closed. */
  idleMs?: number;
  /** What the workers run. Only tests name another one. */
  program?: URL;
}

export interface JobOptions<K extends JobKind> {
  signal?: AbortSignal;
  onPart?: (part: Jobs[K]['part']) => void;
  /**
   * What a worker keeps something of from one such job to the next. Such a job goes first, to the worker that had the last one, and waits
   * where that is still at it; a worker that is at something else is not waited for.
   */
  keptBy?: string;
  /** Milliseconds without a sign of life after which the worker is ended; none when left out. */
  watchdogMs?: number;
}

/**
 * Of a worker's heap, what holds new objects, in MiB. V8 would take 48, and a scan of many small files gains nothing by it:
 * measured, it takes as long with 6, and a tenth less memory (docs/decisions/0015-memory-of-a-scan.md).
 */
const youngMiB = 6;

/** A worker that ended before its job did. */
export class WorkerLost extends WeighbridgeError {
  readonly reason: 'memory' | 'hung' | 'crash';

  constructor(reason: 'memory' | 'hung' | 'crash', message: string) {
    super('worker-lost', message);
    this.reason = reason;
  }
}

interface Job {
  id: number;
  request: Request;
  options: JobOptions<JobKind>;
  resolve(result: unknown): void;
  reject(error: Error): void;
  /** Takes the listener off the signal. */
  release(): void;
}

interface Member {
  worker: Worker;
  job: Job | null;
  watchdog: NodeJS.Timeout | undefined;
  /** Runs while it has nothing to do. */
  idle: NodeJS.Timeout | undefined;
  /** `keptBy` of the jobs that it had. */
  keeps: Set<string>;
  /** Why it is being ended, when the pool ends it. */
  ending: Error | null;
}

/** Threads that do the heavy work. They start when they are first needed, and one that dies is replaced. */
export class WorkerPool {
  readonly size: number;
  /** How many workers one scan may keep busy. */
  readonly forScans: number;
  readonly #memoryMiB: number;
  readonly #idleMs: number | undefined;
  readonly #program: URL;
  readonly #members = new Set<Member>();
  readonly #queue: Job[] = [];
  #nextId = 1;
  #closed = false;

  constructor(options: PoolOptions = {}) {
    this.size = Math.max(1, options.size ?? Math.min(8, availableParallelism()));
    this.forScans = Math.max(1, this.size - (options.reserved ?? 0));
    this.#memoryMiB = options.memoryMiB ?? 256;
    this.#idleMs = options.idleMs;
    this.#program = options.program ?? defaultProgram();
  }

  /** How many workers there are at this time. */
  get workers(): number {
    return this.#members.size;
  }

  /**
   * Runs a job on the next free worker.
   * @throws {WorkerLost} when the worker ended; {WeighbridgeError} `cancelled`, or what the job threw.
   */
  run<K extends JobKind>(kind: K, task: Jobs[K]['task'], options: JobOptions<K> = {}): Promise<Jobs[K]['result']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      if (this.#closed || options.signal?.aborted) return reject(cancelled());
      const stop = () => this.#cancel(job);
      const job: Job = {
        id,
        request: { type: 'job', id, kind, task } as Request,
        options: options as JobOptions<JobKind>,
        resolve: resolve,
        reject,
        release: () => options.signal?.removeEventListener('abort', stop),
      };
      if (options.signal) {
        // Every job that waits listens: hundreds are no leak.
        setMaxListeners(0, options.signal);
        options.signal.addEventListener('abort', stop, { once: true });
      }
      if (options.keptBy === undefined) this.#queue.push(job);
      else this.#queue.splice(this.#queue.findLastIndex(({ options: { keptBy } }) => keptBy !== undefined) + 1, 0, job);
      this.#dispatch();
    });
  }

  /** Ends all workers; what still waits or runs is rejected as cancelled. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#queue.splice(0)) finish(job, () => job.reject(cancelled()));
    const members = [...this.#members];
    for (const member of members) member.ending = cancelled();
    await Promise.all(members.map(({ worker }) => worker.terminate()));
  }

  #dispatch(): void {
    for (const job of [...this.#queue]) {
      if (this.#closed) return;
      const { keptBy } = job.options;
      if (keptBy !== undefined && [...this.#members].some(({ job: current }) => current?.options.keptBy === keptBy))
        continue;
      const member = this.#freeFor(keptBy) ?? (this.#members.size < this.size ? this.#start() : undefined);
      if (!member) return;
      this.#queue.splice(this.#queue.indexOf(job), 1);
      member.job = job;
      clearTimeout(member.idle);
      if (keptBy !== undefined) member.keeps.add(keptBy);
      member.worker.ref();
      this.#watch(member);
      member.worker.postMessage(job.request);
    }
  }

  /** The worker that keeps what the job is about, or else one that keeps nothing. */
  #freeFor(keptBy: string | undefined): Member | undefined {
    const free = [...this.#members].filter(({ job, ending }) => job === null && ending === null);
    const keeper = keptBy === undefined ? undefined : free.find(({ keeps }) => keeps.has(keptBy));
    return keeper ?? free.find(({ keeps }) => keeps.size === 0) ?? free[0];
  }

  #start(): Member {
    const sources = this.#program.pathname.endsWith('.ts');
    const holes = holesForWorker();
    const worker = new Worker(sources ? new URL('../files/unbundledWorker.mjs', import.meta.url) : this.#program, {
      resourceLimits: { maxOldGenerationSizeMb: this.#memoryMiB, maxYoungGenerationSizeMb: youngMiB },
      workerData: { program: this.#program.href, holes },
      transferList: holes.map(({ port }) => port),
    });
    const member: Member = { worker, job: null, watchdog: undefined, idle: undefined, keeps: new Set(), ending: null };
    let failure: (Error & { code?: string }) | null = null;
    worker.on('message', (reply: Reply) => this.#receive(member, reply));
    worker.on('error', (error) => (failure = error));
    worker.on('exit', (code) => this.#lost(member, member.ending ?? lossOf(failure, code)));
    this.#members.add(member);
    return member;
  }

  #receive(member: Member, reply: Reply): void {
    const job = member.job;
    if (!job || reply.id !== job.id) return;
    this.#watch(member);
    if (reply.type === 'beat') return;
    if (reply.type === 'part') return job.options.onPart?.(reply.part as never);
    this.#free(member);
    finish(job, () => (reply.type === 'done' ? job.resolve(reply.result) : job.reject(errorOf(reply))));
    this.#dispatch();
  }

  #free(member: Member): void {
    clearTimeout(member.watchdog);
    member.job = null;
    // An idle worker keeps no program alive.
    member.worker.unref();
    if (this.#idleMs === undefined || member.keeps.size > 0) return;
    // Its heap and the memory of its parsers are as large as they had to be for the largest file.
    member.idle = setTimeout(() => end(member, cancelled()), this.#idleMs).unref();
  }

  #watch(member: Member): void {
    clearTimeout(member.watchdog);
    const limit = member.job?.options.watchdogMs;
    if (limit === undefined) return;
    member.watchdog = setTimeout(() => {
      end(member, new WorkerLost('hung', `the worker gave no sign of life for ${limit} ms and was ended`));
    }, limit);
  }

  #lost(member: Member, error: Error): void {
    const { job } = member;
    this.#free(member);
    clearTimeout(member.idle);
    this.#members.delete(member);
    if (job) finish(job, () => job.reject(error));
    this.#dispatch();
  }

  #cancel(job: Job): void {
    const waiting = this.#queue.indexOf(job);
    if (waiting >= 0) {
      this.#queue.splice(waiting, 1);
      return finish(job, () => job.reject(cancelled()));
    }
    const member = [...this.#members].find((candidate) => candidate.job === job);
    if (!member) return;
    // A conversion cleans up behind itself when it is told to stop; what only reads is cut off at once.
    const isConversion = job.request.type === 'job' && job.request.kind.startsWith('convert');
    if (!isConversion) return end(member, cancelled());
    member.worker.postMessage({ type: 'abort', id: job.id } satisfies Request);
  }
}

function end(member: Member, why: Error): void {
  member.ending ??= why;
  void member.worker.terminate();
}

function finish(job: Job, settle: () => void): void {
  job.release();
  settle();
}

function cancelled(): WeighbridgeError {
  return new WeighbridgeError('cancelled', 'the work was cancelled');
}

function lossOf(failure: (Error & { code?: string }) | null, code: number): WorkerLost {
  if (failure?.code === 'ERR_WORKER_OUT_OF_MEMORY') return new WorkerLost('memory', 'the worker ran out of memory');
  const why = failure ? `: ${failure.message}` : ` with code ${code}`;
  return new WorkerLost('crash', `the worker ended${why}`);
}

function errorOf(reply: Extract<Reply, { type: 'failed' }>): Error {
  if (reply.code) return new WeighbridgeError(reply.code as ErrorCode, reply.message);
  return Object.assign(new Error(reply.message), { stack: reply.stack });
}

/** Bundled, the worker stands beside this chunk; unbundled, it is the source file. */
function defaultProgram(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.cjs', import.meta.url);
}
