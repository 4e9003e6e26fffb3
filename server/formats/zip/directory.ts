import type { ArchiveAnomaly, ArchiveEntry, ReadProblem } from '../facts.ts';
import type { Budget, Limits } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { readAgreeingViews } from './agreeingViews.ts';
import { directoryStarts, endAfter, findEndRecords, readCentralRecords } from './centralDirectory.ts';
import type { CentralDirectory, Cut, DirectoryExtent } from './centralDirectory.ts';
import { entryAnomalies, overlapAnomaly } from './entryAnomalies.ts';
import { findFirstLocalHeader, walkLocalHeaders } from './localHeaders.ts';
import { absurdNumber, mergeViews } from './mergeViews.ts';
import type { CentralRecord, EndRecord } from './records.ts';

export interface ZipEntry extends ArchiveEntry {
  /** General purpose flags, those of both views together. */
  flags: number;
  crc32: number;
  /** Which views of the archive have the entry as it is described here. Both are true when they agree. */
  inCentral: boolean;
  inLocal: boolean;
  /** True when it becomes a symbolic link, to where its content says. */
  link: boolean;
  /** True when another entry of the list describes the same local header differently. */
  twin: boolean;
}

export interface ZipDirectory {
  /** The union of the central directory and the local headers, by offset. Duplicate names are kept. */
  entries: ZipEntry[];
  anomalies: ArchiveAnomaly[];
  problems: Omit<ReadProblem, 'entry'>[];
  /** Where the archive begins and ends in the source: bytes outside belong to something else. */
  start: number;
  end: number;
}

/**
 * Lists a ZIP archive without trusting it: what the central directory says *and* what the local headers say.
 * Loaders disagree about which one counts (Python's zipfile and miniz read the central directory, streaming readers and
 * archive repair tools the local headers), so whatever either of them would open is listed. Never throws on content.
 */
export function readZipDirectory(source: ByteSource, budget: Budget): ZipDirectory {
  const known = listed.get(source);
  if (known !== undefined) return known;
  const directory = listZip(source, budget);
  listed.set(source, directory);
  return directory;
}

/** Telling what an archive is and reading it both need the list; it is made once for each source. */
const listed = new WeakMap<ByteSource, ZipDirectory>();

/** What one way of listing an archive found. */
interface Listed {
  entries: ZipEntry[];
  endRecords: EndRecord[];
  directories: DirectoryExtent[];
  /** The first byte after the last entry, where a walk over the local headers ended. */
  walkedTo: number;
}

function listZip(source: ByteSource, budget: Budget): ZipDirectory {
  const problems: Omit<ReadProblem, 'entry'>[] = [];
  const anomalies: ArchiveAnomaly[] = [];
  const candidates = findEndRecords(source);
  const agreeing = readAgreeingViews(source, candidates, budget);
  if (!agreeing)
    return describe(source, readBothViews(source, candidates, budget, anomalies, problems), anomalies, problems);
  const { endRecord, directory, entries } = agreeing;
  const listed = { entries, endRecords: [endRecord], directories: [directory], walkedTo: directory.start };
  return describe(source, listed, anomalies, problems);
}

/**
 * Entries that both views together may have where they do not agree: merging them takes several times the memory. No
 * library that writes hundreds of thousands of entries writes them so.
 */
const mergedEntries = (limits: Limits): number => Math.max(100_000, limits.entries / 5);

