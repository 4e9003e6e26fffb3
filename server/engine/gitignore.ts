import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import type { Ignore, Options } from 'ignore';
import { onDisk } from '../files/diskPath.ts';

type MakeIgnore = (options?: Options) => Ignore;

let make: MakeIgnore | undefined;

/** The glob library, loaded once there is a glob to match: most scans of a handful of files have none. */
async function library(): Promise<MakeIgnore> {
  return (make ??= (await import('ignore')).default as MakeIgnore);
}

/** gitignore-style globs that hold from a folder downwards. */
export class GlobSet {
  readonly #folder: string;
  readonly #globs: Ignore;

  private constructor(folder: string, globs: Ignore) {
    this.#folder = folder;
    this.#globs = globs;
  }

  /** Null when there is no glob. A glob that the library cannot read matches nothing, as in git. */
  static async of(folder: string, patterns: string | readonly string[]): Promise<GlobSet | null> {
    if (patterns.length === 0) return null;
    const globs = (await library())({ allowRelativePaths: false });
    globs.add(typeof patterns === 'string' ? patterns : [...patterns]);
    return new GlobSet(folder, globs);
  }

  /** True: named. False: brought back by `!`. Undefined: not spoken of. */
  match(path: string, isFolder: boolean): boolean | undefined {
    const inside = within(this.#folder, path);
    if (inside === null) return undefined;
    const verdict = this.#globs.test(isFolder ? `${inside}/` : inside);
    return verdict.ignored ? true : verdict.unignored ? false : undefined;
  }
}

/** The ignore files that hold in a folder: its own, then those of the folders above it, up to the repository's root. */
export interface IgnoreChain {
  globs: GlobSet;
  above: IgnoreChain | null;
}

/** Whether the nearest ignore file that speaks of a path names it. */
export function isIgnored(chain: IgnoreChain | null, path: string, isFolder: boolean): boolean {
  for (let link = chain; link; link = link.above) {
    const verdict = link.globs.match(path, isFolder);
    if (verdict !== undefined) return verdict;
  }
  return false;
}

/** Adds a folder's own `.gitignore` to the chain. */
export async function withGitignore(chain: IgnoreChain | null, folder: string): Promise<IgnoreChain | null> {
  const globs = await readGlobs(join(folder, '.gitignore'), folder);
  return globs ? { globs, above: chain } : chain;
}

/**
 * The chain that holds in `folder` before its own `.gitignore`: those of the folders between it and the root of its
 * repository, and `.git/info/exclude`. Null outside a repository, and where the chain itself names the folder: who asks
 * for an ignored folder by name wants it scanned.
 */
export async function chainAbove(folder: string): Promise<IgnoreChain | null> {
  const above: string[] = [];
  let root = folder;
  while (!existsSync(onDisk(join(root, '.git')))) {
    const parent = dirname(root);
    if (parent === root) return null;
    above.unshift(parent);
    root = parent;
  }
  const exclude = await readGlobs(join(root, '.git', 'info', 'exclude'), root);
  let chain: IgnoreChain | null = exclude ? { globs: exclude, above: null } : null;
  for (const at of above) chain = await withGitignore(chain, at);
  for (let at = folder; at !== root; at = dirname(at)) if (isIgnored(chain, at, true)) return null;
  return chain;
}

/** Longer ignore files are no ignore files. */
const longestIgnoreFile = 1 << 20;

async function readGlobs(file: string, folder: string): Promise<GlobSet | null> {
  try {
    const stat = statSync(onDisk(file), { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > longestIgnoreFile) return null;
    return await GlobSet.of(folder, readFileSync(onDisk(file), 'utf8'));
  } catch {
    return null; // Unreadable: nothing is left out because of it.
  }
}

/** `path` relative to `folder` with `/`, or null when it is not below it. */
export function within(folder: string, path: string): string | null {
  const prefix = folder.endsWith(sep) ? folder : folder + sep;
  if (path.startsWith(prefix)) return slashes(path.slice(prefix.length));
  const away = relative(folder, path);
  return away === '' || away.startsWith('..') || away.includes(':') ? null : slashes(away);
}

/** With `/` between names, whatever the system writes. */
export function slashes(path: string): string {
  return sep === '\\' ? path.replaceAll('\\', '/') : path;
}
