import { escapes, linkEscapes } from '../escapingName.ts';
import type { ArchiveAnomaly, ArchiveEntry, ReadProblem } from '../facts.ts';
import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { oldSparseMap, paxSparseMap, type SparseMap } from './sparse.ts';
import { blockSize, decode, isZero, parsePax, parseTarHeader, type TarHeader } from './header.ts';

export interface TarEntry extends ArchiveEntry {
  kind: 'file' | 'folder' | 'hard-link' | 'symbolic-link' | 'device' | 'sparse';
  /** What a link points to; empty otherwise. */
  target: string;
  /** Where the pieces of a sparse file belong; null when that cannot be told, or it is none. */
  sparse: SparseMap | null;
}

export interface TarListing {
  entries: TarEntry[];
  anomalies: ArchiveAnomaly[];
  problems: Omit<ReadProblem, 'entry'>[];
  /** The first byte after the archive and its padding. */
  end: number;
}

/** The longest extended header that is read, in bytes; Python's tarfile has no limit, and no honest one is near it. */
const extendedBytes = 1 << 20;

/** How far zero blocks after the end mark are taken for padding, in bytes. */
const paddingSearched = 1 << 20;

/**
 * Lists a tar archive: ustar, GNU long names and base-256 sizes, pax paths and sizes. Goes on after an end mark when
 * another header follows it, as readers that ignore zeros do. Never throws on content.
 */
export function readTarEntries(source: ByteSource, budget: Budget): TarListing {
  const entries: TarEntry[] = [];
  const anomalies: ArchiveAnomaly[] = [];
  const problems: Omit<ReadProblem, 'entry'>[] = [];
  const listing = (end: number): TarListing => {
    anomalies.push(...nameAnomalies(entries));
    if (end < source.size) {
      const message = `${source.size - end} bytes stand after the archive`;
      anomalies.push({ code: 'trailing-data', name: '', offset: end, message });
    }
    return { entries, anomalies, problems, end };
  };
  const stop = (code: ReadProblem['code'], offset: number, message: string): TarListing => {
    problems.push({ code, offset, message, incomplete: true });
    return listing(source.size);
  };

  let at = 0;
  let extended: Extended = {};
  let global: Extended = {};
  for (let headers = 0; at < source.size; headers++) {
    // Extended headers are no entries, but they are counted so that a file of nothing else has an end.
    if (entries.length >= budget.entries || headers > budget.entries * 4) {
      return stop('limit-entries', at, 'the archive has more entries than the limit allows');
    }
    if (budget.timeIsUp)
      return stop('limit-time', at, 'the time for this file was used up while its entries were listed');
    const block = source.read(at, blockSize);
    if (block.every((byte) => byte === 0)) {
      const next = skipZeros(source, at);
      if (next >= source.size || !parseTarHeader(source.read(next, blockSize))) return listing(next);
      anomalies.push({ code: 'trailing-data', name: '', offset: next, message: 'more entries follow the end mark' });
      at = next;
      continue;
    }
    const header = parseTarHeader(block);
    if (!header) {
      if (at > 0 && block.length === blockSize) return listing(at);
      return stop(
        block.length < blockSize ? 'truncated' : 'malformed',
        at,
        'the archive breaks off where a header should be',
      );
    }
    const described: Extended = 'xgXLK'.includes(header.type) ? {} : { ...global, ...extended };
    const size = described.size === undefined ? header.size : described.size;
    if (size === null) return stop('malformed', at, 'an entry has a size that no file can have');
    const dataOffset = at + blockSize;
    switch (header.type) {
      case 'x':
      case 'X':
        extended = { ...extended, ...readPax(source, dataOffset, size) };
        break;
      case 'g':
        global = { ...global, ...readPax(source, dataOffset, size) };
        break;
      case 'L':
        extended = { ...extended, name: longText(source, dataOffset, size) };
        break;
      case 'K':
        extended = { ...extended, target: longText(source, dataOffset, size) };
        break;
      default:
        entries.push(entryOf(source, header, described, at, size));
        extended = {};
    }
    if ('xgXLK'.includes(header.type) && size > extendedBytes) {
      return stop('limit-memory', at, `an extended header is longer than ${extendedBytes} bytes`);
    }
    const length = 'xgXLK'.includes(header.type) ? size : dataLength(entries.at(-1)!, dataOffset);
    if (dataOffset + length > source.size) return stop('truncated', source.size, 'the file ends inside an entry');
    at = dataOffset + Math.ceil(length / blockSize) * blockSize;
  }
  if (Object.keys(extended).length > 0)
    return stop('truncated', source.size, 'the archive ends behind the description of an entry, before the entry');
  return listing(source.size);
}