function readBothViews(
  source: ByteSource,
  candidates: readonly EndRecord[],
  budget: Budget,
  anomalies: ArchiveAnomaly[],
  problems: Omit<ReadProblem, 'entry'>[],
): Listed {
  const most = Math.min(budget.entries, mergedEntries(budget.limits));
  const endRecords: EndRecord[] = [];
  const directories: CentralDirectory[] = [];
  let room = most;
  let cut: Cut | null = null;
  const readDirectory = (start: number, base: number): void => {
    if (directories.some((known) => known.start === start && known.base === base)) return;
    const directory = readCentralRecords(source, start, base, room);
    room -= directory.records.length;
    cut ??= directory.cut;
    directories.push(directory);
  };
  for (const record of candidates) {
    if (record.absurd) problems.push(absurdNumber(record.offset));
    // The end record of an archive that is itself a stored entry: that entry is descended into on its own.
    if (directories.some((directory) => covers(directory, record.offset))) continue;
    endRecords.push(record);
    for (const { start, base } of directoryStarts(source, record)) readDirectory(start, base);
  }

  const known = new Map<number, number[]>();
  const centrals: { offset: number; record: CentralRecord }[] = [];
  const learn = (directory: CentralDirectory): void => {
    for (const record of directory.records) {
      const offset = record.localOffset + directory.base;
      centrals.push({ offset, record });
      known.set(offset, [...(known.get(offset) ?? []).slice(-3), record.compressedSize]);
    }
  };
  for (const directory of directories) learn(directory);
  const seeds = [...known.keys()];
  const first = findFirstLocalHeader(source);
  if (first === 0 || (first !== null && seeds.length === 0)) seeds.push(first);
  const walk = walkLocalHeaders(source, seeds, known, budget, most);

  const found = directories.length;
  for (const start of walk.directoryStarts) {
    if (directories.some((directory) => start >= directory.start && start < directory.end)) continue;
    readDirectory(start, 0);
  }
  for (const directory of directories.slice(found)) learn(directory);

  const entries = mergeViews(centrals, walk.headers, anomalies, problems);
  const reached = walk.cut ?? cut ?? (entries.length > most ? 'limit-entries' : null);
  if (reached) {
    problems.push({ code: reached, offset: null, message: cutMessage[reached], incomplete: true });
    entries.length = Math.min(entries.length, most);
  }
  return { entries, endRecords, directories, walkedTo: walk.end };
}

/** What the list as a whole shows. */
function describe(
  source: ByteSource,
  { entries, endRecords, directories, walkedTo }: Listed,
  anomalies: ArchiveAnomaly[],
  problems: Omit<ReadProblem, 'entry'>[],
): ZipDirectory {
  const primary = directories[0];
  const lowest = entries.reduce((least, entry) => Math.min(least, entry.offset), Infinity);
  const start = primary && primary.base > 0 ? primary.base : Number.isFinite(lowest) ? lowest : (primary?.start ?? 0);
  const end = findEnd(source, endRecords, directories, walkedTo);
  if (entries.length === 0 && endRecords.length === 0) {
    problems.push({ code: 'malformed', offset: 0, message: 'no entry of an archive can be found', incomplete: true });
    return { entries, anomalies, problems, start: 0, end: source.size };
  }
  if (endRecords.length === 0 || directories.length === 0) {
    const empty = endRecords.some((record) => record.directorySize === 0);
    if (!empty || entries.length > 0) {
      anomalies.push({
        code: 'no-central-directory',
        name: '',
        offset: end,
        message:
          directories.length === 0
            ? 'the archive has no central directory; its entries were found by their local headers'
            : 'the archive has no end record; its directory was found by walking the local headers',
      });
    }
  }
  if (start > 0) {
    anomalies.push({ code: 'leading-data', name: '', offset: 0, message: `${start} bytes stand before the archive` });
  }
  if (end < source.size) {
    const count = source.size - end;
    anomalies.push({ code: 'trailing-data', name: '', offset: end, message: `${count} bytes stand after the archive` });
  }
  anomalies.push(...entryAnomalies(entries));
  const overlap = overlapAnomaly(entries);
  if (overlap) anomalies.push(overlap);
  anomalies.sort((a, b) => a.offset - b.offset);
  return { entries, anomalies, problems, start, end };
}

const cutMessage: Record<Cut, string> = {
  'limit-entries': 'the archive has more entries than the limit allows',
  'limit-memory': 'the names of the entries take more memory than they may',
  'limit-time': 'the time for this file was used up while its entries were listed',
};

/** Whether an offset lies in the data of an entry that the directory lists. */
const covers = (directory: CentralDirectory, offset: number): boolean =>
  offset < directory.start &&
  directory.records.some((record) => {
    if (record.method !== 0) return false;
    const start = record.localOffset + directory.base + 30;
    return offset >= start && offset < start + record.compressedSize;
  });

function findEnd(source: ByteSource, recorded: EndRecord[], directories: DirectoryExtent[], walked: number): number {
  if (recorded.length > 0) return Math.max(...recorded.map((record) => record.end));
  if (directories.length === 0) return walked;
  return Math.max(...directories.map((directory) => endAfter(source, directory.end)));
}
