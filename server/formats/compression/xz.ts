import { undoX86 } from './bcj.ts';
import type { ByteInput } from './byteInput.ts';
import { crc32 } from './crc32.ts';
import { StreamStop, type Expansion } from './expansion.ts';
import { LzmaState, RangeDecoder } from './lzma.ts';

/*
 * "The .xz File Format" 1.2.1 (tukaani.org), sections 2 to 4, and the LZMA2 chunks of liblzma's lzma2_decoder.c.
 */

const malformed = (what: string): StreamStop => new StreamStop('malformed', `the xz stream ${what}`);
const deltaFilter = 0x03;
const x86Filter = 0x04;
const lzma2Filter = 0x21;

/** Bytes of a block that has further filters. */
const mostFiltered = 32 << 20;

/** Bytes of the checksum after a block, by check id (section 2.1.1.2). */
const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** Where a stream goes on: with another block, or with another chunk of one. */
export interface XzState {
  check: number;
  block: { dataStart: number; chunks: Lzma2State } | null;
}

/**
 * Expands one xz stream, or the rest of it, to its footer; false when a block's CRC-32 is wrong (the other checks are not
 * computed).
 */
export function decodeXzStream(input: ByteInput, output: Expansion, state?: XzState): boolean {
  const check = state?.check ?? readStreamHeader(input);
  let good = true;
  let block = state?.block ?? null;
  for (;;) {
    if (!block && output.length >= output.nextMark) output.mark(input.position, () => ({ check, block: null }));
    let dataStart = block?.dataStart ?? 0;
    if (block) decodeLzma2(input, output, block.chunks, (chunks) => ({ check, block: { dataStart, chunks } }));
    else {
      const headerSize = input.next();
      if (headerSize === 0) {
        skipIndexAndFooter(input);
        return good;
      }
      const filters = readBlockHeader(input.take(headerSize * 4 + 3));
      dataStart = input.position;
      if (check === 1) output.startSum(crc32, 0);
      const chunks = lzma2Start(output, filters.window);
      if (filters.others.length > 0) decodeFiltered(input, output, filters);
      else decodeLzma2(input, output, chunks, (later) => ({ check, block: { dataStart, chunks: later } }));
    }
    block = null;
    while ((input.position - dataStart) % 4 !== 0) input.next();
    const recorded = input.take(checkSizes[check]!);
    const sum = check === 1 ? output.endSum() : null;
    if (sum !== null && new DataView(recorded.buffer).getUint32(0, true) !== sum) good = false;
  }
}

/** Gives the id of the check. */
function readStreamHeader(input: ByteInput): number {
  const header = input.take(12);
  const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
  if (magic.some((byte, index) => header[index] !== byte)) throw malformed('has no header');
  return header[7]! & 15;
}

interface Filters {
  /** Before LZMA2, in the order in which they were applied. */
  others: { id: number; properties: Uint8Array }[];
  /** Size of the dictionary in bytes. */
  window: number;
}

/** `header` is the block header after its size byte. */
function readBlockHeader(header: Uint8Array): Filters {
  const flags = header[0]!;
  let at = 1;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = header[at++];
      if (byte === undefined) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed('has a block header that does not end');
  };
  if (flags & 0x40) number();
  if (flags & 0x80) number();
  const filters: Filters['others'] = [];
  for (let left = (flags & 3) + 1; left > 0; left--) {
    const id = number();
    const size = number();
    if (at + size > header.length) throw malformed('has a block header that does not end');
    filters.push({ id, properties: header.subarray(at, at + size) });
    at += size;
  }
  const last = filters.pop();
  const foreign = filters.find(({ id }) => id !== deltaFilter && id !== x86Filter);
  if (last?.id !== lzma2Filter || foreign !== undefined) {
    const id = (foreign ?? last)!.id.toString(16);
    throw new StreamStop('unsupported', `an xz block uses the filter ${id}, which is not supported`);
  }
  return { others: filters, window: lzma2Window(last.properties[0] ?? 0) };
}

