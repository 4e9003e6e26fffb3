import { join, posix } from 'node:path';
import type { TrustEntry } from '../signing/trustPolicy.ts';
import type { Configuration } from './configuration.ts';
import { GlobSet } from './gitignore.ts';

/** Which entry of the trust policy counts for a model. */
export class TrustGlobs {
  readonly #base: string;
  /** The last one first. */
  readonly #entries: { entry: TrustEntry; globs: GlobSet | null }[];

  private constructor(base: string, entries: { entry: TrustEntry; globs: GlobSet | null }[]) {
    this.#base = base;
    this.#entries = entries;
  }

  /** @param base what the paths that are asked about are relative to, absolute. */
  static async of({ folder, trustPolicy }: Configuration, base: string): Promise<TrustGlobs> {
    const entries = [];
    for (const entry of trustPolicy.trust.toReversed()) {
      entries.push({ entry, globs: await GlobSet.of(folder, entry.models) });
    }
    return new TrustGlobs(base, entries);
  }

  /** For models (relative to the base) in a folder: the globs name the folder itself, or all of them. */
  entryFor(folder: string, models: readonly string[]): TrustEntry | null {
    const found = this.#entries.find(({ globs }) => {
      if (globs === null) return true;
      const names = (path: string, isFolder: boolean) => globs.match(join(this.#base, path), isFolder) === true;
      return names(folder, true) || (models.length > 0 && models.every((model) => names(model, false)));
    });
    return found?.entry ?? null;
  }

  /** For a model that is one file. */
  entryForFile(file: string): TrustEntry | null {
    return this.entryFor(posix.dirname(file), [file]);
  }
}
