import { closeSync, fstatSync, openSync, readSync, readFileSync, type Stats, statSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { entriesOf } from '../files/folderEntries.ts';
import { isAibomName, isSignatureName } from './names.ts';
import { jsonValue, type Value, yamlValue } from './values.ts';

/** Files of one model that are described; what is beyond is told. */
const mostFiles = 20_000;
/** Bytes of a text that is still read; longer ones are hashed only. */
const longestText = 32 << 20;
/** Characters of all texts of one model that are read and parsed, in all; YAML costs a hundred times what JSON costs. */
const mostText = 256 << 20;
const mostYaml = 1 << 20;
const hashBlock = 1 << 20;

/** What tools leave in a model's folder: no part of the model. */
const leftOut = new Set([
  '.git',
  '.cache',
  '.venv',
  'venv',
  'node_modules',
  '__pycache__',
  '.ipynb_checkpoints',
  '.DS_Store',
]);
/** Of Git's own files only the attributes could matter, and they are no part of the model either (OMS leaves them out, too). */
const gitFile = /^\.git(?:ignore|attributes|modules|keep|hub)$/;

export interface FolderFile {
  /** Relative to the folder, with `/`. */
  path: string;
  size: number;
  /** Milliseconds. */
  modified: number;
}

/** A model on disk: the files of its folder, or one file alone. */
export class ModelFolder {
  /** Absolute. */
  readonly root: string;
  /** Of the folder; of the file where the model is one. */
  readonly name: string;
  readonly files: FolderFile[] = [];
  /** Bills of materials and signatures in it, relative. */
  readonly papers: string[] = [];
  readonly problems: string[] = [];
  /** Absolute paths that are no part of the model, such as the file that is about to be written. */
  readonly #without: Set<string>;
  #textLeft = mostText;
  #yamlLeft = mostYaml;

  /** @throws {WeighbridgeError} `not-found` or `unreadable`. */
  constructor(path: string, without: readonly string[] = []) {
    const absolute = resolve(path);
    this.#without = new Set(without);
    let stat: Stats;
    try {
      stat = statSync(onDisk(absolute));
    } catch (cause) {
      const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
      throw new WeighbridgeError(
        gone ? 'not-found' : 'unreadable',
        gone ? `${path} does not exist: name the folder of a model` : `${path} cannot be read`,
        { cause },
      );
    }
    if (stat.isDirectory()) {
      this.root = absolute;
      this.name = basename(absolute) || 'model';
      this.#walk('');
      this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
    } else if (stat.isFile()) {
      this.root = dirname(absolute);
      this.name = basename(absolute).replace(/\.[^.]+$/, '') || basename(absolute);
      this.files.push({ path: basename(absolute), size: stat.size, modified: stat.mtimeMs });
    } else {
      throw new WeighbridgeError('unreadable', `${path} is neither a folder nor a regular file`);
    }
  }

  #walk(inside: string): void {
    let entries: ReturnType<typeof entriesOf>;
    try {
      entries = entriesOf(join(this.root, inside));
    } catch (cause) {
      if (inside === '') throw new WeighbridgeError('unreadable', `${this.root} cannot be listed`, { cause });
      this.problems.push(`The folder ${inside} cannot be listed, so its files are missing.`);
      return;
    }
    for (const { name, ...entry } of entries.sort((a, b) => (a.name < b.name ? -1 : 1)).map(flat)) {
      const path = inside === '' ? name : `${inside}/${name}`;
      if (leftOut.has(name) || gitFile.test(name) || this.#without.has(join(this.root, path))) continue;
      if (entry.folder) this.#walk(path);
      else if (isAibomName(name) || isSignatureName(name) || this.#isBom(path)) this.papers.push(path);
      else if (!/\.(?:partial|tmp)$/.test(name) || !name.startsWith('.')) this.#add(path);
    }
  }

  /** A bill of materials under any other name. */
  #isBom(path: string): boolean {
    return path.endsWith('.json') && beginsAsBom(this.absolute(path));
  }

  #add(path: string): void {
    if (this.files.length >= mostFiles) {
      const sentence = `The folder holds more than ${mostFiles} files; those beyond are not listed.`;
      if (!this.problems.includes(sentence)) this.problems.push(sentence);
      return;
    }
    try {
      // Links to files are followed: the cache of the Hugging Face Hub consists of them.
      const stat = statSync(onDisk(join(this.root, path)));
      if (stat.isFile()) this.files.push({ path, size: stat.size, modified: stat.mtimeMs });
    } catch {
      this.problems.push(`${path} cannot be read: the link leads nowhere, or permission is denied.`);
    }
  }

  absolute(path: string): string {
    return join(this.root, path);
  }

  has(path: string): boolean {
    return this.files.some((file) => file.path === path);
  }

  /** Files whose path fits. */
  matching(pattern: RegExp): string[] {
    return this.files.filter(({ path }) => pattern.test(path)).map(({ path }) => path);
  }

  /** The text of a file of the model; undefined when it is not there, cannot be read, or is too long. */
  text(path: string): string | undefined {
    const file = this.files.find((each) => each.path === path);
    if (!file) return undefined;
    if (file.size > longestText) {
      this.problems.push(`${path} is longer than ${longestText} bytes and was not read for what it says.`);
      return undefined;
    }
    const text = textOf(this.absolute(path));
    this.#textLeft -= text?.length ?? 0;
    if (this.#textLeft >= 0) return text;
    this.#exhausted();
    return undefined;
  }

  #exhausted(): void {
    const sentence = 'The folder holds more text than is read; what the rest says is missing.';
    if (!this.problems.includes(sentence)) this.problems.push(sentence);
  }

  json(path: string): Value | undefined {
    const text = this.text(path);
    const value = text === undefined ? undefined : jsonValue(text);
    if (text !== undefined && value === undefined) this.problems.push(`${path} is not JSON that can be read.`);
    return value;
  }

  yaml(path: string): Value | undefined {
    const text = this.text(path);
    if (text === undefined) return undefined;
    this.#yamlLeft -= text.length;
    if (this.#yamlLeft >= 0) return yamlValue(text);
    this.#exhausted();
    return undefined;
  }
}

const flat = (entry: ReturnType<typeof entriesOf>[number]) => ({ name: entry.name, folder: entry.isDirectory() });

/** A text anywhere on disk, such as beside the model; undefined when it cannot be read or is too long. */
export function textOf(path: string): string | undefined {
  try {
    const stat = statSync(onDisk(path));
    if (!stat.isFile() || stat.size > longestText) return undefined;
    return readFileSync(onDisk(path), 'utf8');
  } catch {
    return undefined;
  }
}

/** The first bytes of a file. @throws the operating system's error. */
export function headOf(path: string, length: number): Uint8Array {
  const descriptor = openSync(onDisk(path), 'r');
  try {
    const bytes = new Uint8Array(Math.min(length, fstatSync(descriptor).size));
    return bytes.subarray(0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a file's beginning is that of CycloneDX JSON. */
export function beginsAsBom(path: string): boolean {
  try {
    if (!statSync(onDisk(path)).isFile()) return false;
    return /"bomFormat"\s*:\s*"CycloneDX"/.test(Buffer.from(headOf(path, 4_096)).toString('latin1'));
  } catch {
    return false;
  }
}

/** SHA-256 of a file, hex, read in blocks. @throws the operating system's error; `AbortError`. */
export async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const file = await open(onDisk(path), 'r');
  try {
    const hash = createHash('sha256');
    const block = new Uint8Array(hashBlock);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(block, 0, block.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(block.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
