import type { ArchiveAnomaly, ReadProblem } from '../facts.ts';
import type { ZipEntry } from './directory.ts';
import { describedFlag } from './records.ts';
import type { CentralRecord, EntryRecord, LocalHeader } from './records.ts';

export const absurdNumber = (offset: number): Omit<ReadProblem, 'entry'> => ({
  code: 'malformed',
  offset,
  message: 'the archive records a size or an offset that no file can have',
  incomplete: true,
});

export const entryOf = (
  record: EntryRecord,
  place: { offset: number; dataOffset: number },
  views: { inCentral: boolean; inLocal: boolean; twin: boolean },
): ZipEntry => ({
  name: record.name,
  offset: place.offset,
  dataOffset: place.dataOffset,
  compressedSize: record.compressedSize,
  size: record.size,
  method: record.method,
  flags: record.flags,
  crc32: record.crc32,
  link: 'link' in record && record.link === true,
  ...views,
});

/** The union of both views, by offset. What they disagree about becomes an anomaly and, where it matters, two entries. */
export function mergeViews(
  centrals: { offset: number; record: CentralRecord }[],
  headers: LocalHeader[],
  anomalies: ArchiveAnomaly[],
  problems: Omit<ReadProblem, 'entry'>[],
): ZipEntry[] {
  const locals = new Map(headers.map((header) => [header.offset, header]));
  const listed = new Map<number, CentralRecord[]>();
  const entries: ZipEntry[] = [];
  for (const { offset, record } of centrals) {
    const others = listed.get(offset) ?? [];
    if (others.some((other) => sameEntry(other, record))) continue;
    listed.set(offset, [...others, record]);
    if (record.absurd) problems.push(absurdNumber(offset));
    const local = locals.get(offset);
    if (!local) {
      anomalies.push(mismatch(record.name, offset, 'is in the central directory, but has no local header'));
      const dataOffset = offset + 30 + Buffer.byteLength(record.name);
      entries.push(entryOf(record, { offset, dataOffset }, { inCentral: true, inLocal: false, twin: false }));
      continue;
    }
    const differs = difference(local, record);
    if (differs) anomalies.push(mismatch(record.name, offset, differs));
    const agree = !differs || differs === crcDiffers;
    const flags = record.flags | local.flags;
    entries.push(entryOf({ ...record, flags }, local, { inCentral: true, inLocal: agree, twin: !agree }));
    if (agree) continue;
    entries.push(entryOf({ ...local, flags }, local, { inCentral: false, inLocal: true, twin: true }));
  }
  for (const header of headers) {
    if (listed.has(header.offset)) continue;
    if (header.absurd) problems.push(absurdNumber(header.offset));
    if (centrals.length > 0)
      anomalies.push(mismatch(header.name, header.offset, 'is missing from the central directory'));
    entries.push(entryOf(header, header, { inCentral: false, inLocal: true, twin: false }));
  }
  return entries.sort((a, b) => a.offset - b.offset);
}

const sameEntry = (a: EntryRecord, b: EntryRecord): boolean =>
  a.name === b.name && a.method === b.method && a.size === b.size && a.compressedSize === b.compressedSize;

const mismatch = (name: string, offset: number, what: string): ArchiveAnomaly => ({
  code: 'header-mismatch',
  name,
  offset,
  message: `an entry ${what}`,
});

const crcDiffers = 'has another checksum in its local header than in the central directory';

/** How the two views of an entry differ, or null. Zeros that a data descriptor makes up for are ordinary. */
export function difference(local: LocalHeader, central: CentralRecord): string | null {
  if (local.name !== central.name) {
    return `is named ${JSON.stringify(local.name.slice(0, 200))} in its local header, and otherwise in the central directory`;
  }
  if (local.method !== central.method) {
    return 'has another compression method in its local header than in the central directory';
  }
  const described = (local.flags & describedFlag) !== 0;
  const sizeMatches = (here: number, there: number): boolean => here === there || (described && here === 0);
  if (!sizeMatches(local.size, central.size) || !sizeMatches(local.compressedSize, central.compressedSize)) {
    return 'has another size in its local header than in the central directory';
  }
  return local.crc32 === central.crc32 || (described && local.crc32 === 0) ? null : crcDiffers;
}
