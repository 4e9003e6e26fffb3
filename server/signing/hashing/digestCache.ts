import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../files/cacheFolder.ts';
import { stampOf } from './digestFile.ts';

/** How the file was hashed, as `sha256` or `sha256 1000000` for shards, the stamp that it had, and its digests. */
type Entry = [hashed: string, stamp: string, digests: string[]];

const signature = 'weighbridge-digests 1';

/** A file longer than this, in bytes, is no cache of ours. */
const longest = 256 << 20;

/**
 * Milliseconds that a file must have been left alone before its digest is kept: a second change within the clock tick of the file
 * system leaves no trace in the stamp. Where the times are whole seconds (FAT, some network file systems), ticks are long.
 */
const racy = { fine: 50, coarse: 2000 } as const;

/**
 * Digests of files by path, size, times in nanoseconds, inode and device. It says that a file _looks_ unchanged, and is for people who
 * verify again and again; who must know reads the bytes. A cache that is damaged is ignored and written anew.
 */
export class DigestCache {
  readonly #file: string;
  readonly #entries: Map<string, Entry>;
  #changed = false;

  /** @param file absolute path. */
  constructor(file: string) {
    this.#file = file;
    this.#entries = entriesIn(file);
  }

  get(path: string, stat: BigIntStats, hashed: string): string[] | undefined {
    const entry = this.#entries.get(path);
    return entry && entry[0] === hashed && entry[1] === stampOf(stat) ? entry[2] : undefined;
  }

  set(path: string, stat: BigIntStats, hashed: string, digests: string[]): void {
    const { mtimeNs, ctimeNs } = stat;
    const wait = mtimeNs % 1_000_000_000n === 0n && ctimeNs % 1_000_000_000n === 0n ? racy.coarse : racy.fine;
    const changed = Number((ctimeNs > mtimeNs ? ctimeNs : mtimeNs) / 1_000_000n);
    if (Date.now() - changed < wait) return;
    this.#entries.set(path, [hashed, stampOf(stat), digests]);
    this.#changed = true;
  }

  /** Forgets the files that are gone. */
  prune(keep: ReadonlySet<string>): void {
    for (const path of this.#entries.keys()) if (!keep.has(path)) this.#changed = this.#entries.delete(path);
  }

  /** Writes what changed, whole or not at all. A failure costs only speed. */
  save(): void {
    if (!this.#changed) return;
    const body = JSON.stringify(Object.fromEntries([...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1))));
    const temporary = `${this.#file}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, `${signature} ${digestOf(body)}\n${body}`, { mode: 0o600, flag: 'wx' });
      renameSync(temporary, this.#file);
      this.#changed = false;
    } catch {
      removeQuietly(temporary);
    }
  }
}

/** Where the digests of a model's files are kept: in the user's cache folder. @param root absolute, links resolved. */
export function digestCacheFile(root: string, environment: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(environment), `digests-${digestOf(root).slice(0, 32)}.json`);
}

function entriesIn(file: string): Map<string, Entry> {
  try {
    if (statSync(file).size > longest) return new Map();
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (text.slice(0, end) !== `${signature} ${digestOf(body)}`) return new Map();
    return new Map(Object.entries(JSON.parse(body) as Record<string, Entry>));
  } catch {
    return new Map();
  }
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It could not be made in the first place.
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
