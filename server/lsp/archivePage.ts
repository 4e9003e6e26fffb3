import type { ArchiveFacts } from '../formats/facts.ts';
import { Budget, type Limits } from '../formats/limits.ts';
import type { ByteSource } from '../formats/source.ts';
import { readZipDirectory, type ZipEntry } from '../formats/zip/directory.ts';
import type { ArchiveResult, ArchiveRow } from './protocol.ts';

const rowsShown = 2_000;
/** Oddities of the archive as a whole that are named. */
const oddShown = 200;

const methods: Record<number, string> = { 0: 'stored', 8: 'deflated' };

/** An archive as each of its lists tells it, so that a person sees what one loader would open and another would not. */
export function archivePage(facts: ArchiveFacts, source: ByteSource, limits: Limits): ArchiveResult {
  const twoLists = facts.format === 'zip';
  const listed: (ArchiveFacts['entries'][number] & Partial<Pick<ZipEntry, 'inCentral' | 'inLocal'>>)[] = twoLists
    ? readZipDirectory(source, new Budget(limits)).entries
    : facts.entries;
  const told = new Map<string, string[]>();
  for (const { name, offset, message } of facts.anomalies) {
    const key = `${offset} ${name}`;
    told.set(key, [...(told.get(key) ?? []), message]);
  }
  const rows = listed.slice(0, rowsShown).map((entry): ArchiveRow => {
    const key = `${entry.offset} ${entry.name}`;
    const anomalies = told.get(key) ?? [];
    // Of two descriptions of the same header, the first carries what is said of it.
    told.delete(key);
    return {
      name: entry.name,
      size: entry.size,
      compressedSize: entry.compressedSize,
      method: methods[entry.method] ?? `method ${entry.method}`,
      offset: entry.offset,
      dataOffset: entry.dataOffset,
      inCentral: entry.inCentral ?? false,
      inLocal: entry.inLocal ?? true,
      anomalies,
    };
  });
  return { twoLists, rows, total: listed.length, anomalies: [...told.values()].flat().slice(0, oddShown) };
}
