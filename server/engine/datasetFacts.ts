import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { lfsObjectPath, lfsPointer, longestPointer, type LfsPointer } from '../aibom/lfsPointer.ts';
import type { DatasetAlgorithm, Measured } from '../datasets/hashing/algorithms.ts';
import { coverageOf, type Coverage } from '../datasets/registers/coverage.ts';
import type { DatasetRegister } from '../datasets/registers/facts.ts';
import { mayBeRegister, registerOf } from '../datasets/registers/readRegister.ts';
import { onDisk } from '../files/diskPath.ts';
import { readTextFile } from '../files/textDecoding.ts';
import { entriesOf } from '../files/folderEntries.ts';
import type { ConfigScalar } from '../formats/text/facts.ts';
import { frontMatter, textLanguage, textLimits, type ConfigText } from '../formats/text/parse.ts';
import type { DatasetWorkspace, NamedData } from '../rules/text.ts';

/** A digest that a text asked for and nobody has computed yet. */
export interface WantedDigest {
  /** Relative to the base. */
  path: string;
  algorithm: DatasetAlgorithm;
}

/** How references become paths; `WorkspaceTable` knows. */
interface Places {
  base: string;
  /** Where a reference may lead, relative to the base, nearest first. */
  candidates(reference: string, from: string): string[];
  isInside(file: string, from: string): boolean;
  ask(path: string): void;
}

export type Parsers = Record<'parseYaml' | 'parseJson', (text: string) => ConfigText>;

/** What is known by path and by what the file looked like: texts are asked about again and again. */
interface Known {
  stamp: string;
  scalars: ConfigScalar[];
  register: DatasetRegister | null;
}

const mostKnown = 2_000;

/**
 * Answers what texts ask about data. Nothing is hashed here: digests that are not known are wanted, and the scan computes them in
 * workers and judges the text again.
 */
export class DatasetFacts implements DatasetWorkspace {
  readonly #places: Places;
  readonly #measured: Map<string, Measured | null>;
  readonly #known = new Map<string, Known>();
  /** Counts the changes of what is measured. */
  revision = 0;
  #wanted = new Map<string, WantedDigest>();
  /** The parsers, which are loaded with the first text and not before. */
  parsers: Parsers | null = null;

  constructor(places: Places, measured: Iterable<[string, Measured | null]> = []) {
    this.#places = places;
    this.#measured = new Map(measured);
  }

  get now(): number {
    return Date.now();
  }

