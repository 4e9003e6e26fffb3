import type { ByteSource } from '../source.ts';
import type { Block } from './block.ts';
import { Hdf5Break, type Hdf5Sizes } from './block.ts';
import { readDataspace, readDatatype, type Hdf5Type } from './datatype.ts';
import { FractalHeap, globalHeapObject } from './heaps.ts';
import { messageTypes, readObjectHeader, sharedAddress, type HeaderMessage } from './objectHeader.ts';
import { treeRecords } from './trees.ts';

export interface Hdf5Attribute {
  name: string;
  type: Hdf5Type;
  shape: number[];
  /** The elements as they stand. */
  data: Block;
}

/** The attributes of an object, in whichever form they are stored. */
export function* attributesOf(
  source: ByteSource,
  messages: HeaderMessage[],
  sizes: Hdf5Sizes,
): Generator<Hdf5Attribute> {
  for (const { type, body, shared } of messages) {
    if (type === messageTypes.attribute) {
      if (shared) throw new Hdf5Break('unsupported', body.start, 'an attribute is shared between objects');
      yield readAttribute(source, body, sizes);
    } else if (type === messageTypes.attributeInfo) {
      body.skip(1);
      if (body.u8() & 1) body.skip(2);
      const heapAddress = body.address();
      const index = body.address();
      if (!Number.isFinite(heapAddress) || !Number.isFinite(index)) continue;
      const heap = new FractalHeap(source, heapAddress, sizes);
      for (const record of treeRecords(source, index, sizes))
        yield readAttribute(source, heap.object(record.part(Math.min(heap.idLength, record.left))), sizes);
    }
  }
}

/** IV.A.2.m "The Attribute Message". */
function readAttribute(source: ByteSource, body: Block, sizes: Hdf5Sizes): Hdf5Attribute {
  const version = body.u8();
  if (version < 1 || version > 3) throw new Hdf5Break('unsupported', body.start, `an attribute has version ${version}`);
  const flags = body.u8();
  const [nameSize, typeSize, spaceSize] = [body.u16(), body.u16(), body.u16()];
  if (version === 3) body.skip(1);
  const padded = (size: number): number => (version === 1 ? Math.ceil(size / 8) * 8 : size);
  const name = body.part(padded(nameSize)).cString();
  const typeBody = body.part(padded(typeSize));
  const spaceBody = body.part(padded(spaceSize));
  const type = version > 1 && flags & 1 ? committedType(source, typeBody, sizes) : readDatatype(typeBody);
  const shape = spaceBody.left >= 4 ? readDataspace(spaceBody) : [];
  return { name, type, shape, data: body.part(body.left) };
}

/** A type that is an object of its own. */
export function committedType(source: ByteSource, body: Block, sizes: Hdf5Sizes): Hdf5Type {
  const address = sharedAddress(body);
  const message =
    address === null
      ? undefined
      : readObjectHeader(source, address, sizes).find(({ type, shared }) => type === messageTypes.datatype && !shared);
  if (!message) throw new Hdf5Break('unsupported', body.start, 'a type stands where it cannot be read');
  return readDatatype(message.body);
}

/** Strings of one attribute that are read. */
const mostStrings = 10_000;

/** The strings of an attribute with the place of each. */
export function stringsOf(source: ByteSource, attribute: Hdf5Attribute, sizes: Hdf5Sizes): Block[] {
  const { type, shape, data } = attribute;
  if (!type.string) return [];
  const count = Math.min(
    mostStrings,
    shape.reduce((product, size) => product * size, 1),
  );
  const strings: Block[] = [];
  for (let index = 0; index < count && data.left >= type.size && type.size > 0; index++) {
    if (!type.variable) {
      strings.push(data.part(type.size));
      continue;
    }
    const element = data.part(type.size);
    const length = element.u32();
    const address = element.address();
    const object = element.u32();
    if (length === 0 || !Number.isFinite(address) || address === sizes.base) continue;
    const found = globalHeapObject(source, address, object, sizes);
    strings.push(found.part(Math.min(length, found.left)));
  }
  return strings;
}
