import { realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';
import { nameOf, onDisk } from '../files/diskPath.ts';
import { entriesOf, type FolderEntry } from '../files/folderEntries.ts';
import type { Configuration } from './configuration.ts';
import { chainAbove, GlobSet, type IgnoreChain, isIgnored, withGitignore, within } from './gitignore.ts';
import { reasonOf } from '../files/reason.ts';

/** What a walk over folders came to. */
export interface Discovery {
  /** Absolute paths of regular files, sorted, each file once. */
  files: string[];
  /** Paths that could not be read, absolute. */
  errors: { path: string; message: string }[];
  /** Files and whole folders that were left out. */
  skipped: Skipped;
}

export interface Skipped {
  /** Named by `.gitignore`. */
  ignored: number;
  /** Named by the configuration or by default (`.git`, `node_modules`, `.venv`, ...). */
  excluded: number;
}

/** Folders of tools, never of a project's own files. `include` brings back all but `.git`. */
const toolFolders = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.tox',
  '.nox',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.tsbuild',
]);

/** How long the walk may hold the thread before it lets others in, in milliseconds. */
const slice = 12;

/**
 * Finds the files below `paths` (absolute). A file that is named itself is always among them. Links to folders are not
 * followed: what they point to is found by its own path, or lies outside. A file that is reached by several links is found once.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function discover(
  paths: readonly string[],
  configuration: Configuration,
  signal?: AbortSignal,
): Promise<Discovery> {
  const walk = new Walk(await Selection.of(configuration), signal);
  for (const path of paths) await walk.start(path);
  return walk.finish();
}

/** What the configuration selects; also asked for single files that an editor saw change. */
export class Selection {
  readonly #include: GlobSet | null;
  readonly #exclude: GlobSet | null;
  /** The folders, absolute, that an `include` glob may match in; null when it may match anywhere. */
  readonly #includeRoots: string[] | null;

  private constructor(include: GlobSet | null, exclude: GlobSet | null, roots: string[] | null) {
    this.#include = include;
    this.#exclude = exclude;
    this.#includeRoots = roots;
  }

  static async of(configuration: Configuration): Promise<Selection> {
    const { folder, include, exclude } = configuration;
    const roots = include.map((glob) => literalRoot(folder, glob));
    return new Selection(
      await GlobSet.of(folder, include),
      await GlobSet.of(folder, exclude),
      roots.includes(null) ? null : roots.filter((root) => root !== null),
    );
  }

