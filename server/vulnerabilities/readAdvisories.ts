import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { onDisk } from '../files/diskPath.ts';
import { FileSource } from '../files/fileSource.ts';
import { Budget, defaultLimits } from '../formats/limits.ts';
import { readZipDirectory } from '../formats/zip/directory.ts';
import { openZipEntry } from '../formats/zip/entry.ts';
import { readOsv, type Advisory } from './advisory.ts';

/** Bytes of one record that are read; the longest of PyPI's export is below two megabytes. */
const longestRecord = 8 << 20;
/** Records of one export: PyPI's held about twenty thousand in 2025. */
const mostRecords = 500_000;
/** Expanded bytes of one export. */
const mostBytes = 8 * 2 ** 30;

/**
 * The advisories of a local OSV export, by canonical name: a folder of JSON records, or the ZIP of them as
 * https://osv-vulnerabilities.storage.googleapis.com/PyPI/all.zip has it. A record that cannot be read is left out and counted.
 * @throws the operating system's error when the file or folder cannot be opened.
 */
export function readAdvisories(path: string): { byPackage: Map<string, Advisory[]>; unread: number } {
  const byPackage = new Map<string, Advisory[]>();
  let unread = 0;
  for (const text of statSync(onDisk(path)).isDirectory() ? recordsIn(path) : recordsOfZip(path)) {
    try {
      if (text === null) throw new SyntaxError('too long');
      for (const advisory of readOsv(JSON.parse(text))) {
        const known = byPackage.get(advisory.package);
        if (known) known.push(advisory);
        else byPackage.set(advisory.package, [advisory]);
      }
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      unread++;
    }
  }
  for (const advisories of byPackage.values()) advisories.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { byPackage, unread };
}

let last: { stamp: string; byPackage: Map<string, Advisory[]> } | undefined;

/** The same, read once a thread while the export looks the same; none where it cannot be read, which a scan says beforehand. */
export function knownAdvisories(path: string): ReadonlyMap<string, readonly Advisory[]> {
  try {
    const { mtimeMs, size, ino } = statSync(onDisk(path));
    const stamp = [path, mtimeMs, size, ino].join(' ');
    if (last?.stamp !== stamp) last = { stamp, byPackage: readAdvisories(path).byPackage };
    return last.byPackage;
  } catch {
    return new Map();
  }
}

function* recordsIn(folder: string): Generator<string | null> {
  for (const name of readdirSync(onDisk(folder)).sort().slice(0, mostRecords)) {
    if (!name.endsWith('.json')) continue;
    const file = onDisk(join(folder, name));
    const { size } = statSync(file);
    yield size > longestRecord ? null : readFileSync(file, 'utf8');
  }
}

function* recordsOfZip(path: string): Generator<string | null> {
  const source = new FileSource(path);
  try {
    const budget = new Budget({ ...defaultLimits, entries: mostRecords, expandedBytes: mostBytes, timeMs: 600_000 });
    for (const entry of readZipDirectory(source, budget).entries) {
      if (!entry.name.endsWith('.json')) continue;
      const { source: content, problem } = openZipEntry(source, entry, budget);
      const readable = content !== null && problem === null && content.size <= longestRecord;
      yield readable ? Buffer.from(content.read(0, content.size)).toString('utf8') : null;
    }
  } finally {
    source.close();
  }
}
