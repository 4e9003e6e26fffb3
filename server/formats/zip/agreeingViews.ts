import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { directoryStarts, nameBytes, type DirectoryExtent } from './centralDirectory.ts';
import type { ZipEntry } from './directory.ts';
import { skipDescriptor } from './localHeaders.ts';
import { difference, entryOf } from './mergeViews.ts';
import { describedFlag, readCentralRecord, readLocalHeader, type EndRecord } from './records.ts';

/** An archive whose two views say the same. */
export interface AgreeingViews {
  endRecord: EndRecord;
  directory: DirectoryExtent;
  entries: ZipEntry[];
}

/**
 * Lists an archive in one pass, as nearly every archive can be: it begins with its first entry, each record of the
 * directory names the local header that stands where the last entry ended, both say the same, and the directory begins
 * where the entries end. A walk over the local headers would find the same entries and no others. One object an entry is
 * kept, so that the hundreds of thousands of a large checkpoint fit.
 * @param candidates every end record, from the last to the first.
 * @returns null for anything else: then both views have to be read whole, and merged.
 */
export function readAgreeingViews(
  source: ByteSource,
  candidates: readonly EndRecord[],
  budget: Budget,
): AgreeingViews | null {
  const [endRecord, ...others] = candidates;
  if (!endRecord || candidates.some(({ absurd }) => absurd)) return null;
  const [place, other] = directoryStarts(source, endRecord);
  if (!place || other || place.base !== 0) return null;
  const listed = listAgreeing(source, place.start, budget);
  if (!listed) return null;
  // The end record of an archive that is itself a stored entry: that entry is descended into on its own.
  if (!others.every(({ offset }) => isInside(listed.entries, offset))) return null;
  return { endRecord, directory: { ...place, end: listed.end }, entries: listed.entries };
}

function listAgreeing(source: ByteSource, start: number, budget: Budget): { entries: ZipEntry[]; end: number } | null {
  const entries: ZipEntry[] = [];
  let at = start;
  /** Where the next local header has to be. */
  let expected = 0;
  let names = 0;
  for (let record = readCentralRecord(source, at); record; record = readCentralRecord(source, at)) {
    if (entries.length >= budget.entries || ((entries.length & 0xff) === 0xff && budget.timeIsUp)) return null;
    names += record.name.length;
    if (names > nameBytes(budget.entries) || record.absurd || record.localOffset !== expected) return null;
    const local = readLocalHeader(source, expected);
    if (!local || local.absurd || difference(local, record) !== null) return null;
    record.flags |= local.flags;
    entries.push(entryOf(record, local, { inCentral: true, inLocal: true, twin: false }));
    const dataEnd = local.dataOffset + record.compressedSize;
    expected = (local.flags & describedFlag) !== 0 ? skipDescriptor(source, dataEnd) : dataEnd;
    at += record.length;
  }
  return entries.length > 0 && expected === start ? { entries, end: at } : null;
}

const isInside = (entries: readonly ZipEntry[], offset: number): boolean =>
  entries.some(
    (entry) => entry.method === 0 && offset >= entry.offset + 30 && offset < entry.offset + 30 + entry.compressedSize,
  );
