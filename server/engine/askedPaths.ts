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
