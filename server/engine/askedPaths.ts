import { join, posix } from 'node:path';
import { entriesOf } from '../files/folderEntries.ts';

/** What a text asked about: it has to be judged again when one of these paths, relative to the base, changes. */
export interface Asked {
  /** Digests of all of them, `digestOfPath`. */
  asked: number[];
  /** Those that something on the disk may be called. */
  named: string[];
}

export const nothingAsked: Asked = { asked: [], named: [] };

/**
 * FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), 32 bits, over UTF-16 code units. Two paths with one digest cost a text that is judged once more.
 */
export function digestOfPath(path: string): number {
  let digest = 0x811c9dc5;
  for (let at = 0; at < path.length; at++) digest = Math.imul(digest ^ path.charCodeAt(at), 0x01000193);
  return digest >>> 0;
}

/** Stands for a path below any folder: a text that asks for `a.pt` asks in each folder above it. */
function digestBelow(reference: string): number {
  return digestOfPath(`*/${reference}`);
}

/** Digests of everything that may have been asked where this path is meant: itself, the folders that it lies in, and each of them below any folder. */
export function* digestsFor(path: string): Generator<number> {
  for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    yield digestOfPath(at);
    for (let below = at; ; below = below.slice(below.indexOf('/') + 1)) {
      yield digestBelow(below);
      if (!below.includes('/')) break;
    }
  }
}

/**
 * Paths that texts ask about. Nearly every string of a text may name a file, in each folder above it, and nearly none does: digests are kept, and
 * whether anything has such a name is looked up in listings of the folders, and not asked of the disk for each path.
 */
export class AskedPaths {
  readonly #base: string;
  readonly #digests = new Set<number>();
  readonly #named = new Set<string>();
  /** Names in the folders that were looked into, as `folded` writes them. */
  #listed = new Map<string, ReadonlySet<string>>();

  /** @param base absolute. */
  constructor(base: string) {
    this.#base = base;
  }

  /** Listings are read anew. */
  lookAgain(): void {
    this.#listed = new Map();
  }

  add(path: string): void {
    const digest = digestOfPath(path);
    if (this.#digests.has(digest)) return;
    this.#digests.add(digest);
    if (this.#namesIn(posix.dirname(path)).has(folded(posix.basename(path)))) this.#named.add(path);
  }

  /**
   * Adds a path below each of some folders, as one: `digestBelow`.
   * @param reference a name, or a path down from a folder, with `/`.
   */
  addBelow(folders: readonly string[], reference: string): void {
    const digest = digestBelow(reference);
    if (this.#digests.has(digest)) return;
    this.#digests.add(digest);
    const slash = reference.indexOf('/');
    const first = folded(slash < 0 ? reference : reference.slice(0, slash));
    for (const folder of folders) {
      if (!this.#namesIn(folder).has(first)) continue;
      const path = folder === '.' ? reference : `${folder}/${reference}`;
      if (slash < 0 || this.#namesIn(posix.dirname(path)).has(folded(posix.basename(path)))) this.#named.add(path);
    }
  }

  /** What was asked since the last call. */
  take(): Asked {
    const taken = { asked: [...this.#digests], named: [...this.#named] };
    this.#digests.clear();
    this.#named.clear();
    return taken;
  }

  #namesIn(folder: string): ReadonlySet<string> {
    const known = this.#listed.get(folder);
    if (known) return known;
    const names = namesIn(join(this.#base, folder));
    this.#listed.set(folder, names);
    return names;
  }
}

/** Some systems find a file by its name in other letters, or in another form of the same letters. */
function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/** Nothing of what is no folder, or may not be listed. */
function namesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(entriesOf(folder).map(({ name }) => folded(name)));
  } catch {
    return new Set();
  }
}
