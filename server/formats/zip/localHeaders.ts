import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { nameBytes, type Cut } from './centralDirectory.ts';
import { centralSignature, describedFlag, descriptorSignature, localSignature, viewOf } from './records.ts';
import { endSignature, readLocalHeader, readSignature } from './records.ts';
import type { LocalHeader } from './records.ts';

const scanBlock = 64 * 1024;

/** How far to look for the first local header when nothing says where the archive begins, in bytes. */
const prefixSearched = 1 << 20;

export interface LocalWalk {
  /** By offset, ascending. */
  headers: LocalHeader[];
  /** Where a walk met a central directory. */
  directoryStarts: number[];
  /** The first byte after the last entry. */
  end: number;
  cut: Cut | null;
}

/**
 * Walks from local header to local header, as a reader without a central directory does, from each of `seeds`.
 * `known` gives the compressed sizes that the central directory has for a local header. Where the two views differ
 * both continuations are followed. One read an entry; data is skipped. `most` is how many headers are listed.
 */
export function walkLocalHeaders(
  source: ByteSource,
  seeds: number[],
  known: Map<number, number[]>,
  budget: Budget,
  most: number,
): LocalWalk {
  const seen = new Set<number>();
  const headers: LocalHeader[] = [];
  const directoryStarts: number[] = [];
  let end = 0;
  let names = 0;
  const walked = (cut: LocalWalk['cut']): LocalWalk => ({
    headers: headers.sort((a, b) => a.offset - b.offset),
    directoryStarts,
    end: Math.min(end, source.size),
    cut,
  });
  const pending = [...new Set(seeds)].sort((a, b) => b - a);
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    if (seen.has(at) || at >= source.size) continue;
    seen.add(at);
    if (budget.timeIsUp) return walked('limit-time');
    const header = readLocalHeader(source, at);
    if (!header) {
      if (readSignature(source, at) === centralSignature) directoryStarts.push(at);
      continue;
    }
    if (headers.length >= most) return walked('limit-entries');
    names += header.name.length;
    if (names > nameBytes(most)) return walked('limit-memory');
    headers.push(header);
    const described = (header.flags & describedFlag) !== 0;
    const sizes = new Set(known.get(at));
    if (!described || header.compressedSize > 0) sizes.add(header.compressedSize);
    else if (sizes.size === 0) {
      Object.assign(header, measure(source, header.dataOffset, budget));
      sizes.add(header.compressedSize);
    }
    for (const size of sizes) {
      const dataEnd = header.dataOffset + size;
      const next = described ? skipDescriptor(source, dataEnd) : dataEnd;
      end = Math.max(end, next);
      pending.push(next);
    }
  }
  return walked(null);
}

/** A data descriptor is 12, 16, 20 or 24 bytes long, and only what follows tells which (section 4.3.9). */
export function skipDescriptor(source: ByteSource, end: number): number {
  const follows = new Set([localSignature, centralSignature, endSignature]);
  for (const length of [16, 24, 12, 20]) {
    const next = end + length;
    if (next === source.size || follows.has(readSignature(source, next))) return next;
  }
  return end + (readSignature(source, end) === descriptorSignature ? 16 : 12);
}

type Measured = Pick<LocalHeader, 'crc32' | 'compressedSize' | 'size'>;

/** What only the descriptor after the data knows; without one, the data ends at the next record or at the file's end. */
function measure(source: ByteSource, start: number, budget: Budget): Measured {
  const upTo = (end: number): Measured => ({ crc32: 0, compressedSize: end - start, size: end - start });
  for (let at = start; at < source.size && !budget.timeIsUp; at += scanBlock) {
    // Blocks overlap by the rest of a descriptor that begins in the last byte.
    const block = Buffer.from(source.read(at, scanBlock + 15));
    const view = viewOf(block);
    for (let hit = block.indexOf('PK'); hit >= 0 && hit < scanBlock; hit = block.indexOf('PK', hit + 1)) {
      if (hit + 4 > block.length) break;
      const signature = view.getUint32(hit, true);
      if (signature === localSignature || signature === centralSignature) return upTo(at + hit);
      if (signature !== descriptorSignature || hit + 16 > block.length) continue;
      const compressedSize = view.getUint32(hit + 8, true);
      if (compressedSize !== at + hit - start) continue;
      return { crc32: view.getUint32(hit + 4, true), compressedSize, size: view.getUint32(hit + 12, true) };
    }
  }
  return upTo(source.size);
}

/** The first local header in the beginning of a file, or null. */
export function findFirstLocalHeader(source: ByteSource): number | null {
  for (let at = 0; at < Math.min(source.size, prefixSearched); at += scanBlock) {
    const hit = Buffer.from(source.read(at, scanBlock + 3)).indexOf('PK\x03\x04', 0, 'latin1');
    if (hit >= 0) return at + hit;
  }
  return null;
}
