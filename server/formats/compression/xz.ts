import type { ByteInput } from './byteInput.ts';
import { crc32 } from './crc32.ts';
import { StreamStop, type Expansion } from './expansion.ts';
import { LzmaState, RangeDecoder } from './lzma.ts';

/*
 * "The .xz File Format" 1.2.1 (tukaani.org), sections 2 to 4, and the LZMA2 chunks of liblzma's lzma2_decoder.c.
 */

const malformed = (what: string): StreamStop => new StreamStop('malformed', `the xz stream ${what}`);
const lzma2Filter = 0x21;

/** Bytes of the checksum after a block, by check id (section 2.1.1.2). */
const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64];

/** Expands one xz stream, header to footer; false when a block's CRC-32 is wrong (the other checks are not computed). */
export function decodeXzStream(input: ByteInput, output: Expansion): boolean {
  const header = input.take(12);
  const magic = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00];
  if (magic.some((byte, index) => header[index] !== byte)) throw malformed('has no header');
  const check = header[7]! & 15;
  let good = true;
  for (;;) {
    const headerSize = input.next();
    if (headerSize === 0) {
      skipIndexAndFooter(input);
      return good;
    }
    readBlockHeader(input.take(headerSize * 4 + 3));
    const dataStart = input.position;
    const start = output.length;
    decodeLzma2(input, output);
    while ((input.position - dataStart) % 4 !== 0) input.next();
    const recorded = input.take(checkSizes[check]!);
    if (check === 1 && new DataView(recorded.buffer).getUint32(0, true) !== crc32(output.bytes.subarray(start)))
      good = false;
  }
}

/** Checks that the only filter is LZMA2. `header` is the block header after its size byte. */
function readBlockHeader(header: Uint8Array): void {
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
  const filters = (flags & 3) + 1;
  const filter = number();
  if (filters > 1 || filter !== lzma2Filter) {
    throw new StreamStop('unsupported', 'an xz block uses a filter other than LZMA2, which is not supported');
  }
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

/** LZMA2: chunks that are stored, or LZMA with or without a reset of state and properties. */
export function decodeLzma2(input: ByteInput, output: Expansion): void {
  let state: LzmaState | null = null;
  let properties = 0;
  let dictionary = output.length;
  for (;;) {
    const control = input.next();
    if (control === 0) return;
    if (control === 1 || control >= 0xe0) dictionary = output.length;
    if (control < 0x80) {
      if (control > 2) throw malformed('has an undefined LZMA2 chunk');
      const size = (input.next() << 8) + input.next() + 1;
      for (let left = size; left > 0; left--) output.push(input.next());
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
