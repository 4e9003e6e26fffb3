import { lstatSync, realpathSync, statSync, type BigIntStats } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { entriesOf } from '../files/folderEntries.ts';
import { realPath } from './realPath.ts';

/** Left out at the top of a model unless told otherwise; git's files are no part of it. Source: specification 1.0, section 6.2. */
const gitPaths = ['.git', '.gitattributes', '.github', '.gitignore'];

export interface ModelFile {
  /** Relative to the model, with `/`; `.` where the model is one file. */
  path: string;
  absolute: string;
  /** Of the file itself, or of what a followed link leads to. */
  stat: BigIntStats;
  isLink: boolean;
}

/** What lies in a model. */
export interface ModelFiles {
  files: ModelFile[];
  /** What is there and ignored: the outermost paths, sorted; without the signature itself. */
  ignored: string[];
  /** What can be neither hashed nor passed over: links, pipes, devices. */
  odd: { path: string; what: string }[];
}

export interface FindOptions {
  /** Paths in the model, as `isCanonicalName` has them. */
  ignored: ReadonlySet<string>;
  /** Absolute; left out without being told of. */
  signature: string | null;
  followLinks: boolean;
  /** Files that are looked at although they are ignored: those that a signature names. */
  wanted?: ReadonlySet<string>;
  signal?: AbortSignal | undefined;
}

/** Entries after which other work of the process gets its turn. */
const turn = 512;

/** Where the model is, and whether it is one file. @throws {WeighbridgeError} `not-found`, `unreadable`, `bad-input`. */
export function modelRoot(model: string): { root: string; isFile: boolean } {
  try {
    const root = realpathSync.native(model);
    const stat = statSync(root);
    if (stat.isFile() || stat.isDirectory()) return { root, isFile: stat.isFile() };
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeighbridgeError(
      missing ? 'not-found' : 'unreadable',
      `The model ${model} cannot be read: ${missing ? 'it does not exist' : (cause as Error).message}.`,
      { cause },
    );
  }
  throw new WeighbridgeError('bad-input', `The model ${model} is neither a folder nor a file.`);
}

/** Where a model's signature is kept unless told: in its folder, or beside the one file. */
export function defaultSignature(model: string, isFile: boolean): string {
  return isFile ? `${model}.sig` : join(model, 'model.sig');
}

/**
 * The ignored paths in a model.
 * @param paths absolute, or relative to the model.
 * @throws {WeighbridgeError} `bad-usage` for a path outside: leaving it out in silence would hide a slip of the pen.
 */
export function ignoredIn(root: string, paths: readonly string[], ignoreGit: boolean): Set<string> {
  const ignored = new Set(ignoreGit ? gitPaths : []);
  for (const path of paths) {
    const inside = pathIn(root, isAbsolute(path) ? path : resolve(root, path));
    if (inside === null) {
      throw new WeighbridgeError('bad-usage', `The ignored path ${path} does not lie inside the model.`);
    }
    if (inside === '') {
      throw new WeighbridgeError(
        'bad-usage',
        `The ignored path ${path} is the model itself, of which nothing would be left.`,
      );
    }
    ignored.add(inside);
  }
  return ignored;
}

/** The path of a file relative to the model, with `/`; empty for the model itself, null outside. Links on the way are resolved. */
export function pathIn(root: string, path: string): string | null {
  const inside = relative(root, realPath(path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return null;
  return sep === '/' ? inside : inside.split(sep).join('/');
}

/**
 * Walks the model. No link to a folder is ever followed.
 * @throws {WeighbridgeError} `unreadable`, `cancelled`.
 */
export async function findModelFiles(root: string, isFile: boolean, options: FindOptions): Promise<ModelFiles> {
  const found: ModelFiles = { files: [], ignored: [], odd: [] };
  if (isFile) {
    found.files.push({ path: '.', absolute: root, stat: statOf(root, root, true), isLink: false });
    return found;
  }
  const wantedFolders = foldersAbove(options.wanted ?? new Set());
  const folders: { path: string; inIgnored: boolean }[] = [{ path: '', inIgnored: false }];
  let seen = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const absoluteFolder = folder.path === '' ? root : join(root, folder.path);
    for (const entry of listed(absoluteFolder)) {
      if (++seen % turn === 0) {
        await breathe();
        if (options.signal?.aborted) throw new WeighbridgeError('cancelled', 'the work was cancelled');
      }
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`;
      const absolute = join(absoluteFolder, entry.name);
      if (absolute === options.signature) continue;
      const ignoredHere = !folder.inIgnored && options.ignored.has(path);
      if (ignoredHere) found.ignored.push(path);
      const inIgnored = folder.inIgnored || ignoredHere;
      if (entry.isDirectory()) {
        if (!inIgnored || wantedFolders.has(path)) folders.push({ path, inIgnored });
        continue;
      }
      if (inIgnored && options.wanted?.has(path) !== true) continue;
      addEntry(found, entry.isSymbolicLink(), path, absolute, options.followLinks);
    }
  }
  found.ignored.sort();
  return found;
}

function addEntry(found: ModelFiles, isLink: boolean, path: string, absolute: string, followLinks: boolean): void {
  if (isLink && !followLinks) {
    found.odd.push({ path, what: 'a symbolic link' });
    return;
  }
  let stat: BigIntStats;
  try {
    stat = statOf(absolute, path, isLink);
  } catch (error) {
    if (!isLink) throw error;
    found.odd.push({ path, what: 'a symbolic link that leads nowhere' });
    return;
  }
  if (stat.isFile()) found.files.push({ path, absolute, stat, isLink });
  else found.odd.push({ path, what: isLink ? 'a symbolic link to a folder or device' : 'neither a file nor a folder' });
}

function listed(folder: string): ReturnType<typeof entriesOf> {
  try {
    return entriesOf(folder);
  } catch (cause) {
    throw new WeighbridgeError('unreadable', `The folder ${folder} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

function statOf(absolute: string, shown: string, follow: boolean): BigIntStats {
  try {
    const path = onDisk(absolute);
    return follow ? statSync(path, { bigint: true }) : lstatSync(path, { bigint: true });
  } catch (cause) {
    throw new WeighbridgeError('unreadable', `The file ${shown} cannot be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

function foldersAbove(paths: ReadonlySet<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  }
  return folders;
}
