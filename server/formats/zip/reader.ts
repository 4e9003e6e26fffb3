import type { ArchiveAnomaly } from '../facts.ts';
import { linkEscapes } from '../escapingName.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { readZipDirectory, type ZipDirectory, type ZipEntry } from './directory.ts';
import { openZipEntry } from './entry.ts';

/** The name under which bytes after an archive are inspected. */
export const afterArchive = '(after the archive)';

/** Reads a ZIP archive: its directory as facts, then every entry that holds something. */
export const readZip: Reader = (source, context) => {
  const directory = readZipDirectory(source, context.budget);
  const anomalies = [...directory.anomalies];
  context.add({
    kind: 'archive',
    entry: context.entry,
    format: 'zip',
    entries: directory.entries,
    anomalies,
  });
  openEntries(source, directory, context, anomalies);
};

/** Directories hold nothing, unless something was put there all the same. */
const isFolder = (entry: ZipEntry): boolean =>
  entry.name.endsWith('/') && entry.size === 0 && entry.compressedSize === 0;

/**
 * Descends into every entry, and into what stands after the archive. Adds the anomalies that only opening the entries
 * shows (a wrong checksum, a bomb).
 */
function openEntries(
  source: ByteSource,
  directory: ZipDirectory,
  context: ReadContext,
  anomalies: ArchiveAnomaly[],
): void {
  for (const problem of directory.problems) context.problem(problem);
  for (const entry of directory.entries) {
    if (isFolder(entry)) continue;
    const { source: content, problem, checksumMatches } = openZipEntry(source, entry, context.budget);
    anomalies.push(...contentAnomalies(entry, problem?.code ?? null, checksumMatches));
    if (problem)
      context.problem({ ...problem, message: `${problem.message} (${JSON.stringify(entry.name.slice(0, 200))})` });
    if (content && entry.link) anomalies.push(...linkAnomaly(entry, content));
    if (content && content.size > 0) context.descend(content, entry.name, 'zip');
  }
  if (directory.end < source.size) {
    context.descend(new SliceSource(source, directory.end, source.size - directory.end), afterArchive, 'zip');
  }
}

/** The longest path of Linux, in bytes. */
const longestTarget = 4_096;

/** Where a symbolic link points to, when that is out of the folder. */
function linkAnomaly(entry: ZipEntry, content: ByteSource): ArchiveAnomaly[] {
  const target = Buffer.from(content.read(0, Math.min(content.size, longestTarget))).toString('utf8');
  if (!linkEscapes(entry.name, target, 'symbolic')) return [];
  const message = `a link points to ${JSON.stringify(target.slice(0, 200))}, out of the folder it is unpacked to`;
  return [{ code: 'link', name: entry.name, offset: entry.offset, message }];
}

/** What opening an entry says of it. */
export function contentAnomalies(
  entry: ZipEntry,
  problem: string | null,
  checksumMatches: boolean | null,
): ArchiveAnomaly[] {
  const anomaly = (code: ArchiveAnomaly['code'], message: string): ArchiveAnomaly[] => [
    { code, name: entry.name, offset: entry.offset, message },
  ];
  if (problem === 'limit-ratio') return anomaly('bomb', 'an entry expands far beyond its compressed size');
  if (checksumMatches === false && problem !== 'encrypted') {
    return anomaly('bad-crc', 'an entry does not have the checksum that is recorded for it');
  }
  return [];
}
