import type { ByteInput } from './byteInput.ts';
import { StreamStop, type Expansion } from './expansion.ts';

/*
 * "LZ4 Frame Format Description" 1.6 and "LZ4 Block Format Description" of the lz4 repository.
 */

const malformed = (what: string): StreamStop => new StreamStop('malformed', `the LZ4 stream ${what}`);

const u32 = (input: ByteInput): number =>
  (input.next() | (input.next() << 8) | (input.next() << 16)) + input.next() * 2 ** 24;

export interface Lz4State {
  flags: number;
  /** Where the frame's content begins. */
  start: number;
}

/** Expands one frame, or the rest of it; its checksums (xxHash) are stepped over. */
export function decodeLz4Frame(input: ByteInput, output: Expansion, state?: Lz4State): boolean {
  const frame = state ?? readFrameHeader(input, output.length);
  if (frame === null) return true;
  const { flags, start } = frame;
  output.window = 64 << 10;
  for (;;) {
    if (output.length >= output.nextMark) output.mark(input.position, () => ({ flags, start }));
    output.tick();
    const size = u32(input);
    if (size === 0) break;
    const length = size % 2 ** 31;
    if (size >= 2 ** 31) input.pass(length, (bytes) => output.append(bytes));
    else decodeBlock(input, output, start, length);
    if (flags & 0x10) input.take(4);
  }
  if (flags & 4) input.take(4);
  return true;
}

/** Null for a frame that is stepped over. */
function readFrameHeader(input: ByteInput, start: number): Lz4State | null {
  const magic = u32(input);
  if (magic >>> 4 === 0x184d2a5) {
    const length = u32(input);
    input.seek(input.position + length);
    return null;
  }
  if (magic !== 0x184d2204) throw malformed('has no frame header');
  const flags = input.next();
  if (flags >> 6 !== 1) throw malformed('has a version that does not exist');
  input.next();
  if (flags & 8) input.take(8);
  if (flags & 1) throw new StreamStop('unsupported', 'an LZ4 stream needs a dictionary that is not in the file');
  input.next();
  return { flags, start };
}

function decodeBlock(input: ByteInput, output: Expansion, start: number, length: number): void {
  const end = input.position + length;
  while (input.position < end) {
    const token = input.next();
    input.pass(lengthOf(input, token >> 4), (bytes) => output.append(bytes));
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