interface Extended {
  name?: string;
  target?: string;
  size?: number | null;
  /** Records of GNU tar about a file with holes. */
  sparse?: [key: string, value: string][];
}

function readPax(source: ByteSource, position: number, size: number): Extended {
  const records = parsePax(source.read(position, Math.min(size, extendedBytes)));
  const extended: Extended = {};
  const last = (key: string): string | undefined => records.findLast(([name]) => name === key)?.[1];
  const path = last('GNU.sparse.name') ?? last('path');
  const target = last('linkpath');
  const recorded = last('size');
  const sparse = records.filter(([key]) => key.startsWith('GNU.sparse.'));
  if (sparse.length > 0) extended.sparse = sparse;
  if (path !== undefined) extended.name = path;
  if (target !== undefined) extended.target = target;
  if (recorded !== undefined) {
    const value = /^\d+$/.test(recorded) ? Number(recorded) : NaN;
    extended.size = Number.isSafeInteger(value) ? value : null;
  }
  return extended;
}

function longText(source: ByteSource, position: number, size: number): string {
  const bytes = source.read(position, Math.min(size, extendedBytes));
  const end = bytes.indexOf(0);
  return decode(end < 0 ? bytes : bytes.subarray(0, end));
}

const kinds: Record<string, TarEntry['kind']> = {
  '1': 'hard-link',
  '2': 'symbolic-link',
  '3': 'device',
  '4': 'device',
  '5': 'folder',
  '6': 'device',
  S: 'sparse',
};

function entryOf(source: ByteSource, header: TarHeader, extended: Extended, offset: number, size: number): TarEntry {
  const dataOffset = offset + blockSize;
  const name = extended.name ?? header.name;
  const kind = kinds[header.type] ?? (name.endsWith('/') ? 'folder' : 'file');
  const target = kind === 'hard-link' || kind === 'symbolic-link' ? (extended.target ?? header.linkName) : '';
  const own = { name, offset, dataOffset, compressedSize: size, size, method: 0, target };
  const isOld = kind === 'sparse';
  if (!isOld && (kind !== 'file' || extended.sparse === undefined)) return { ...own, kind, sparse: null };
  const sparse = isOld
    ? oldSparseMap(source, source.read(offset, blockSize).slice(), dataOffset)
    : paxSparseMap(source, extended.sparse ?? [], dataOffset);
  // In the old form the blocks that continue the map are not counted in the size.
  const before = isOld && sparse ? sparse.dataOffset - dataOffset : 0;
  return { ...own, kind: 'sparse', dataOffset: dataOffset + before, sparse };
}

/** Only files have data, whatever their size says: so Python's tarfile and GNU tar go on. */
const dataLength = (entry: TarEntry, from: number): number =>
  entry.kind === 'file' || entry.kind === 'sparse' ? entry.dataOffset - from + entry.size : 0;

function skipZeros(source: ByteSource, from: number): number {
  const limit = Math.min(source.size, from + paddingSearched);
  let at = from;
  while (at < limit && isZero(source, at, blockSize)) at += blockSize;
  return Math.min(at, source.size);
}

function nameAnomalies(entries: TarEntry[]): ArchiveAnomaly[] {
  const anomalies: ArchiveAnomaly[] = [];
  const names = new Set<string>();
  for (const { name, offset, kind, target } of entries) {
    const add = (code: ArchiveAnomaly['code'], message: string): void => {
      anomalies.push({ code, name, offset, message });
    };
    const escape = escapes(name);
    if (escape) add('escaping-name', `an entry ${escape}`);
    if (kind === 'hard-link' || kind === 'symbolic-link') {
      if (linkEscapes(name, target, kind === 'hard-link' ? 'hard' : 'symbolic')) {
        add('link', `a link points to ${JSON.stringify(target.slice(0, 200))}, out of the folder it is unpacked to`);
      }
    }
    if (kind === 'device') add('link', 'an entry makes a device or a pipe when it is unpacked');
    if (kind !== 'folder') {
      if (names.has(name))
        add('duplicate-name', 'an entry has the name of an earlier entry; the last one unpacked stays');
      names.add(name);
    }
  }
  return anomalies;
}
