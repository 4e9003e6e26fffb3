import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mountHoles, unmountHoles } from '../files/holes.ts';
import { FetchThread, type FetchOptions, type OnProgress } from './fetchThread.ts';
import type { Listed, MountedFile, Opened } from './protocol.ts';

export interface MountOptions extends FetchOptions {
  onProgress?: OnProgress;
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
  readonly #thread: FetchThread;
  readonly #onProgress: OnProgress | undefined;

  constructor(
    thread: FetchThread,
    folder: string,
    { name, isFile, files, problems }: Opened,
    onProgress: OnProgress | undefined,
  ) {
    this.#thread = thread;
    this.#onProgress = onProgress;
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
  async fill(path: string): Promise<void> {
    await this.#thread.ask('fill', { path }, this.#onProgress);
  }

  /** What was asked of servers so far. */
  traffic(): Promise<{ requests: number; bytes: number }> {
    return this.#thread.ask('traffic', null);
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
  const folder = temporaryFolder();
  const thread = new FetchThread(options);
  try {
    const opened = await thread.ask('open', { address, folder }, options.onProgress);
    mountHoles(folder, () => thread.connect(folder));
    return new Mount(thread, folder, opened, options.onProgress);
  } catch (cause) {
    await thread.end();
    rmSync(folder, { recursive: true, force: true });
    throw cause;
  }
}

/** What a source holds; nothing of it is fetched. @throws {WeighbridgeError} as `mountSource`. */
export async function listedSource(address: string, options: FetchOptions = {}): Promise<Listed> {
  const thread = new FetchThread(options);
  try {
    return await thread.ask('list', { address });
  } finally {
    await thread.end();
  }
}

export function temporaryFolder(): string {
  return realpathSync.native(mkdtempSync(join(tmpdir(), 'weighbridge-source-')));
}
