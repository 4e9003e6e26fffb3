import type { ByteSource } from '../source.ts';
import { Block, Hdf5Break, type Hdf5Sizes } from './block.ts';

/*
 * HDF5 File Format Specification Version 3.0, IV.A "Data Object Headers".
 */

export interface HeaderMessage {
  type: number;
  /** True when the body is a pointer to a message that stands elsewhere. */
  shared: boolean;
  body: Block;
}

/** Message types. */
export const messageTypes = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  symbolTable: 0x11,
  attributeInfo: 0x15,
} as const;

const mostMessages = 100_000;
const mostChunks = 10_000;

/** All messages of an object, continuation blocks followed. */
export function readObjectHeader(source: ByteSource, address: number, sizes: Hdf5Sizes): HeaderMessage[] {
  if (!Number.isFinite(address)) throw new Hdf5Break('malformed', 0, 'an object has no address');
  const first = Block.read(source, address, Math.min(64, Math.max(0, source.size - address)), sizes);
  return first.bytes[0] === 0x4f ? readVersion2(source, first, sizes) : readVersion1(source, first, sizes);
}

function readVersion1(source: ByteSource, head: Block, sizes: Hdf5Sizes): HeaderMessage[] {
  const version = head.u8();
  if (version !== 1) throw new Hdf5Break('unsupported', head.start, `an object header has version ${version}`);
  head.skip(7);
  const size = head.u32();
  const messages: HeaderMessage[] = [];
  const chunks = [Block.read(source, head.start + 16, size, sizes)];
  for (let chunk = chunks.shift(), read = 0; chunk; chunk = chunks.shift()) {
    if (++read > mostChunks) throw new Hdf5Break('malformed', chunk.start, 'an object header goes on without end');
    while (chunk.left >= 8) {
      const type = chunk.u16();
      const length = chunk.u16();
      const flags = chunk.u8();
      chunk.skip(3);
      add(
        messages,
        chunks,
        { type, shared: (flags & 2) !== 0, body: chunk.part(Math.min(length, chunk.left)) },
        source,
      );
    }
  }
  return messages;
}

function readVersion2(source: ByteSource, head: Block, sizes: Hdf5Sizes): HeaderMessage[] {
  head.expect('OHDR');
  const version = head.u8();
  if (version !== 2) throw new Hdf5Break('unsupported', head.start, `an object header has version ${version}`);
  const flags = head.u8();
  if (flags & 0x20) head.skip(16);
  if (flags & 0x10) head.skip(4);
  const size = head.number(1 << (flags & 3));
  const messages: HeaderMessage[] = [];
  const chunks = [Block.read(source, head.position, size, sizes)];
  const header = flags & 4 ? 6 : 4;
  for (let chunk = chunks.shift(), read = 0; chunk; chunk = chunks.shift()) {
    if (++read > mostChunks) throw new Hdf5Break('malformed', chunk.start, 'an object header goes on without end');
    // Continuation blocks have a signature before and a checksum behind their messages.
    if (read > 1) chunk.expect('OCHK');
    const end = read > 1 ? 4 : 0;
    while (chunk.left - end >= header) {
      const type = chunk.u8();
      const length = chunk.u16();
      const messageFlags = chunk.u8();
      if (flags & 4) chunk.skip(2);
      if (type === 0 && length === 0 && messageFlags === 0) continue;
      const body = chunk.part(Math.min(length, chunk.left - end));
      add(messages, chunks, { type, shared: (messageFlags & 2) !== 0, body }, source);
    }
  }
  return messages;
}

function add(messages: HeaderMessage[], chunks: Block[], message: HeaderMessage, source: ByteSource): void {
  const { type, body } = message;
  if (messages.length >= mostMessages)
    throw new Hdf5Break('limit-entries', body.start, 'an object has too many messages');
  if (type === messageTypes.continuation) {
    const address = body.address();
    chunks.push(Block.read(source, address, body.length(), body.sizes));
  } else if (type !== 0) messages.push(message);
}

/** Where the message that a shared one points to stands; null when it is in a heap of shared messages. */
export function sharedAddress(body: Block): number | null {
  const version = body.u8();
  const type = body.u8();
  if (version === 3 && type === 1) return null;
  if (version === 1) body.skip(6);
  return body.address();
}