  /** Why a path is left out, or null. */
  verdict(path: string, name: string, isFolder: boolean, chain: IgnoreChain | null): keyof Skipped | null {
    if (isFolder && name === '.git') return 'excluded';
    if (this.#exclude?.match(path, isFolder)) return 'excluded';
    const reason = isFolder && toolFolders.has(name) ? 'excluded' : isIgnored(chain, path, isFolder) ? 'ignored' : null;
    return reason && this.#include?.match(path, isFolder) ? null : reason;
  }

  /** Whether something in a folder that is left out may be brought back by `include`. */
  reachesInto(folder: string, name: string): boolean {
    if (!this.#include || name === '.git') return false;
    if (!this.#includeRoots) return !toolFolders.has(name);
    const inside = folder + sep;
    return this.#includeRoots.some(
      (root) => root === folder || root.startsWith(inside) || folder.startsWith(root + sep),
    );
  }

  includes(path: string): boolean {
    return this.#include?.match(path, false) === true;
  }

  excludes(path: string): boolean {
    return this.#exclude?.match(path, false) === true;
  }

  /** Whether a walk from `base` would find the file at `path`. */
  async selects(path: string, base: string): Promise<boolean> {
    const inside = within(base, path);
    if (inside === null) return true;
    const names = inside.split('/');
    let chain = await chainAbove(base);
    let folder = base;
    let left = false;
    for (const [index, name] of names.entries()) {
      chain = await withGitignore(chain, folder);
      const at = join(folder, name);
      const isFolder = index < names.length - 1;
      left ||= this.verdict(at, name, isFolder, chain) !== null;
      if (isFolder && left && !this.reachesInto(at, name)) return false;
      folder = at;
    }
    return left ? this.includes(path) && !this.excludes(path) : true;
  }
}

class Walk {
  readonly #selection: Selection;
  readonly #signal: AbortSignal | undefined;
  readonly #files = new Set<string>();
  readonly #links: string[] = [];
  readonly #errors: Discovery['errors'] = [];
  readonly #skipped: Skipped = { ignored: 0, excluded: 0 };
  #since = performance.now();

  constructor(selection: Selection, signal: AbortSignal | undefined) {
    this.#selection = selection;
    this.#signal = signal;
  }

  async start(path: string): Promise<void> {
    try {
      const stat = statSync(onDisk(path));
      if (stat.isFile()) this.#files.add(path);
      else if (stat.isDirectory()) await this.#folder(path, await chainAbove(path));
      else this.#errors.push({ path, message: 'is neither a file nor a folder' });
    } catch (cause) {
      if (cause instanceof WeighbridgeError) throw cause;
      this.#errors.push({ path, message: reasonOf(cause) });
    }
  }

  finish(): Discovery {
    const known = new Set<string>();
    // A file that went meanwhile is known by no other name; who reads it says that it is gone.
    if (this.#links.length > 0) for (const file of this.#files) known.add(realPath(file) ?? file);
    for (const link of this.#links.sort()) {
      const target = linkedFile(link);
      if (target === null || known.has(target)) continue;
      known.add(target);
      this.#files.add(link);
    }
    return { files: [...this.#files].sort(), errors: this.#errors, skipped: this.#skipped };
  }

  /** A stack instead of recursion, so that depth costs nothing; one link of the chain is shared by all folders below it. */
  async #folder(top: string, above: IgnoreChain | null): Promise<void> {
    const open: { folder: string; chain: IgnoreChain | null; onlyIncluded: boolean }[] = [];
    open.push({ folder: top, chain: above, onlyIncluded: false });
    for (let next = open.pop(); next; next = open.pop()) {
      await this.#breathe();
      const { folder, onlyIncluded } = next;
      const entries = this.#list(folder);
      const hasIgnoreFile = entries.some(({ name }) => name === '.gitignore');
      const chain = hasIgnoreFile ? await withGitignore(next.chain, folder) : next.chain;
      for (const entry of entries) {
        const { name } = entry;
        const path = folder.endsWith(sep) ? folder + name : folder + sep + name;
        const isFolder = entry.isDirectory();
        if (!isFolder && !entry.isFile() && !entry.isSymbolicLink()) continue;
        const reason = this.#selection.verdict(path, name, isFolder, chain);
        if (isFolder) {
          const left = onlyIncluded ? !this.#selection.includes(path) || reason !== null : reason !== null;
          if (!left) open.push({ folder: path, chain, onlyIncluded });
          else if (this.#selection.reachesInto(path, name)) open.push({ folder: path, chain, onlyIncluded: true });
          else if (reason) this.#skipped[reason]++;
        } else if (reason === null && (!onlyIncluded || this.#selection.includes(path))) {
          if (entry.isFile()) this.#files.add(path);
          else this.#links.push(path);
        } else if (reason) {
          this.#skipped[reason]++;
        }
      }
    }
  }

  #list(folder: string): FolderEntry[] {
    try {
      return entriesOf(folder);
    } catch (cause) {
      this.#errors.push({ path: folder, message: reasonOf(cause) });
      return [];
    }
  }

  async #breathe(): Promise<void> {
    if (this.#signal?.aborted) throw new WeighbridgeError('cancelled', 'the scan was cancelled');
    if (performance.now() - this.#since < slice) return;
    await setImmediate();
    this.#since = performance.now();
  }
}

/** The regular file that a link leads to, or null (a folder, a loop, nothing). */
function linkedFile(link: string): string | null {
  try {
    return statSync(onDisk(link)).isFile() ? realPath(link) : null;
  } catch {
    return null;
  }
}

/** Where a path leads in the end, or null when it leads nowhere. */
function realPath(path: string): string | null {
  try {
    return nameOf(realpathSync.native(onDisk(path), 'buffer'));
  } catch {
    return null;
  }
}

/** The folder before the first wildcard of an anchored glob; null for one that matches at any depth. */
function literalRoot(folder: string, glob: string): string | null {
  const anchored = glob.replace(/\/$/, '').includes('/');
  if (!anchored || glob.startsWith('**') || glob.startsWith('!')) return null;
  const literal = /^[^*?[\]\\]*/.exec(glob)?.[0] ?? '';
  if (literal.length < glob.length) return join(folder, dirname(`${literal}x`));
  return join(folder, literal.replace(/\/$/, ''));
}
