import { type Dirent, readdirSync } from 'node:fs';
import { nameOf, onDisk } from './diskPath.ts';

/** A name in a folder, and what stands behind it. */
export type FolderEntry = Pick<Dirent, 'name' | 'isFile' | 'isDirectory' | 'isSymbolicLink'>;

/**
 * What lies in a folder. Names that are no UTF-8 come as `diskPath.ts` writes them, so that they can be opened.
 * @throws the operating system's error when the folder cannot be listed.
 */
export function entriesOf(folder: string): FolderEntry[] {
  const path = onDisk(folder);
  if (typeof path === 'string') {
    const entries = readdirSync(path, { withFileTypes: true });
    // Node writes U+FFFD for what it cannot decode; only then are the bytes asked for.
    if (!entries.some(({ name }) => name.includes('\uFFFD'))) return entries;
  }
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: nameOf(entry.name),
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isSymbolicLink: () => entry.isSymbolicLink(),
  }));
}