  find(reference: string, from: string, where: 'beside' | 'anywhere'): NamedData | undefined {
    const candidates = this.#places.candidates(reference.replace(/[\\/]+$/, ''), from);
    for (const path of where === 'beside' ? candidates.slice(0, 1) : candidates) {
      this.#places.ask(path);
      const file = join(this.#places.base, path);
      const stat = statOf(file);
      if (!stat || !(stat.isFile() || stat.isDirectory()) || !this.#places.isInside(file, from)) continue;
      const isFolder = stat.isDirectory();
      const pointer = isFolder ? null : pointerIn(file, stat.size);
      return { path, isFolder, size: isFolder ? 0 : stat.size, pointer: pointer && this.#withObject(pointer) };
    }
    return undefined;
  }

  measured(path: string, algorithm: DatasetAlgorithm): Measured | null | undefined {
    const key = `${algorithm} ${path}`;
    const known = this.#measured.get(key);
    if (known === undefined) this.#wanted.set(key, { path, algorithm });
    return known;
  }

  coverage(path: string, isFolder: boolean): Coverage[] {
    return coverageOf(path, isFolder, {
      register: (file) => this.#read(file)?.register ?? null,
      names: (folder) => namesIn(join(this.#places.base, folder)),
    });
  }

  /** What a text of the workspace says as a register; null where it is none. */
  register(path: string): DatasetRegister | null {
    return this.#read(path)?.register ?? null;
  }

  scalars(path: string): ConfigScalar[] | undefined {
    return this.#read(path)?.scalars;
  }

  keepsRecords(path: string): boolean {
    for (let at = posix.dirname(path); ; at = posix.dirname(at)) {
      for (const name of ['provenance.json', 'dvc.lock', '.dvc/config']) {
        const file = posix.join(at, name);
        this.#places.ask(file);
        if (statOf(join(this.#places.base, file))?.isFile() === true) return true;
      }
      if (at === '.' || at === '/' || at.startsWith('..')) return false;
    }
  }

  /** The digests that were asked for since the last call and are not known. */
  takeWanted(): WantedDigest[] {
    const wanted = [...this.#wanted.values()];
    this.#wanted = new Map();
    return wanted;
  }

  setMeasured({ path, algorithm }: WantedDigest, measured: Measured | null): void {
    this.revision++;
    this.#measured.set(`${algorithm} ${path}`, measured);
  }

  /** All that is known, to be sent to a worker. */
  allMeasured(): [string, Measured | null][] {
    return [...this.#measured];
  }

  /** Digests of these paths, of folders around them and of what lies in them, are no longer known; without paths, none is. */
  forget(paths?: Iterable<string>): void {
    if (this.#measured.size > 0) this.revision++;
    if (!paths) {
      this.#measured.clear();
      return;
    }
    if (this.#measured.size === 0) return;
    const changed = [...paths];
    for (const key of this.#measured.keys()) {
      const path = key.slice(key.indexOf(' ') + 1);
      const touched = (each: string) =>
        each === path || path === '.' || each.startsWith(`${path}/`) || path.startsWith(`${each}/`);
      if (changed.some(touched)) this.#measured.delete(key);
    }
  }

  #withObject(pointer: LfsPointer): NamedData['pointer'] {
    const object = lfsObjectPath(pointer);
    this.#places.ask(object);
    return { ...pointer, object: statOf(join(this.#places.base, object))?.isFile() === true ? object : null };
  }

  /** Another text of the workspace, parsed; kept while it looks the same. */
  #read(path: string): Known | null {
    const language = textLanguage(path);
    if (language !== 'yaml' && language !== 'json' && language !== 'card') return null;
    if (this.parsers === null) return null;
    if (path.startsWith('../')) return null;
    this.#places.ask(path);
    const file = join(this.#places.base, path);
    const stat = statOf(file);
    if (!stat?.isFile() || stat.size > textLimits.length[language] * 3 || !this.#places.isInside(file, path))
      return null;
    const stamp = `${stat.size} ${stat.mtimeMs} ${stat.ctimeMs} ${stat.ino}`;
    const before = this.#known.get(path);
    if (before?.stamp === stamp) return before;
    const known = { stamp, ...this.#parse(path, file, language) };
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(path, known);
    return known;
  }

  #parse(path: string, file: string, language: 'yaml' | 'json' | 'card'): Omit<Known, 'stamp'> {
    const { parseYaml, parseJson } = this.parsers ?? {};
    try {
      const text = (readTextFile(file) ?? '').replace(/^\uFEFF/, '');
      if (language === 'card' && !text.startsWith('---')) return { scalars: [], register: null };
      const parsed =
        language === 'json' ? parseJson?.(text) : parseYaml?.(language === 'card' ? frontMatter(text) : text);
      if (!parsed) return { scalars: [], register: null };
      const { scalars } = parsed;
      const register = mayBeRegister(path, text)
        ? registerOf({ path, language: language === 'json' ? 'json' : 'yaml', text, scalars })
        : null;
      return { scalars, register };
    } catch {
      return { scalars: [], register: null };
    }
  }
}

function statOf(file: string) {
  try {
    return statSync(onDisk(file), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function pointerIn(file: string, size: number): LfsPointer | null {
  if (size === 0 || size > longestPointer) return null;
  try {
    const descriptor = openSync(onDisk(file), 'r');
    try {
      const bytes = new Uint8Array(size);
      return lfsPointer(bytes.subarray(0, readSync(descriptor, bytes)));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

function namesIn(folder: string): string[] {
  try {
    return entriesOf(folder).map(({ name }) => name);
  } catch {
    return [];
  }
}