/** The size of the dictionary, in bytes: two bits of mantissa over an exponent (section 5.3.1). */
export const lzma2Window = (bits: number): number =>
  bits >= 40 ? 2 ** 32 : (2 | (bits & 1)) * 2 ** ((bits >> 1) + 11);

/** A block under filters is expanded whole: they change what came out, and the dictionary is of what was before. */
function decodeFiltered(input: ByteInput, output: Expansion, filters: Filters): void {
  const inner = output.within(mostFiltered);
  let stop: StreamStop | null = null;
  try {
    decodeLzma2(input, inner, lzma2Start(inner, filters.window), () => null);
  } catch (error) {
    if (!(error instanceof StreamStop)) throw error;
    stop = error;
  }
  const { bytes } = inner;
  for (const { id, properties } of filters.others.reverse()) {
    if (id === x86Filter) undoX86(bytes);
    else undoDelta(bytes, (properties[0] ?? 0) + 1);
  }
  output.append(bytes);
  if (stop !== null) throw stop;
}

/** Section 5.3.3: each byte was written as the difference to the one `distance` before. */
function undoDelta(bytes: Uint8Array, distance: number): void {
  for (let at = distance; at < bytes.length; at++) bytes[at]! += bytes[at - distance]!;
}

/** The index only repeats sizes; it is walked to find the footer's end. */
function skipIndexAndFooter(input: ByteInput): void {
  const start = input.position - 1;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = input.next();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw malformed('has an index that cannot be read');
  };
  const records = number();
  for (let left = records; left > 0; left--) {
    number();
    number();
  }
  while ((input.position - start) % 4 !== 0) input.next();
  input.take(4);
  const footer = input.take(12);
  if (footer[10] !== 0x59 || footer[11] !== 0x5a) throw malformed('has no footer');
}

/** Between two chunks of LZMA2. */
export interface Lzma2State {
  lzma: LzmaState | null;
  properties: number;
  /** Where the dictionary begins in the content. */
  dictionary: number;
  /** The dictionary's size in bytes. */
  window: number;
}

/** The state at the beginning of a stream of chunks. */
export const lzma2Start = (output: Expansion, window: number): Lzma2State => ({
  lzma: null,
  properties: 0,
  dictionary: output.length,
  window,
});

/**
 * LZMA2, from a state: chunks that are stored, or LZMA with or without a reset of state and properties. `wrap` makes of
 * the state between two chunks what the caller needs to come back to it.
 */
export function decodeLzma2(
  input: ByteInput,
  output: Expansion,
  from: Lzma2State,
  wrap: (state: Lzma2State) => unknown,
): void {
  const { window } = from;
  let { properties, dictionary } = from;
  let state = from.lzma?.copy() ?? null;
  output.window = window;
  for (;;) {
    if (output.length >= output.nextMark) {
      output.mark(input.position, () => wrap({ lzma: state?.copy() ?? null, properties, dictionary, window }));
    }
    const control = input.next();
    if (control === 0) return;
    if (control === 1 || control >= 0xe0) dictionary = output.length;
    if (control < 0x80) {
      if (control > 2) throw malformed('has an undefined LZMA2 chunk');
      const size = (input.next() << 8) + input.next() + 1;
      input.pass(size, (bytes) => output.append(bytes));
      continue;
    }
    const size = ((control & 0x1f) << 16) + (input.next() << 8) + input.next() + 1;
    const packed = (input.next() << 8) + input.next() + 1;
    const reset = (control >> 5) & 3;
    if (reset >= 2) properties = input.next();
    if (reset >= 1) state = new LzmaState(properties);
    if (!state) throw malformed('has an LZMA2 chunk before any state');
    const chunkStart = input.position;
    const limit = output.length + size;
    if (state.decode(new RangeDecoder(input), output, dictionary, limit)) throw malformed('ends a chunk with a marker');
    if (input.position > chunkStart + packed) throw malformed('has a chunk that is longer than it says');
    input.seek(chunkStart + packed);
  }
}
