import { createHash } from 'node:crypto';
import { type BigIntStats, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import makeIgnore, { type Ignore } from 'ignore';
import { WeighbridgeError } from '../../errors.ts';
import { nameOf, onDisk } from '../../files/diskPath.ts';
import { entriesOf } from '../../files/folderEntries.ts';
import { isRecordFile } from '../record/record.ts';
import type { FolderAlgorithm } from './algorithms.ts';

/** A file of a dataset's folder. */
export interface ListedFile {
  /** From the folder, with `/`. */
  path: string;
  absolute: string;
  stat: BigIntStats;
  isLink: boolean;
}

/** How many files one dataset's folder may hold before it is not hashed. */
const mostFiles = 1_000_000;
/** Entries after which other work of the process gets its turn. */
const turn = 512;
const longestIgnoreFile = 1 << 20;

/**
 * The files of a folder that count for a digest, sorted by the bytes of their paths. DVC's digests leave out what `.dvcignore`
 * names; ours leaves out the record itself. Links to files are read where they stay inside the root.
 * @param root absolute: no link out of it is followed.
 * @returns null where the folder holds what has no digest: a link out, or to a folder; a pipe; too many files.
 */
export async function listFolder(
  folder: string,
  algorithm: FolderAlgorithm,
  root: string,
  signal?: AbortSignal,
): Promise<ListedFile[] | null> {
  const dvc = algorithm !== 'sha256-tree';
  const files: ListedFile[] = [];
  const open: { path: string; ignores: IgnoreFile[] }[] = [
    { path: '', ignores: dvc ? ignoresAbove(folder, root) : [] },
  ];
  const realRoot = realpathSync.native(onDisk(root));
  let seen = 0;
  for (let at = open.pop(); at; at = open.pop()) {
    const here = join(folder, at.path);
    const ignores = dvc ? [...at.ignores, ...ignoreFileIn(here)] : [];
    for (const entry of entriesOf(here)) {
      if (++seen % turn === 0) {
        await breathe();
        if (signal?.aborted) throw new WeighbridgeError('cancelled', 'the work was cancelled');
      }
      const absolute = join(here, entry.name);
      const path = at.path === '' ? entry.name : `${at.path}/${entry.name}`;
      if (dvc ? isIgnored(ignores, absolute, entry.isDirectory()) : at.path === '' && isRecordFile(entry.name))
        continue;
      if (entry.isDirectory()) {
        open.push({ path, ignores });
        continue;
      }
      const stat = statSync(onDisk(absolute), { bigint: true, throwIfNoEntry: false });
      if (!stat?.isFile() || files.length >= mostFiles) return null;
      if (entry.isSymbolicLink() && !isInside(realRoot, absolute)) return null;
      files.push({ path, absolute, stat, isLink: entry.isSymbolicLink() });
    }
  }
  return files.sort((a, b) => compareBytes(a.path, b.path));
}

/** The text whose hash is the folder's digest, and the hash. @param digests of the files, in their order. */
export function folderDigest(algorithm: FolderAlgorithm, paths: readonly string[], digests: readonly string[]): string {
  if (algorithm === 'sha256-tree') {
    const hash = createHash('sha256');
    paths.forEach((path, index) => hash.update(sha256sumLine(path, digests[index] ?? '')));
    return hash.digest('hex');
  }
  // The MD5 of Python's `json.dumps` of the files, sorted by path in code-point order (dvc_data/hashfile/tree.py).
  const hash = createHash('md5').update('[');
  paths.forEach((path, index) =>
    hash.update(`${index === 0 ? '' : ', '}{"md5": "${digests[index] ?? ''}", "relpath": ${pythonString(path)}}`),
  );
  return hash.update(']').digest('hex');
}

/** A line as `sha256sum` of GNU coreutils prints it: a name with a backslash or a line end is escaped, and the line says so. */
export function sha256sumLine(path: string, digest: string): Buffer {
  const escaped = path.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r');
  const bytes = onDisk(escaped);
  const mark = escaped === path ? '' : '\\';
  return Buffer.concat([
    Buffer.from(`${mark}${digest}  `),
    typeof bytes === 'string' ? Buffer.from(bytes) : bytes,
    Buffer.from('\n'),
  ]);
}

/** JavaScript compares UTF-16 units, which puts astral characters before U+E000..U+FFFF; UTF-8 bytes sort as code points do. */
function compareBytes(a: string, b: string): number {
  const [left, right] = [onDisk(a), onDisk(b)];
  return Buffer.compare(
    typeof left === 'string' ? Buffer.from(left) : left,
    typeof right === 'string' ? Buffer.from(right) : right,
  );
}

/** As Python's `json.dumps` writes it: all but the printable characters of ASCII escaped, DEL among them. */
function pythonString(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

interface IgnoreFile {
  folder: string;
  globs: Ignore;
}

/** What DVC never takes in, whatever is written (dvc/ignore.py). */
const never = /^\.(?:git|hg|dvc)$/;

function isIgnored(ignores: readonly IgnoreFile[], absolute: string, isFolder: boolean): boolean {
  const name = absolute.slice(absolute.lastIndexOf(sep) + 1);
  if (never.test(name) && (isFolder || name === '.git')) return true;
  for (const { folder, globs } of [...ignores].reverse()) {
    const inside = relative(folder, absolute).split(sep).join('/');
    if (inside === '' || inside.startsWith('../')) continue;
    const { ignored, unignored } = globs.test(isFolder ? `${inside}/` : inside);
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

/** The ignore files of the folders above, from the root down. */
function ignoresAbove(folder: string, root: string): IgnoreFile[] {
  const found: IgnoreFile[] = [];
  for (let at = folder; at !== root;) {
    const above = dirname(at);
    if (above === at) break;
    found.unshift(...ignoreFileIn(above));
    at = above;
  }
  return found;
}

function ignoreFileIn(folder: string): IgnoreFile[] {
  const file = join(folder, '.dvcignore');
  try {
    const stat = statSync(onDisk(file), { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > longestIgnoreFile) return [];
    const globs = (makeIgnore as unknown as (options: { allowRelativePaths: boolean }) => Ignore)({
      allowRelativePaths: false,
    });
    return [{ folder, globs: globs.add(readFileSync(onDisk(file), 'utf8')) }];
  } catch {
    return [];
  }
}

function isInside(realRoot: string, file: string): boolean {
  try {
    const real = nameOf(realpathSync.native(onDisk(file), 'buffer'));
    return real === realRoot || real.startsWith(realRoot + sep);
  } catch {
    return false;
  }
}
