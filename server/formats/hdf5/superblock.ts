import type { ByteSource } from '../source.ts';
import { Block, Hdf5Break, type Hdf5Sizes } from './block.ts';

/** Where the objects of a file begin, and the sizes of its numbers. */
export interface Superblock {
  version: number;
  /** Position of the root group's object header. */
  root: number;
  sizes: Hdf5Sizes;
}

const widths = new Set([2, 4, 8]);

/**
 * Reads the superblock at 0, 512, 1024, 2048 and so on, versions 0 to 3.
 * Source: HDF5 File Format Specification Version 3.0, II.A.
 */
export function readSuperblock(source: ByteSource): Superblock {
  const unsized: Hdf5Sizes = { offset: 8, length: 8, base: 0 };
  for (let at = 0, tries = 0; at + 24 <= source.size && tries < 16; at = at === 0 ? 512 : at * 2, tries++) {
    const head = Block.read(source, at, Math.min(128, source.size - at), unsized);
    if (head.bytes[0] !== 0x89 || head.bytes[1] !== 0x48 || head.bytes[2] !== 0x44 || head.bytes[3] !== 0x46) continue;
    head.skip(8);
    const version = head.u8();
    if (version > 3) throw new Hdf5Break('unsupported', at + 8, `the superblock has version ${version}`);
    if (version < 2) head.skip(4);
    const sizes: Hdf5Sizes = { offset: head.u8(), length: head.u8(), base: 0 };
    if (!widths.has(sizes.offset) || !widths.has(sizes.length))
      throw new Hdf5Break(
        'malformed',
        at + 9,
        'the superblock gives numbers a size that they cannot have, so that no reader opens the file',
        false,
      );
    head.skip(version < 2 ? 1 + 4 + 4 + (version === 1 ? 4 : 0) : 1);
    const base = head.number(sizes.offset);
    // Writers differ in whether a user block is counted: the superblock's own place is what the library goes by.
    sizes.base = base === 0 ? at : base;
    const body = new Block(head.bytes.subarray(head.at), at + head.at, sizes);
    body.skip(sizes.offset * (version < 2 ? 3 : 2));
    if (version < 2) body.skip(sizes.offset);
    return { version, root: body.address(), sizes };
  }
  throw new Hdf5Break('malformed', 0, 'there is no superblock');
}
