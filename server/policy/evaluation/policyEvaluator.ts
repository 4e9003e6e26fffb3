import { createHash } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { WeighbridgeError, type ErrorCode } from '../../errors.ts';
import { startWorker } from '../../files/startWorker.ts';
import type { Json } from '../../formats/facts.ts';
import type { EvaluationJob, EvaluationReply } from './protocol.ts';

export interface EvaluationOptions {
  /** Milliseconds. Default: 10,000. */
  timeoutMs?: number;
  /** What `data` holds beside the policies. */
  data?: Json;
  signal?: AbortSignal;
}

interface Pending {
  job: EvaluationJob;
  resolve(result: Json): void;
  reject(error: Error): void;
}

/**
 * Evaluates compiled policies in a thread of its own, one at a time. The thread keeps what it has loaded; one that hangs
 * or runs out of memory is ended, and the next evaluation gets a new one.
 */
export class PolicyEvaluator {
  #worker: Worker | null = null;
  #sent = new Set<string>();
  #pending: Pending | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #nextId = 1;

  /**
   * @param wasm a compiled policy. @param input the document that it judges.
   * @returns an object with a key for each decision that is defined.
   * @throws {WeighbridgeError} `refused` when a limit was reached, `worker-lost`, `cancelled`.
   */
  evaluate(wasm: Uint8Array, input: Json, options: EvaluationOptions = {}): Promise<Json> {
    const turn = this.#last.then(() => this.#run(wasm, input, options));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async close(): Promise<void> {
    await this.#stop(cancelled());
  }

  #run(wasm: Uint8Array, input: Json, { timeoutMs = 10_000, signal, data }: EvaluationOptions): Promise<Json> {
    if (signal?.aborted) throw cancelled();
    const worker = (this.#worker ??= this.#start());
    const digest = digestOf(wasm);
    const job: EvaluationJob = { id: this.#nextId++, digest, input, ...(data === undefined ? {} : { data }) };
    const message = this.#sent.has(digest) ? job : { ...job, wasm };
    this.#sent.add(digest);
    const slow = `the evaluation was stopped: it took longer than ${timeoutMs / 1000} seconds; ask less of the policy`;
    const watchdog = setTimeout(() => void this.#stop(new WeighbridgeError('refused', slow)), timeoutMs);
    const abort = () => void this.#stop(cancelled());
    signal?.addEventListener('abort', abort, { once: true });
    return new Promise<Json>((resolve, reject) => {
      this.#pending = { job: { ...job, wasm }, resolve, reject };
      worker.ref();
      worker.postMessage(message);
    }).finally(() => {
      clearTimeout(watchdog);
      signal?.removeEventListener('abort', abort);
      this.#pending = null;
      this.#worker?.unref();
    });
  }

  #start(): Worker {
    const program = { source: './program.ts', bundle: './policyEvaluator.cjs' };
    const worker = startWorker(import.meta.url, program, {
      resourceLimits: { maxOldGenerationSizeMb: 256 },
      // Nothing that a policy decides may depend on the environment.
      env: {},
    });
    worker.on('message', (reply: EvaluationReply) => this.#receive(worker, reply));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', (code) => this.#lost(worker, new Error(`exit code ${code}`)));
    return worker;
  }

  #receive(worker: Worker, reply: EvaluationReply): void {
    const pending = this.#pending;
    if (worker !== this.#worker || pending?.job.id !== reply.id) return;
    if ('result' in reply) pending.resolve(reply.result);
    else if ('unknown' in reply) worker.postMessage(pending.job);
    else if (reply.code !== null) pending.reject(new WeighbridgeError(reply.code as ErrorCode, reply.message));
    else pending.reject(new Error(reply.message));
  }

  #lost(worker: Worker, cause: Error & { code?: string }): void {
    if (worker !== this.#worker) return;
    const outOfMemory = cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
    const error = outOfMemory
      ? new WeighbridgeError('refused', 'the evaluation was stopped: it ran out of memory', { cause })
      : new WeighbridgeError('worker-lost', `the evaluation ended unexpectedly (${cause.message}); try again`, {
          cause,
        });
    void this.#stop(error);
  }

  async #stop(error: Error): Promise<void> {
    const worker = this.#worker;
    const pending = this.#pending;
    this.#worker = null;
    this.#sent = new Set();
    pending?.reject(error);
    await worker?.terminate();
  }
}

const cancelled = (): WeighbridgeError => new WeighbridgeError('cancelled', 'the work was cancelled');

/** Of policies that are evaluated again and again. */
const digests = new WeakMap<Uint8Array, string>();

function digestOf(wasm: Uint8Array): string {
  let digest = digests.get(wasm);
  if (digest === undefined) {
    digest = createHash('sha256').update(wasm).digest('hex');
    digests.set(wasm, digest);
  }
  return digest;
}
