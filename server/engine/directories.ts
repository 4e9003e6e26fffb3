import { realpathSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { nameOf, onDisk } from '../files/diskPath.ts';
import { FileSource } from '../files/fileSource.ts';
import { entriesOf } from '../files/folderEntries.ts';
import type { ByteSource } from '../formats/source.ts';
import type { DirectorySigning, FileStanding, OwedAudit, RecordedScan } from '../rules/directory.ts';
import type { Finding } from '../rules/finding.ts';
import { judgeDirectory } from '../rules/run.ts';
import { isArtifact } from './examine.ts';
import { within } from './gitignore.ts';
import type { ArtifactSummary } from './report.ts';
import { compare } from './verdicts.ts';

const indexName = /\.index\.json$/i;

/** The directories that files lie in directly, sorted. */
export function directoriesOf(paths: Iterable<string>): string[] {
  return [...new Set([...paths].map((path) => posix.dirname(path)))].sort(compare);
}

/** Judges directories (relative to the base) that hold artifacts; those that hold none come with no findings. */
export function judgeDirectories(
  base: string,
  folders: readonly string[],
  summaries: readonly ArtifactSummary[],
  signingOf: (folder: string, artifacts: readonly string[]) => DirectorySigning,
  auditsOf: (folder: string, artifacts: readonly string[]) => OwedAudit[],
  scansOf: (artifacts: readonly string[]) => RecordedScan[],
): [folder: string, findings: Finding[]][] {
  const held = new Map<string, ArtifactSummary[]>(folders.map((folder) => [folder, []]));
  for (const summary of summaries) {
    if (isArtifact(summary.format)) held.get(posix.dirname(summary.path))?.push(summary);
  }
  return [...held].map(([path, inside]) => {
    const held = inside.map((summary) => summary.path);
    const signing = signingOf(path, held);
    const audits = auditsOf(path, held);
    const scans = scansOf(held);
    const folder = join(base, path);
    const files = filesIn(folder);
    // An index of shards says which files a loader opens, whether they are there or not.
    const tells = inside.length > 0 || signing.signature?.model === path || files.some((name) => indexName.test(name));
    if (!tells) return [path, []];
    const artifacts = inside
      .map(({ path: file, format, size, dataFiles = [] }) => ({ name: posix.basename(file), format, size, dataFiles }))
      .sort((a, b) => compare(a.name, b.name));
    const standing = (name: string) => standingOf(base, join(folder, name));
    const read = <T>(name: string, use: (source: ByteSource) => T) => readIn(folder, name, use);
    return [path, judgeDirectory({ path, files, artifacts, signing, audits, scans, read, standing })];
  });
}

function filesIn(folder: string): string[] {
  try {
    const entries = entriesOf(folder);
    return entries
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name)
      .sort(compare);
  } catch {
    return [];
  }
}

function readIn<T>(folder: string, name: string, use: (source: ByteSource) => T): T | null {
  const file = join(folder, name);
  try {
    // What is no regular file is not even opened: a pipe would wait for a writer.
    if (!statSync(onDisk(file)).isFile()) return null;
    const source = new FileSource(file);
    try {
      return use(source);
    } finally {
      source.close();
    }
  } catch {
    return null;
  }
}

function standingOf(base: string, file: string): FileStanding | null {
  try {
    const names = statSync(onDisk(file)).nlink;
    const real = nameOf(realpathSync.native(onDisk(file), 'buffer'));
    return { names, outside: within(realpathSync.native(base), real) === null ? real : null };
  } catch {
    return null;
  }
}
