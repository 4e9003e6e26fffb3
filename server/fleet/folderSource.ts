import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Configuration } from '../engine/configuration.ts';
import { discover } from '../engine/discover.ts';
import { slashes } from '../engine/gitignore.ts';
import { relativePath, statOf } from '../engine/scanPhases.ts';
import type { ScanJob } from './jobQueue.ts';

/** A file of a source, with what changes when the file does. */
export type ListedFile = Omit<ScanJob, 'slot'> & { stamp: string };

export interface SourceListing {
  /** How the source is called from now on. */
  source: string;
  files: ListedFile[];
  errors: { path: string; message: string }[];
}

/**
 * The files of a folder, or one file, as a scan would find them.
 * @param path absolute; workers have to see it under the same path.
 */
export async function listFolder(
  path: string,
  configuration: Configuration,
  signal: AbortSignal,
): Promise<SourceListing> {
  const isFolder = statOf(path)?.isDirectory() === true;
  const base = isFolder ? path : join(path, '..');
  // A file is a source of its own: a listing that holds it alone says nothing of what else is in its folder.
  const source = pathToFileURL(path).href.replace(/\/+$/, '');
  const discovery = await discover([path], configuration, signal);
  const files = discovery.files.flatMap((file): ListedFile[] => {
    const stamp = stampOf(file);
    if (stamp === null) return [];
    const inside = slashes(relativePath(base, file));
    return [{ source, path: inside, uri: pathToFileURL(file).href, size: stamp.size, stamp: stamp.text }];
  });
  return { source, files, errors: discovery.errors };
}

/** The file on this machine that an address names; null where it names none. */
export function fileOf(uri: string): string | null {
  return uri.startsWith('file:') ? fileURLToPath(uri) : null;
}

/** Size and times of a file; null where it is gone. The inode is left out: machines that share a folder may see others. */
export function stampOf(file: string): { size: number; text: string } | null {
  const stat = statOf(file);
  if (!stat?.isFile()) return null;
  return { size: Number(stat.size), text: `${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` };
}
