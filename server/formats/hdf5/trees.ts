import type { ByteSource } from '../source.ts';
import { Block, Hdf5Break, type Hdf5Sizes } from './block.ts';
import { bytesFor } from './heaps.ts';

/* HDF5 File Format Specification Version 3.0, III.A "B-trees", III.B "Group Symbol Table Nodes". */

/** What bounds a walk: nodes that name one another would go on for ever. */
const mostNodes = 200_000;

export interface SymbolEntry {
  nameOffset: number;
  address: number;
  /** Offset in the heap of a soft link's target; null for a hard link. */
  soft: number | null;
  position: number;
}

/** All entries of a group in the old form. */
export function symbolEntries(source: ByteSource, tree: number, sizes: Hdf5Sizes): SymbolEntry[] {
  const entries: SymbolEntry[] = [];
  const seen = new Set<number>();
  const pending = [tree];
  for (let address = pending.pop(); address !== undefined; address = pending.pop()) {
    if (seen.has(address)) continue;
    seen.add(address);
    if (seen.size > mostNodes) throw new Hdf5Break('limit-entries', address, 'a group has too many nodes');
    const head = Block.read(source, address, 8, sizes);
    if (head.bytes[0] === 0x53) {
      head.expect('SNOD');
      head.skip(2);
      const count = head.u16();
      const body = Block.read(source, address + 8, count * (2 * sizes.offset + 24), sizes);
      for (let left = count; left > 0; left--) entries.push(symbolEntry(body));
      continue;
    }
    head.expect('TREE');
    head.skip(2);
    const count = head.u16();
    const start = address + 8 + 2 * sizes.offset;
    const body = Block.read(source, start, count * (sizes.length + sizes.offset), sizes);
    const children: number[] = [];
    for (let left = count; left > 0; left--) {
      body.length();
      children.push(body.address());
    }
    pending.push(...children.reverse());
  }
  return entries;
}

function symbolEntry(body: Block): SymbolEntry {
  const { position } = body;
  const nameOffset = body.number(body.sizes.offset);
  const address = body.address();
  const cache = body.u32();
  body.skip(4);
  const soft = body.u32();
  body.skip(12);
  return { nameOffset, address, soft: cache === 2 ? soft : null, position };
}

/** The records of a version 2 B-tree, in order; each as a block of the record's size. */
export function treeRecords(source: ByteSource, address: number, sizes: Hdf5Sizes): Block[] {
  const head = Block.read(source, address, 16 + sizes.offset + 2 + sizes.length, sizes);
  head.expect('BTHD');
  head.skip(2);
  const nodeSize = head.u32();
  const recordSize = head.u16();
  const depth = head.u16();
  head.skip(2);
  const root = head.address();
  const rootCount = head.u16();
  if (recordSize === 0 || depth > 16) throw new Hdf5Break('malformed', address, 'an index is no tree');
  const shape = nodeShape(nodeSize, recordSize, depth, sizes);
  const records: Block[] = [];
  let nodes = 0;
  const walk = (at: number, count: number, level: number): void => {
    if (++nodes > mostNodes) throw new Hdf5Break('limit-entries', at, 'an index has too many nodes');
    const pointer = shape[level]?.pointer ?? 0;
    const length = 6 + count * recordSize + (level > 0 ? (count + 1) * pointer : 0);
    const node = Block.read(source, at, length, sizes);
    node.expect(level > 0 ? 'BTIN' : 'BTLF');
    node.skip(2);
    for (let left = count; left > 0; left--) records.push(node.part(recordSize));
    for (let left = level > 0 ? count + 1 : 0; left > 0; left--) {
      const child = node.address();
      const below = node.number(shape[level - 1]?.countBytes ?? 1);
      if (level > 1) node.skip(shape[level - 1]?.totalBytes ?? 0);
      walk(child, below, level - 1);
    }
  };
  if (Number.isFinite(root) && rootCount > 0) walk(root, rootCount, depth);
  return records;
}

/** By level from the leaves: how many bytes a pointer to the level below takes, and what counts of this level take. */
function nodeShape(nodeSize: number, recordSize: number, depth: number, sizes: Hdf5Sizes) {
  const most = Math.floor((nodeSize - 10) / recordSize);
  const levels = [{ pointer: 0, countBytes: bytesFor(most), totalBytes: 0, total: most }];
  for (let level = 1; level <= depth; level++) {
    const below = levels[level - 1] as (typeof levels)[number];
    const pointer = sizes.offset + below.countBytes + (level > 1 ? below.totalBytes : 0);
    const count = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    const total = (count + 1) * below.total + count;
    levels.push({ pointer, countBytes: bytesFor(count), totalBytes: bytesFor(total), total });
  }
  return levels;
}
