import { randomBytes } from 'node:crypto';
import { link, lstat, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { WeighbridgeError } from '../errors.ts';

export interface AtomicWriteOptions {
  /** Replaces a file that is there. Without it, one that appears meanwhile is not replaced either. */
  overwrite?: boolean;
  /** Looks at the complete temporary file, on disk, before it gets its name. What it throws undoes the write. */
  check?: (temporary: string) => Promise<void>;
}

/**
 * Writes a file so that it is there whole or not at all: into a temporary sibling, fsync, check, rename.
 * The temporary file is removed on every failure.
 * @throws {WeighbridgeError} `exists`, `unwritable`; and whatever `fill` and `check` throw.
 */
export async function writeAtomically<T>(
  target: string,
  options: AtomicWriteOptions,
  fill: (file: FileHandle) => Promise<T>,
): Promise<T> {
  if (!options.overwrite) await refuseExisting(target);
  await removeLeftovers(target);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.partial`);
  const file = await asUnwritable(target, () => open(temporary, 'wx'));
  try {
    let result: T;
    try {
      result = await asUnwritable(target, () => fill(file));
      await asUnwritable(target, () => file.sync());
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    // Network file systems tell only now that there was no room.
    await asUnwritable(target, () => file.close());
    await asUnwritable(target, async () => options.check?.(temporary));
    if (options.overwrite) await asUnwritable(target, () => rename(temporary, target));
    else await giveNewName(temporary, target);
    await syncDirectory(dirname(target));
    return result;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A temporary file that nobody has written to for so long, in milliseconds, belongs to a process that was killed. */
const leftAfter = 60 * 60 * 1000;

/** Removes what killed processes have left of this target: files of exactly our own pattern, and no others. */
async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const start = `.${basename(target)}.`;
  try {
    for (const name of await readdir(folder)) {
      if (!name.startsWith(start) || !/^[0-9a-f]{12}\.partial$/.test(name.slice(start.length))) continue;
      const path = join(folder, name);
      const stat = await lstat(path);
      if (stat.isFile() && Date.now() - stat.mtimeMs > leftAfter) await rm(path);
    }
  } catch {
    // They are in nobody's way; what hinders the write itself is told by the write.
  }
}

/**
 * Turns an error of the operating system into one that names the file and what to do. What reads the source while a
 * file is written gives errors of its own.
 */
export async function asUnwritable<T>(target: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Codes of Node's own (`ERR_...`) are mistakes of a program.
    if (error instanceof WeighbridgeError || code === undefined || code.startsWith('ERR_')) throw error;
    throw new WeighbridgeError('unwritable', `${target} cannot be written: ${reasons[code] ?? code}.`, {
      cause: error,
    });
  }
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the file system allows',
  EACCES: 'permission is denied',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder does not exist',
  EISDIR: 'it is a folder',
  ENAMETOOLONG: 'its name is too long',
  EIO: 'the disk reports an error',
};

async function refuseExisting(target: string): Promise<void> {
  try {
    await lstat(target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    await asUnwritable(target, () => Promise.reject(error as Error));
  }
  throw exists(target);
}

const exists = (target: string): WeighbridgeError =>
  new WeighbridgeError('exists', `${target} is already there: name another output, or ask for it to be overwritten.`);

/** A hard link fails where a rename would replace. File systems without links (FAT, some network shares) get a rename. */
async function giveNewName(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(target);
    await refuseExisting(target);
    await asUnwritable(target, () => rename(temporary, target));
    return;
  }
  await rm(temporary, { force: true });
}

/** Makes the new name durable. Windows cannot open a directory, and some file systems cannot sync one. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch {
    // The file itself is on disk; only the name may be lost by a power failure.
  }
}
