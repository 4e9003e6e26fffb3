import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { textLanguage } from '../formats/text/parse.ts';
import type { BlockCache } from './http/blockCache.ts';
import type { Traffic } from './http/exchange.ts';
import { RangedFile } from './http/rangedFile.ts';
import type { Listing, RemoteFile } from './source.ts';

/** Files up to so many bytes are fetched whole: a request for a part of them costs as much. */
const smallFile = 256 << 10;
/** Texts up to so many bytes are fetched whole, because they are parsed and not read by position. */
const longestText = 64 << 20;
/** Bytes that are fetched whole of one source before anything is read. */
const wholeInAll = 2 ** 30;
/** Requests at a time. */
const atOnce = 8;

interface Entry {
  file: RemoteFile;
  ranged: RangedFile;
  /** True while the bytes are not on this machine. */
  isHole: boolean;
}

export interface CopySetting {
  /** Absolute; empty, and ours alone. */
  folder: string;
  traffic: Traffic;
  signal: AbortSignal;
  cache: BlockCache;
  onProgress: (done: number, total: number, path: string) => void;
}

/**
 * A source as a folder: texts and small files are there, and of the others the name and the length, whose bytes are fetched
 * when they are read (server/files/holes.ts).
 */
export class LocalCopy {
  readonly #setting: CopySetting;
  readonly #entries = new Map<string, Entry>();
  readonly problems: Listing['problems'] = [];
  /** The first thing that went wrong while a file was fetched or read. */
  failure: Error | null = null;

  constructor(setting: CopySetting) {
    this.#setting = setting;
  }

  /** Places what is listed. What cannot be placed or fetched is a problem, and not there. */
  async place(listing: Listing): Promise<void> {
    this.problems.push(...listing.problems);
    const whole: [string, Entry][] = [];
    let budget = wholeInAll;
    for (const file of listing.files) {
      const why = whyNoName(file.path);
      if (why !== null) {
        this.problems.push({ path: file.path, message: why });
        continue;
      }
      const local = join(this.#setting.folder, ...file.path.split('/'));
      if (!(await this.#reserve(file, local))) continue;
      const entry: Entry = {
        file,
        ranged: new RangedFile(file, { ...this.#setting, local }),
        isHole: file.size > 0,
      };
      this.#entries.set(local, entry);
      if (!isFetchedWhole(file) || !entry.isHole) continue;
      budget -= file.size;
      if (budget >= 0) whole.push([local, entry]);
      else
        await this.#remove(
          local,
          file,
          `more than ${wholeInAll} bytes of texts and small files would have to be fetched`,
        );
    }
    let done = 0;
    await inParallel(whole, async ([local, entry]) => {
      try {
        await entry.ranged.pour();
        entry.isHole = false;
      } catch (cause) {
        if (this.#setting.signal.aborted) throw cause;
        this.failure ??= cause as Error;
        await this.#remove(local, entry.file, (cause as Error).message);
      }
      this.#setting.onProgress(++done, whole.length, entry.file.path);
    });
  }

  /** What is there, in the order of the listing. */
  files(): RemoteFile[] {
    return [...this.#entries.values()].map(({ file }) => file);
  }

  holds(path: string): boolean {
    return path === this.#setting.folder || path.startsWith(this.#setting.folder + sep);
  }

  isHole(path: string): boolean {
    return this.#entries.get(path)?.isHole === true;
  }

  isWhole(): boolean {
    return [...this.#entries.values()].every(({ isHole }) => !isHole);
  }

  /** @throws {WeighbridgeError} what the source says. */
  async read(path: string, position: number, length: number): Promise<Uint8Array> {
    try {
      return (await this.#entries.get(path)?.ranged.read(position, length)) ?? new Uint8Array(0);
    } catch (cause) {
      this.failure ??= cause as Error;
      throw cause;
    }
  }

  /** SHA-256 of a file, in hexadecimal. What is not there is fetched, and not kept. @throws {WeighbridgeError} what the source says. */
  async digest(path: string, onBytes: (done: number) => void): Promise<string> {
    const entry = this.#entries.get(path);
    if (entry?.isHole) return entry.ranged.digest(onBytes);
    const hash = createHash('sha256');
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
    return hash.digest('hex');
  }

  /** Fetches whole what lies at or below a path. @throws {WeighbridgeError} what the source says. */
  async fill(path: string, onProgress: CopySetting['onProgress'] = () => undefined): Promise<void> {
    const below = path.endsWith('/') || path.endsWith('\\') ? path : join(path, '/');
    const entries = [...this.#entries].filter(
      ([local, { isHole }]) => isHole && (local === path || local.startsWith(below)),
    );
    const total = entries.reduce((sum, [, { file }]) => sum + file.size, 0);
    let done = 0;
    await inParallel(entries, async ([, entry]) => {
      await entry.ranged.pour((count) => onProgress((done += count), total, entry.file.path));
      entry.isHole = false;
    });
  }

  async close(): Promise<void> {
    for (const { ranged } of this.#entries.values()) await ranged.close();
  }

  /** The file's name and length, without its bytes. */
  async #reserve({ path, size }: RemoteFile, local: string): Promise<boolean> {
    try {
      await mkdir(dirname(local), { recursive: true });
      const handle = await open(local, 'wx', 0o600);
      try {
        await handle.truncate(size);
      } finally {
        await handle.close();
      }
      return true;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const clash = code === 'EEXIST' || code === 'ENOTDIR' || code === 'EISDIR';
      const message = clash
        ? 'its name stands for another file or folder as well'
        : `it cannot be placed here (${code})`;
      this.problems.push({ path, message });
      return false;
    }
  }

  async #remove(local: string, { path }: RemoteFile, message: string): Promise<void> {
    this.#entries.delete(local);
    this.problems.push({ path, message });
    await rm(local, { force: true });
  }
}

function isFetchedWhole({ path, size }: RemoteFile): boolean {
  if (size <= smallFile) return true;
  return size <= longestText && (textLanguage(path) !== null || /\.(?:sig|sigstore)$/i.test(path));
}

/** Why a name cannot be that of a file here; null where it can. Names come from whoever filled the source. */
export function whyNoName(path: string): string | null {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return 'its name leads out of the source';
  if ([...path].some((character) => character < ' ')) return 'its name holds control characters';
  if (process.platform === 'win32' && /[<>:"|?*\\]|[. ](?:\/|$)/.test(path))
    return 'its name is none that Windows can have';
  if (path.length > 2048 || parts.some((part) => Buffer.byteLength(part) > 255)) return 'its name is too long';
  return null;
}

async function inParallel<T>(items: readonly T[], perform: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await perform(item);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
