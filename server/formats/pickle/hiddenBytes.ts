import { expand } from '../compression/expand.ts';
import { bzip2, gzip, xz, zlib, type StreamFormat } from '../compression/streams.ts';
import { Budget, defaultLimits } from '../limits.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { isPickle, probePickle } from './probe.ts';

/** Compressed bytes that are looked at, and what they may expand to, to see whether a pickle is in them. */
const compressedLookedAt = 256 << 10;
const expandedLookedAt = 64 << 10;
/** Compression inside compression that is followed. */
const deepest = 2;

/**
 * Whether bytes of which nothing is known may give a loader something to run: they begin like a pickle or an archive, or
 * are compressed and expand to such bytes. Compressed bytes that do not expand are data that begins like them.
 */
export function mayHoldPickle(content: ByteSource, depth = 0): boolean {
  const head = content.read(0, 6);
  const starts = (...bytes: number[]) => bytes.every((byte, index) => head[index] === byte);
  if (starts(0x80) && head[1] !== undefined && head[1] <= 5) return true;
  if (starts(0x50, 0x4b, 3, 4) || starts(0x37, 0x7a, 0xbc, 0xaf)) return true;
  const stream = streamOf(content, starts);
  if (stream !== null && depth < deepest) {
    const expanded = beginning(content, stream);
    if (expanded.size > 0 && (isTar(expanded) || mayHoldPickle(expanded, depth + 1))) return true;
  }
  return isPickle(probePickle(content));
}

function streamOf(content: ByteSource, starts: (...bytes: number[]) => boolean): StreamFormat | null {
  if (starts(0x1f, 0x8b)) return gzip;
  if (starts(0x42, 0x5a, 0x68)) return bzip2;
  if (starts(0xfd, 0x37, 0x7a)) return xz;
  return starts(0x78) && zlib.begins(content, 0) ? zlib : null;
}

/** The first of what a stream expands to; empty when it is none. */
function beginning(content: ByteSource, stream: StreamFormat): ByteSource {
  const budget = new Budget({ ...defaultLimits, expandedBytes: expandedLookedAt, timeMs: 1_000 });
  const compressed = new SliceSource(content, 0, Math.min(content.size, compressedLookedAt));
  return expand(compressed, budget, (input, output, state) => void stream.decode(input, output, state)).content;
}

const isTar = (content: ByteSource): boolean => Buffer.from(content.read(257, 5)).toString('latin1') === 'ustar';
