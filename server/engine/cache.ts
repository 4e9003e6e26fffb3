import { createHash } from 'node:crypto';
import { type BigIntStats, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../files/cacheFolder.ts';
import type { FormatId } from '../formats/facts.ts';
import type { Examined } from './examine.ts';

/** Identity of a file's content without reading it: size, mtime and ctime in nanoseconds, inode. */
type Stamp = string;

/** What the cache wants to know of a file. The system's own answer is ten times as large, and a scan holds one for each file. */
export interface Stamped {
  stamp: Stamp;
  /** Bytes. */
  size: number;
  /** When content or name changed last, in milliseconds since 1970. */
  changedMs: number;
}

export function stamped(stat: BigIntStats): Stamped {
  const changed = stat.ctimeNs > stat.mtimeNs ? stat.ctimeNs : stat.mtimeNs;
  return { stamp: stampOf(stat), size: Number(stat.size), changedMs: Number(changed) / 1e6 };
}

/** A stamp with what the file came to; files that are no artifacts are most files, and need only their format. */
type Entry = [Stamp, Examined | FormatId];

/**
 * Younger files are not cached: a second change within the file system's clock tick would leave no trace in the stamp.
 * (git calls such entries racy.) In milliseconds.
 */
const racy = 50;

const signature = 'weighbridge-cache 1';

/** A cache longer than this is taken for something else. */
const longest = 512 << 20;

/**
 * Results of earlier scans, in one file a base folder. It holds only what each artifact came to by itself. A cache that is
 * damaged, foreign, or from another build or other settings is ignored and written anew.
 */
export class ResultCache {
  readonly #file: string;
  readonly #key: string;
  readonly #now: () => number;
  #entries: Map<string, Entry> | null = null;
  #changed = false;

  /** @param file where it is kept. @param key digest of everything else that results depend on. */
  constructor(file: string, key: string, now: () => number = Date.now) {
    this.#file = file;
    this.#key = key;
    this.#now = now;
  }

  get(path: string, { stamp, size }: Stamped): Examined | undefined {
    const entry = this.#load().get(path);
    if (!entry || entry[0] !== stamp) return undefined;
    const [, known] = entry;
    if (typeof known !== 'string') return known;
    return { summary: { path, format: known, size, complete: true }, findings: [] };
  }

  set(path: string, { stamp, changedMs }: Stamped, examined: Examined): void {
    if (this.#now() - changedMs < racy) return;
    const { summary, findings } = examined;
    const plain =
      findings.length === 0 && summary.complete && !summary.conversion && !summary.dataFiles && !summary.script;
    this.#load().set(path, [stamp, plain ? summary.format : examined]);
    this.#changed = true;
  }

  delete(path: string): void {
    if (this.#load().delete(path)) this.#changed = true;
  }

  /** Forgets the files that `keep` does not name. */
  prune(keep: (path: string) => boolean): void {
    for (const path of this.#load().keys()) if (!keep(path)) this.delete(path);
  }

  /** Writes what changed: to a file of its own first, so that runs side by side never mix. A failure costs only speed. */
  save(): void {
    if (!this.#changed || !this.#entries) return;
    const body = JSON.stringify(Object.fromEntries([...this.#entries].sort(([a], [b]) => (a < b ? -1 : 1))));
    const temporary = `${this.#file}.${process.pid}.${this.#now()}.tmp`;
    try {
      mkdirSync(join(this.#file, '..'), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, `${signature} ${this.#key} ${digest(body)}\n${body}`, { mode: 0o600 });
      renameSync(temporary, this.#file);
      this.#changed = false;
    } catch {
      removeQuietly(temporary);
    }
  }

  #load(): Map<string, Entry> {
    return (this.#entries ??= readEntries(this.#file, this.#key));
  }
}

function readEntries(file: string, key: string): Map<string, Entry> {
  try {
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    const body = text.slice(end + 1);
    if (end < 0 || text.length > longest || text.slice(0, end) !== `${signature} ${key} ${digest(body)}`)
      return new Map();
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

function stampOf({ size, mtimeNs, ctimeNs, ino }: BigIntStats): Stamp {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Digest of the parts that a result depends on beside the file. */
export function cacheKey(parts: unknown): string {
  return digest(JSON.stringify(parts)).slice(0, 32);
}

/** Where the results of a base folder are kept: in the user's cache folder, never in the repository. */
export function cacheFile(base: string, environment: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(environment), `${digest(base).slice(0, 32)}.json`);
}
