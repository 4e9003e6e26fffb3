import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { WeighbridgeError, type ErrorCode } from '../errors.ts';
import { holeChannel, type HoleBridge } from '../files/holes.ts';
import { startWorker } from '../files/startWorker.ts';
import { FetchError } from './http/fetchError.ts';
import type { FetchFailure, FetchReply, FetchRequest, FetchTask, FetchTasks } from './protocol.ts';

export interface FetchOptions {
  signal?: AbortSignal;
  /** Where credentials are looked for, beside the usual files. Default: that of the process. */
  environment?: NodeJS.ProcessEnv;
}

/** Files or bytes that are fetched whole. */
export type OnProgress = (progress: { done: number; total: number; path: string }) => void;

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
  onProgress: OnProgress;
}

/** The thread that asks servers: all that knows credentials runs there. It starts when it is first asked for something. */
export class FetchThread {
  readonly #options: FetchOptions;
  readonly #waiting = new Map<number, Waiting>();
  /** Who wants to read before there is anything to be read. */
  #early: Extract<FetchRequest, { type: 'connect' }>[] = [];
  #worker: Worker | null = null;
  #nextId = 1;
  /** Why nothing can be asked any more. */
  #ended: WeighbridgeError | null = null;
  readonly #cancel = () => this.#fail(new WeighbridgeError('cancelled', 'fetching was cancelled'));

  constructor(options: FetchOptions = {}) {
    this.#options = options;
    options.signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  /** @throws {FetchError} what servers said; {WeighbridgeError} `cancelled`, and what the address is not. */
  ask<K extends FetchTask>(
    kind: K,
    task: FetchTasks[K]['task'],
    onProgress: OnProgress = () => undefined,
  ): Promise<FetchTasks[K]['result']> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject, onProgress });
      if (this.#ended) return this.#fail(this.#ended);
      if (this.#options.signal?.aborted) return this.#cancel();
      this.#started().postMessage({ type: 'task', id, kind, task });
    });
  }

  /** A bridge by which a thread reads below the folder. */
  connect(folder: string): HoleBridge {
    const { far, near } = holeChannel(folder);
    const request = { type: 'connect' as const, port: far, shared: near.shared };
    if (this.#worker) this.#worker.postMessage(request, [far]);
    else this.#early.push(request);
    return near;
  }

  async end(): Promise<void> {
    this.#fail(new WeighbridgeError('cancelled', 'fetching has ended'));
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    for (const { port } of this.#early.splice(0)) port.close();
    const worker = this.#worker;
    if (!worker) return;
    const gone = once(worker, 'exit');
    await worker.terminate();
    await gone.catch(() => undefined);
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const env = this.#options.environment ?? process.env;
    const worker = startWorker(import.meta.url, { source: './program.ts', bundle: './fetcher.cjs' }, { env });
    worker.on('message', (reply: FetchReply) => this.#receive(reply));
    worker.on('error', (cause) =>
      this.#fail(new WeighbridgeError('unreachable', `what fetches the source ended: ${cause.message}`)),
    );
    for (const request of this.#early.splice(0)) worker.postMessage(request, [request.port]);
    this.#worker = worker;
    return worker;
  }

  #receive(reply: FetchReply): void {
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return;
    if (reply.type === 'progress') return waiting.onProgress(reply);
    this.#waiting.delete(reply.id);
    if (reply.type === 'done') waiting.resolve(reply.result);
    else waiting.reject(errorOf(reply.failure));
  }

  #fail(error: WeighbridgeError): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

export const errorOf = ({ code, message, isTransient }: FetchFailure): FetchError =>
  new FetchError(code as ErrorCode, message, isTransient);
