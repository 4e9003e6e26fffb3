import type { ByteSource } from '../source.ts';
import { Hdf5Break, type Block, type Hdf5Sizes } from './block.ts';
import { committedType } from './attributes.ts';
import { readDataspace, readDatatype, type Hdf5Type } from './datatype.ts';
import { globalHeapObject, LocalHeap } from './heaps.ts';
import { messageTypes, type HeaderMessage } from './objectHeader.ts';

export interface Hdf5Dataset {
  type: Hdf5Type;
  shape: number[];
  /** Where its bytes stand, when they stand in one piece in this file. */
  offset: number | null;
  /** Bytes that are stored, as the layout says; null where they are in chunks. */
  stored: number | null;
  externalFiles: { file: string; offset: number }[];
  virtualSources: { file: string; dataset: string; offset: number }[];
}

/** What a dataset is, by its messages; null when the object is none. */
export function readDataset(source: ByteSource, messages: HeaderMessage[], sizes: Hdf5Sizes): Hdf5Dataset | null {
  const find = (type: number): HeaderMessage | undefined => messages.find((message) => message.type === type);
  const layout = find(messageTypes.layout);
  const typeMessage = find(messageTypes.datatype);
  const space = find(messageTypes.dataspace);
  if (!layout || !typeMessage || !space) return null;
  const type = typeMessage.shared ? committedType(source, typeMessage.body, sizes) : readDatatype(typeMessage.body);
  const dataset: Hdf5Dataset = {
    type,
    shape: readDataspace(space.body),
    offset: null,
    stored: null,
    externalFiles: [],
    virtualSources: [],
  };
  const external = find(messageTypes.externalFiles);
  if (external) dataset.externalFiles = externalFiles(source, external.body, sizes);
  readLayout(source, layout.body, sizes, dataset);
  return dataset;
}

/** IV.A.2.i "The Data Layout Message". */
function readLayout(source: ByteSource, body: Block, sizes: Hdf5Sizes, dataset: Hdf5Dataset): void {
  const version = body.u8();
  if (version === 1 || version === 2) {
    body.skip(1);
    if (body.u8() !== 1) return;
    body.skip(5);
    const address = body.address();
    if (Number.isFinite(address)) dataset.offset = address;
    return;
  }
  if (version !== 3 && version !== 4 && version !== 5)
    throw new Hdf5Break('unsupported', body.start, `a data layout has version ${version}`);
  const layout = body.u8();
  if (layout === 0) {
    dataset.stored = body.u16();
    dataset.offset = body.position;
  } else if (layout === 1) {
    const address = body.address();
    dataset.stored = body.length();
    if (Number.isFinite(address)) dataset.offset = address;
  } else if (layout === 3) {
    dataset.virtualSources = virtualSources(source, body.address(), body.u32(), sizes);
  }
}

/** IV.A.2.h "The Data Storage - External Data Files Message". */
function externalFiles(source: ByteSource, body: Block, sizes: Hdf5Sizes): Hdf5Dataset['externalFiles'] {
  const offset = body.start;
  body.skip(6);
  const used = body.u16();
  const heap = new LocalHeap(source, body.address(), sizes);
  const files: Hdf5Dataset['externalFiles'] = [];
  for (let left = used; left > 0 && body.left >= 3 * sizes.length; left--) {
    const name = body.length();
    body.skip(2 * sizes.length);
    files.push({ file: heap.text(name), offset });
  }
  return files.length > 0 ? files : [{ file: '(no name)', offset }];
}

/** VII.D.1 "Version 0 of the Virtual Dataset Global Heap Block": files and datasets, each followed by two selections. */
function virtualSources(
  source: ByteSource,
  address: number,
  index: number,
  sizes: Hdf5Sizes,
): Hdf5Dataset['virtualSources'] {
  const block = globalHeapObject(source, address, index, sizes);
  const offset = block.start;
  const version = block.u8();
  const count = block.length();
  const sources: Hdf5Dataset['virtualSources'] = [];
  for (let left = Math.min(count, 1_000); left > 0 && block.left > 8; left--) {
    // Version 1 may share names between entries; what is shared has been seen.
    const flags = version === 0 ? 0 : block.u8();
    const file = flags & 4 ? '.' : flags & 1 ? (block.skip(sizes.length), sources[0]?.file ?? '.') : block.cString();
    const dataset = flags & 2 ? (block.skip(sizes.length), '') : block.cString();
    sources.push({ file, dataset, offset });
    if (!skipSelection(block) || !skipSelection(block)) break;
  }
  return sources.length > 0 ? sources : [{ file: '(unknown)', dataset: '', offset }];
}

/** VII.C "Dataspace selections"; false where its length cannot be told. */
function skipSelection(block: Block): boolean {
  if (block.left < 12) return false;
  const type = block.u32();
  const version = block.u32();
  if (type === 0 || type === 3) {
    block.skip(Math.min(8, block.left));
    return true;
  }
  if (version > 2 || block.left < 8) return false;
  block.skip(version === 1 ? 4 : 1);
  block.skip(Math.min(block.u32(), block.left));
  return true;
}
