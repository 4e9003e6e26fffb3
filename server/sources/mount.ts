import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { type ErrorCode, WeighbridgeError } from '../errors.ts';
import { holeChannel, mountHoles, unmountHoles } from '../files/holes.ts';
import { startWorker } from '../files/startWorker.ts';
import type { FetchReply, FetchRequest, MountedFile, Opened } from './protocol.ts';

export interface MountOptions {
  signal?: AbortSignal;
  /** Files or bytes that are fetched whole. */
  onProgress?: (progress: { done: number; total: number; path: string }) => void;
  /** Where credentials are looked for, beside the usual files. Default: that of the process. */
  environment?: NodeJS.ProcessEnv;
}

/**
 * A source as a folder on this machine: texts and small files are there; of the others the name and the length, and `FileSource`
 * fetches what is read of them. Whoever reads them by other means calls `fill` first, as who hashes them does.
 */
export class Mount {
  /** How reports name the source: with the revision that its address came to, and without credentials. */
  readonly name: string;
  /** True where the address names one file: then `files` holds that one. */
  readonly isFile: boolean;
  /** Absolute. */
  readonly folder: string;
  readonly files: readonly MountedFile[];
  /** What could not be listed, placed or fetched. */
  readonly problems: readonly { path: string; message: string }[];
  readonly #thread: Thread;

  constructor(thread: Thread, folder: string, { name, isFile, files, problems }: Opened) {
    this.#thread = thread;
    this.folder = folder;
    this.name = name;
    this.isFile = isFile;
    this.files = files;
    this.problems = problems;
  }

  /** How reports name a file of the source. `path` is relative to it. */
  nameOf(path: string): string {
    return path === '.' ? this.name : `${this.name.replace(/\/$/, '')}/${path}`;
  }

  /** Fetches whole what lies at or below a path (absolute), for who hashes it. @throws {WeighbridgeError} */
  fill(path: string): Promise<void> {
    return this.#thread.fill(path);
  }

  /** What was asked of servers so far. */
  traffic(): Promise<{ requests: number; bytes: number }> {
    return this.#thread.traffic();
  }

  /** Ends the thread and removes the folder. */
  async dispose(): Promise<void> {
    unmountHoles(this.folder);
    await this.#thread.end();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/**
 * Opens a source: lists it, and fetches its texts. Nothing is asked for but what the address names.
 * @throws {WeighbridgeError} `bad-usage`, `unreachable`, `refused`, `not-found`, `cancelled`.
 */
export async function mountSource(address: string, options: MountOptions = {}): Promise<Mount> {
  const folder = realpathSync.native(mkdtempSync(join(tmpdir(), 'weighbridge-source-')));
  const thread = new Thread(options);
  try {
    const opened = await thread.open(address, folder);
    mountHoles(folder, () => thread.connect(folder));
    return new Mount(thread, folder, opened);
  } catch (cause) {
    await thread.end();
    rmSync(folder, { recursive: true, force: true });
    throw cause;
  }
}

class Thread {
  readonly #worker: Worker;
  readonly #options: MountOptions;
  readonly #waiting = new Map<number, (error: WeighbridgeError | null) => void>();
  #opened: { resolve: (opened: Opened) => void; reject: (error: Error) => void } | null = null;
  #traffic: ((traffic: { requests: number; bytes: number }) => void)[] = [];
  #nextId = 1;
  readonly #cancel = () => void this.#fail(new WeighbridgeError('cancelled', 'fetching was cancelled'));

  constructor(options: MountOptions) {
    this.#options = options;
    const env = options.environment ?? process.env;
    this.#worker = startWorker(import.meta.url, { source: './program.ts', bundle: './fetcher.cjs' }, { env });
    this.#worker.on('message', (reply: FetchReply) => this.#receive(reply));
    this.#worker.on('error', (cause) =>
      this.#fail(new WeighbridgeError('unreachable', `what fetches the source ended: ${cause.message}`)),
    );
    options.signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  open(address: string, folder: string): Promise<Opened> {
    return new Promise((resolve, reject) => {
      this.#opened = { resolve, reject };
      if (this.#options.signal?.aborted) return this.#cancel();
      this.#send({ type: 'open', address, folder });
    });
  }

  connect(folder: string) {
    const { far, near } = holeChannel(folder);
    this.#worker.postMessage({ type: 'connect', port: far, shared: near.shared } satisfies FetchRequest, [far]);
    return near;
  }

  fill(path: string): Promise<void> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (error) => (error ? reject(error) : resolve()));
      this.#send({ type: 'fill', id, path });
    });
  }

  traffic(): Promise<{ requests: number; bytes: number }> {
    return new Promise((resolve) => {
      this.#traffic.push(resolve);
      this.#send({ type: 'traffic' });
    });
  }

  async end(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    const gone = once(this.#worker, 'exit');
    await this.#worker.terminate();
    await gone.catch(() => undefined);
  }

  #send(request: FetchRequest): void {
    this.#worker.postMessage(request);
  }

  #receive(reply: FetchReply): void {
    switch (reply.type) {
      case 'opened':
        return this.#opened?.resolve(reply);
      case 'failed':
        return this.#opened?.reject(errorOf(reply));
      case 'progress':
        return this.#options.onProgress?.(reply);
      case 'filled':
        this.#waiting.get(reply.id)?.(reply.error && errorOf(reply.error));
        return void this.#waiting.delete(reply.id);
      case 'traffic':
        return this.#traffic.shift()?.(reply);
    }
  }

  #fail(error: WeighbridgeError): void {
    this.#opened?.reject(error);
    for (const settle of this.#waiting.values()) settle(error);
    this.#waiting.clear();
  }
}

const errorOf = ({ code, message }: { code: string; message: string }) =>
  new WeighbridgeError(code as ErrorCode, message);
