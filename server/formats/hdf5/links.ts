import type { ByteSource } from '../source.ts';
import { Hdf5Break, type Block, type Hdf5Sizes } from './block.ts';
import { FractalHeap, LocalHeap } from './heaps.ts';
import { messageTypes, type HeaderMessage } from './objectHeader.ts';
import { symbolEntries, treeRecords } from './trees.ts';

/** One member of a group. */
export type Hdf5Link = { name: string; position: number } & (
  | { kind: 'hard'; address: number }
  | { kind: 'soft'; target: string }
  | { kind: 'external'; file: string; target: string }
  | { kind: 'other' }
);

/** The members of a group in whichever form they are stored. */
export function* linksOf(source: ByteSource, messages: HeaderMessage[], sizes: Hdf5Sizes): Generator<Hdf5Link> {
  for (const { type, body } of messages) {
    if (type === messageTypes.link) yield readLink(body);
    else if (type === messageTypes.symbolTable) yield* symbolLinks(source, body, sizes);
    else if (type === messageTypes.linkInfo) yield* denseLinks(source, body, sizes);
  }
}

function* symbolLinks(source: ByteSource, body: Block, sizes: Hdf5Sizes): Generator<Hdf5Link> {
  const tree = body.address();
  const heap = new LocalHeap(source, body.address(), sizes);
  for (const { nameOffset, address, soft, position } of symbolEntries(source, tree, sizes)) {
    const name = heap.text(nameOffset);
    if (soft === null) yield { name, position, kind: 'hard', address };
    else yield { name, position, kind: 'soft', target: heap.text(soft) };
  }
}

/** Link Info message: many links stand in a fractal heap, found through an index by name. */
function* denseLinks(source: ByteSource, body: Block, sizes: Hdf5Sizes): Generator<Hdf5Link> {
  body.skip(1);
  if (body.u8() & 1) body.skip(8);
  const heapAddress = body.address();
  const index = body.address();
  if (!Number.isFinite(heapAddress) || !Number.isFinite(index)) return;
  const heap = new FractalHeap(source, heapAddress, sizes);
  for (const record of treeRecords(source, index, sizes)) {
    record.skip(4);
    yield readLink(heap.object(record.part(Math.min(heap.idLength, record.left))));
  }
}

/** IV.A.2.g "The Link Message". */
function readLink(body: Block): Hdf5Link {
  const position = body.start;
  const version = body.u8();
  if (version !== 1) throw new Hdf5Break('unsupported', position, `a link has version ${version}`);
  const flags = body.u8();
  const type = flags & 8 ? body.u8() : 0;
  if (flags & 4) body.skip(8);
  if (flags & 0x10) body.skip(1);
  const name = body.text(body.number(1 << (flags & 3)));
  if (type === 0) return { name, position, kind: 'hard', address: body.address() };
  const value = body.part(Math.min(body.u16(), body.left));
  if (type === 1) return { name, position, kind: 'soft', target: value.text(value.left) };
  if (type !== 64) return { name, position, kind: 'other' };
  value.skip(1);
  return { name, position, kind: 'external', file: value.cString(), target: value.cString() };
}
