import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { mountHoles, unmountHoles } from '../files/holes.ts';
import { errorOf, FetchThread, type FetchOptions } from './fetchThread.ts';
import type { FetchError } from './http/fetchError.ts';
import { temporaryFolder } from './mount.ts';
import type { StoredFile } from './protocol.ts';

/** A file of a source that stands on this machine: whole, or with its length alone and read through `FileSource`. */
export interface PlacedFile {
  /** Absolute. */
  path: string;
  isWhole: boolean;
  /** SHA-256 in hexadecimal. @throws {FetchError} */
  digest(onBytes: (done: number) => void): Promise<string>;
  /** What could not be read of it, though somebody wanted to; null where nothing went wrong. */
  failure(): Promise<FetchError | null>;
  /** Removes it. */
  release(): Promise<void>;
}

/** Files of sources that were listed before, one by one. Nothing is asked of anybody before the first one is placed. */
export class RemoteFiles {
  readonly #folder: string;
  readonly #thread: FetchThread;
  #next = 1;

  /** Workers that start later can read what will be placed. */
  constructor(options: FetchOptions = {}) {
    this.#folder = temporaryFolder();
    this.#thread = new FetchThread(options);
    mountHoles(this.#folder, () => this.#thread.connect(this.#folder));
  }

  /** @throws {FetchError} what the source says. */
  async place(file: StoredFile): Promise<PlacedFile> {
    const folder = join(this.#folder, `${this.#next++}`);
    const release = async () => {
      await this.#thread.ask('release', { folder });
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      const { isWhole } = await this.#thread.ask('place', { file, folder });
      const path = join(folder, ...file.path.split('/'));
      return {
        path,
        isWhole,
        digest: (onBytes) => this.#thread.ask('digest', { path }, ({ done }) => onBytes(done)),
        failure: async () => {
          const failure = await this.#thread.ask('failure', { folder });
          return failure && errorOf(failure);
        },
        release,
      };
    } catch (cause) {
      await release().catch(() => undefined);
      throw cause;
    }
  }

  async dispose(): Promise<void> {
    unmountHoles(this.#folder);
    await this.#thread.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
