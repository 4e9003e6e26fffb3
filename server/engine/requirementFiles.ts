import { statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { onDisk } from '../files/diskPath.ts';
import { readTextFile } from '../files/textDecoding.ts';
import { declaredRequirements, requirementFileNames } from '../formats/text/declaredRequirements.ts';
import { canonicalName } from '../formats/text/requirements.ts';

/** Longer requirement files are not read for another file's sake. */
const longest = 8 << 20;

interface KnownFile {
  stamp: string;
  /** Specifiers by canonical name. */
  specifiers: Map<string, string[]>;
}

/** What the requirement files of a workspace ask for, read when somebody wants to know and kept until they change. */
export class RequirementFiles {
  readonly #base: string;
  readonly #files = new Map<string, KnownFile | null>();

  /** @param base absolute. */
  constructor(base: string) {
    this.#base = base;
  }

  /**
   * Specifiers for a distribution in the nearest folder above a file that speaks of it.
   * @param from relative to the base.
   * @param asked is told each path that was looked for.
   */
  specifiers(name: string, from: string, asked: (path: string) => void): string[] {
    const canonical = canonicalName(name);
    for (let folder = posix.dirname(from); ; folder = posix.dirname(folder)) {
      if (folder.startsWith('..') || folder.startsWith('/')) return [];
      for (const file of requirementFileNames) {
        const path = posix.join(folder, file);
        asked(path);
        const found = this.#read(path)?.specifiers.get(canonical);
        if (found) return found;
      }
      if (folder === '.') return [];
    }
  }

  #read(path: string): KnownFile | null {
    const file = join(this.#base, path);
    const stat = statSync(onDisk(file), { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > longest) return null;
    const stamp = `${stat.mtimeMs} ${stat.size} ${stat.ino}`;
    const known = this.#files.get(path);
    if (known?.stamp === stamp) return known;
    const specifiers = new Map<string, string[]>();
    for (const { name, specifier, url } of declaredRequirements(path, readText(file))) {
      if (url !== null) continue;
      const canonical = canonicalName(name);
      const before = specifiers.get(canonical);
      if (before === undefined) specifiers.set(canonical, [specifier]);
      else before.push(specifier);
    }
    const read = { stamp, specifiers };
    this.#files.set(path, read);
    return read;
  }
}

/** Who cannot read it knows nothing of it: the scan says so of the file itself. */
function readText(file: string): string {
  try {
    return (readTextFile(file) ?? '').replace(/^\uFEFF/, '');
  } catch {
    return '';
  }
}
