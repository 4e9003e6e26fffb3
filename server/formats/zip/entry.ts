import { decodeBzip2Stream, type Bzip2State } from '../compression/bzip2.ts';
import type { ByteInput } from '../compression/byteInput.ts';
import { crc32 } from '../compression/crc32.ts';
import { expand } from '../compression/expand.ts';
import type { Expansion, StreamProblem } from '../compression/expansion.ts';
import { inflate, type InflateState } from '../compression/inflate.ts';
import { decodeRawLzma, type RawLzmaState } from '../compression/lzma.ts';
import { xz, zstd } from '../compression/streams.ts';
import type { Decoder } from '../compression/pagedSource.ts';
import type { Budget } from '../limits.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import type { ZipEntry } from './directory.ts';
import { encryptedFlags } from './entryAnomalies.ts';

/**
 * Stored entries up to this many bytes have their checksum compared. Longer ones are tensors nearly always, and reading
 * every tensor to scan a checkpoint would make its size the price of a scan; a conversion checks them all.
 */
const checksummedBytes = 64 << 10;
/** A pickle is read anyway. */
const checksummedPickleBytes = 4 << 20;

export interface OpenedEntry {
  /** The content, as much of it as there is; null when there is none to be had. */
  source: ByteSource | null;
  /** Why it is not all there. What `source` holds is good as far as it goes. */
  problem: StreamProblem | null;
  /** False when the content does not have the recorded checksum; null when it was not compared. */
  checksumMatches: boolean | null;
}

/**
 * The content of a ZIP entry: a window of `source` when it is stored, bytes in memory when it is compressed.
 * Encryption flags are ignored where the content is plain all the same, as loaders do.
 */
export function openZipEntry(source: ByteSource, entry: ZipEntry, budget: Budget): OpenedEntry {
  const failed = (code: StreamProblem['code'], message: string): OpenedEntry => ({
    source: null,
    problem: { code, offset: entry.offset, message, incomplete: !entry.twin },
    checksumMatches: null,
  });
  if (entry.dataOffset > source.size || (entry.inCentral && !entry.inLocal && !entry.twin)) {
    return failed('malformed', 'the entry has no local header, so its data cannot be found');
  }
  switch (entry.method) {
    case 0:
      return openStored(source, entry);
    case 8:
      return openCompressed(source, entry, budget, (input, output, state) =>
        inflate(input, output, state as InflateState | undefined),
      );
    case 12:
      return openCompressed(source, entry, budget, (input, output, state) =>
        decodeBzip2Stream(input, output, state as Bzip2State | undefined),
      );
    case 14:
      return openCompressed(source, entry, budget, (input, output, state) =>
        decodeZipLzma(input, output, entry, state),
      );
    case 93:
      return openCompressed(source, entry, budget, zstd.decode);
    case 95:
      return openCompressed(source, entry, budget, xz.decode);
    default:
      // A reader that ignores the method sees the bytes as they stand, so these are handed on.
      return {
        ...failed('unsupported', `compression method ${entry.method} is not supported`),
        source: new SliceSource(source, entry.dataOffset, entry.compressedSize),
      };
  }
}

function openStored(source: ByteSource, entry: ZipEntry): OpenedEntry {
  // Where the two sizes differ, readers differ in which one they use: the longer one covers both.
  const length = Math.max(entry.size, entry.compressedSize);
  const slice = new SliceSource(source, entry.dataOffset, length);
  let problem: StreamProblem | null = null;
  if (slice.size < length) {
    const message = 'the file ends inside the entry';
    problem = { code: 'truncated', offset: source.size, message, incomplete: true };
  }
  const most = /\.(pkl|pickle)$/i.test(entry.name) ? checksummedPickleBytes : checksummedBytes;
  const small = length === entry.size && slice.size === length && length <= most;
  const checksumMatches = small ? crc32(slice.read(0, length)) === entry.crc32 : null;
  // Traditional encryption puts 12 bytes before the data (APPNOTE.TXT section 6.1.3).
  const longer = entry.compressedSize === entry.size + 12;
  if ((entry.flags & encryptedFlags) !== 0 && (checksumMatches === false || longer)) problem = encrypted(entry);
  return { source: slice, problem, checksumMatches };
}

/** Method 14: a version, the length of the properties, the properties, and a raw stream (APPNOTE.TXT section 5.8.8). */
function decodeZipLzma(input: ByteInput, output: Expansion, entry: ZipEntry, state: unknown): void {
  if (state !== undefined) return decodeRawLzma(input, output, noProperties, null, state as RawLzmaState);
  const [, , low, high] = input.take(4);
  const properties = input.take(low! | (high! << 8));
  const marked = (entry.flags & 2) !== 0;
  decodeRawLzma(input, output, properties, marked ? null : entry.size);
}

const noProperties = new Uint8Array(0);

function openCompressed(source: ByteSource, entry: ZipEntry, budget: Budget, decode: Decoder): OpenedEntry {
  const slice = new SliceSource(source, entry.dataOffset, entry.compressedSize || entry.size);
  let sum: number | null = null;
  const { content, stop } = expand(slice, budget, (input, output, state) => {
    output.startSum(crc32, 0);
    decode(input, output, state);
    sum ??= output.endSum();
  });
  let problem: StreamProblem | null = null;
  if (stop) {
    const broken = stop.code === 'malformed' || stop.code === 'truncated';
    problem =
      broken && (entry.flags & encryptedFlags) !== 0
        ? encrypted(entry)
        : { code: stop.code, offset: entry.offset, message: stop.message, incomplete: !(broken && entry.twin) };
  }
  return {
    source: content,
    problem,
    checksumMatches: stop ? null : sum === entry.crc32,
  };
}

const encrypted = (entry: ZipEntry): StreamProblem => ({
  code: 'encrypted',
  offset: entry.offset,
  message: 'the entry is encrypted',
  incomplete: true,
});
