import type { ByteInput } from './byteInput.ts';
import { StreamStop, type Expansion } from './expansion.ts';

/*
 * "LZ4 Frame Format Description" 1.6 and "LZ4 Block Format Description" of the lz4 repository.
 */

const malformed = (what: string): StreamStop => new StreamStop('malformed', `the LZ4 stream ${what}`);

const u32 = (input: ByteInput): number =>
  (input.next() | (input.next() << 8) | (input.next() << 16)) + input.next() * 2 ** 24;

/** Expands one frame; its checksums (xxHash) are stepped over. */
export function decodeLz4Frame(input: ByteInput, output: Expansion): boolean {
  if (u32(input) !== 0x184d2204) throw malformed('has no frame header');
  const flags = input.next();
  if (flags >> 6 !== 1) throw malformed('has a version that does not exist');
  input.next();
  if (flags & 8) input.take(8);
  if (flags & 1) throw new StreamStop('unsupported', 'an LZ4 stream needs a dictionary that is not in the file');
  input.next();
  const start = output.length;
  for (;;) {
    const size = u32(input);
    if (size === 0) break;
    const length = size % 2 ** 31;
    if (size >= 2 ** 31) for (let left = length; left > 0; left--) output.push(input.next());
    else decodeBlock(input, output, start, length);
    if (flags & 0x10) input.take(4);
  }
  if (flags & 4) input.take(4);
  return true;
}

function decodeBlock(input: ByteInput, output: Expansion, start: number, length: number): void {
  const end = input.position + length;
  while (input.position < end) {
    const token = input.next();
    for (let left = lengthOf(input, token >> 4); left > 0; left--) output.push(input.next());
    if (input.position >= end) break;
    const distance = input.next() | (input.next() << 8);
    if (distance === 0 || distance > output.length - start) throw malformed('refers to bytes before the beginning');
    output.repeat(distance, lengthOf(input, token & 15) + 4);
  }
  if (input.position > end) throw malformed('has a block that is longer than it says');
}

function lengthOf(input: ByteInput, short: number): number {
  let length = short;
  if (short < 15) return length;
  for (;;) {
    const more = input.next();
    length += more;
    if (more < 255) return length;
  }
}
