import type { ArchiveFacts } from '../facts.ts';
import type { ByteSource } from '../source.ts';
import { decodeBzip2Stream, type Bzip2State } from './bzip2.ts';
import type { ByteInput } from './byteInput.ts';
import { crc32 } from './crc32.ts';
import { StreamStop, type Expansion } from './expansion.ts';
import { inflate, type InflateState } from './inflate.ts';
import { decodeLzmaAlone, type RawLzmaState } from './lzma.ts';
import { decodeLz4Frame, type Lz4State } from './lz4.ts';
import { decodeXzStream, type XzState } from './xz.ts';
import { decodeZstdFrame, type ZstdState } from './zstd.ts';

/** One compressed format: how a stream of it begins, and how it is expanded. */
export interface StreamFormat {
  format: ArchiveFacts['format'];
  /**
   * Whether a stream begins at `position`. Asked after the end of a stream: files of several streams one after another
   * are read as one by Python's gzip, bz2 and lzma modules and by joblib.
   */
  begins(source: ByteSource, position: number): boolean;
  /**
   * Expands one stream, or the rest of it from a state that it gave to `Expansion.mark`, and leaves the input behind it.
   * Returns false when its checksum is wrong.
   * @throws {StreamStop} where the stream breaks or a limit is reached.
   */
  decode: (input: ByteInput, output: Expansion, state?: unknown) => boolean;
}

const starts = (source: ByteSource, position: number, ...bytes: number[]): boolean => {
  const head = source.read(position, bytes.length);
  return head.length === bytes.length && bytes.every((byte, index) => head[index] === byte);
};

const little32 = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

/** RFC 1952. */
export const gzip: StreamFormat = {
  format: 'gzip',
  begins: (source, position) => starts(source, position, 0x1f, 0x8b),
  decode(input, output, state) {
    if (state === undefined) skipGzipHeader(input);
    const start = output.length;
    output.startSum(crc32, 0);
    inflate(input, output, state as InflateState | undefined);
    const sum = output.endSum();
    const expected = little32(input.take(4));
    const size = little32(input.take(4));
    return sum === null || (sum === expected && (output.length - start) % 2 ** 32 === size);
  },
};

function skipGzipHeader(input: ByteInput): void {
  const header = input.take(10);
  if (header[0] !== 0x1f || header[1] !== 0x8b) throw new StreamStop('malformed', 'a gzip header is missing');
  if (header[2] !== 8) throw new StreamStop('unsupported', `gzip method ${header[2]} is not supported`);
  const flags = header[3]!;
  if (flags & 4) {
    const length = input.next() | (input.next() << 8);
    for (let left = length; left > 0; left--) input.next();
  }
  if (flags & 8) while (input.next() !== 0);
  if (flags & 16) while (input.next() !== 0);
  if (flags & 2) input.take(2);
}

/** RFC 1950. */
export const zlib: StreamFormat = {
  format: 'zlib',
  begins(source, position) {
    const head = source.read(position, 2);
    if (head.length < 2) return false;
    return (head[0]! & 15) === 8 && head[0]! >> 4 <= 7 && ((head[0]! << 8) | head[1]!) % 31 === 0;
  },
  decode(input, output, state) {
    if (state === undefined) skipZlibHeader(input);
    output.startSum(adler32, 1);
    inflate(input, output, state as InflateState | undefined);
    const sum = output.endSum();
    const expected = new DataView(input.take(4).buffer).getUint32(0);
    return sum === null || sum === expected;
  },
};

function skipZlibHeader(input: ByteInput): void {
  const [method, flags] = input.take(2);
  if ((method! & 15) !== 8 || ((method! << 8) | flags!) % 31 !== 0) {
    throw new StreamStop('malformed', 'a zlib header is missing');
  }
  if (flags! & 0x20) throw new StreamStop('unsupported', 'a zlib stream needs a dictionary that is not in the file');
}

function adler32(bytes: Uint8Array, seed: number): number {
  let a = seed & 0xffff;
  let b = seed >>> 16;
  // 5552 is the most sums that stay below 2^32 (zlib, adler32.c).
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + 5552);
    for (; from < to; from++) {
      a += bytes[from]!;
      b += a;
    }
    a %= 65521;
    b %= 65521;
  }
  return ((b << 16) | a) >>> 0;
}

export const bzip2: StreamFormat = {
  format: 'bzip2',
  begins: (source, position) => starts(source, position, 0x42, 0x5a, 0x68),
  decode: (input, output, state) => decodeBzip2Stream(input, output, state as Bzip2State | undefined),
};

export const xz: StreamFormat = {
  format: 'xz',
  begins: (source, position) => starts(source, position, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00),
  decode: (input, output, state) => decodeXzStream(input, output, state as XzState | undefined),
};

/** Frames that LZ4 and Zstandard have in common, and step over: 0x184D2A50 to 0x184D2A5F, and a length. */
function isSkippable(source: ByteSource, position: number): boolean {
  const head = source.read(position, 4);
  return head.length === 4 && head[0]! >> 4 === 5 && head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18;
}

const mostSkipped = 64;

/** The format of a file that begins with frames to be stepped over; null when nothing follows them. */
export function afterSkippable(source: ByteSource): 'zstd' | 'lz4' | null {
  let at = 0;
  for (let frames = 0; frames < mostSkipped && isSkippable(source, at); frames++) {
    const length = source.read(at + 4, 4).slice();
    if (length.length < 4) return null;
    at += 8 + little32(length);
  }
  if (at === 0) return null;
  return starts(source, at, 0x28, 0xb5, 0x2f, 0xfd)
    ? 'zstd'
    : starts(source, at, 0x04, 0x22, 0x4d, 0x18)
      ? 'lz4'
      : null;
}

export const lz4: StreamFormat = {
  format: 'lz4',
  begins: (source, position) => starts(source, position, 0x04, 0x22, 0x4d, 0x18) || isSkippable(source, position),
  decode: (input, output, state) => decodeLz4Frame(input, output, state as Lz4State | undefined),
};

export const zstd: StreamFormat = {
  format: 'zstd',
  begins: (source, position) => starts(source, position, 0x28, 0xb5, 0x2f, 0xfd) || isSkippable(source, position),
  decode: (input, output, state) => decodeZstdFrame(input, output, state as ZstdState | undefined),
};

export const lzma: StreamFormat = {
  format: 'lzma',
  begins(source, position) {
    const head = source.read(position, 13);
    // Properties below 225, and a size that is unknown or below 256 GiB: what liblzma's own detection asks for.
    return (
      head.length === 13 &&
      head[0]! < 225 &&
      (head.subarray(5).every((byte) => byte === 0xff) || (head[10]! < 64 && head[11] === 0 && head[12] === 0))
    );
  },
  decode(input, output, state) {
    decodeLzmaAlone(input, output, state as RawLzmaState | undefined);
    return true;
  },
};
