import type { ByteSource } from '../source.ts';
import { centralSignature, endSignature, readCentralRecord, readEndRecord, readSignature } from './records.ts';
import type { CentralRecord, EndRecord } from './records.ts';

/** An end record and the longest comment that can follow it, in bytes (APPNOTE.TXT section 4.3.16). */
const tailBytes = 22 + 0xffff;

/** More end records than this in one tail are decoys; the last ones win in every reader that we know. */
const endRecordsTried = 8;

/** Why a listing stopped early. */
export type Cut = 'limit-entries' | 'limit-memory' | 'limit-time';

/**
 * Bytes that the names in one view may take: ten thousand names of 64 KiB would be a memory bomb. Whoever allows millions
 * of entries (a conversion that was asked for) allows them names of a usual length.
 */
export const nameBytes = (entries: number): number => Math.max(16 << 20, 64 * entries);

/** Where a directory stands. */
export interface DirectoryExtent {
  start: number;
  /** The first byte after the last record. */
  end: number;
  /** What to add to recorded offsets: the length of whatever was put before the archive. */
  base: number;
}

export interface CentralDirectory extends DirectoryExtent {
  records: CentralRecord[];
}

/** Every end record in the tail, from the last to the first: readers disagree about which one counts. */
export function findEndRecords(source: ByteSource): EndRecord[] {
  const start = Math.max(0, source.size - tailBytes);
  const tail = Buffer.from(source.read(start, source.size - start));
  const found: EndRecord[] = [];
  let at = tail.length;
  while (found.length < endRecordsTried && at > 0) {
    at = tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1');
    if (at < 0) break;
    const record = readEndRecord(source, start + at);
    if (record) found.push(record);
  }
  return found;
}

/**
 * Where the directory of an end record may begin. Python's zipfile counts back from the end record and so tolerates a
 * prefix; PyTorch's miniz takes the recorded offset. Both are tried.
 */
export function directoryStarts(source: ByteSource, record: EndRecord): { start: number; base: number }[] {
  const counted = record.directoryEnd - record.directorySize;
  const starts = [{ start: counted, base: counted - record.directoryOffset }];
  if (record.directoryOffset !== counted) starts.push({ start: record.directoryOffset, base: 0 });
  return starts.filter(({ start }) => start >= 0 && readSignature(source, start) === centralSignature);
}

/** Reads records from `start` until something else stands there, or until `limit` of them have been read. */
export function readCentralRecords(
  source: ByteSource,
  start: number,
  base: number,
  limit: number,
): CentralDirectory & { cut: Cut | null } {
  const records: CentralRecord[] = [];
  let at = start;
  let names = 0;
  for (;;) {
    const record = readCentralRecord(source, at);
    if (!record) return { start, end: at, base, records, cut: null };
    if (records.length >= limit) return { start, end: at, base, records, cut: 'limit-entries' };
    names += record.name.length;
    if (names > nameBytes(limit)) return { start, end: at, base, records, cut: 'limit-memory' };
    records.push(record);
    at += record.length;
  }
}

/** The end of the end record that stands right after a directory found by walking, or the directory's own end. */
export function endAfter(source: ByteSource, directoryEnd: number): number {
  const zip64 = directoryEnd + 56 + 20;
  for (const at of [directoryEnd, zip64]) {
    if (readSignature(source, at) === endSignature) return readEndRecord(source, at)?.end ?? directoryEnd;
  }
  return directoryEnd;
}
