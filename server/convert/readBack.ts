import { createHash } from 'node:crypto';
import { FileSource } from '../files/fileSource.ts';
import { compareCodePoints, type HeaderTensor } from './safetensorsHeader.ts';
import { digestBytes } from './tensorCopy.ts';

const chunkBytes = 4 << 20;

export interface ReadBackControl {
  /** Called between pieces with the bytes read so far; may throw to stop. Awaited, so that a cancel can arrive. */
  checked(bytes: number): Promise<void>;
}

/**
 * Reads a written file as any reader would (from the header in the file, not from what was meant to be written) and
 * compares every tensor with the source by SHA-256.
 * @returns what differs, in one clause, or null when all is as it should be.
 */
export async function differenceOnReadBack(
  path: string,
  tensors: readonly HeaderTensor[],
  digests: Buffer,
  control: ReadBackControl,
): Promise<string | null> {
  const file = new FileSource(path);
  try {
    const start = 8 + headerLength(file);
    const entries = readHeader(file, start);
    if (entries.length !== tensors.length) return 'the header does not list as many tensors';
    const expected = new Map(tensors.map((tensor, index) => [tensor.name, index]));
    const buffer = Buffer.allocUnsafe(chunkBytes);
    let end = 0;
    for (const entry of entries) {
      const index = expected.get(entry.name);
      if (index === undefined) return `an unexpected tensor ${JSON.stringify(entry.name)}`;
      const tensor = tensors[index]!;
      const [from, to] = entry.data_offsets;
      const same =
        entry.dtype === tensor.dtype && entry.shape.join() === tensor.shape.join() && to - from === tensor.bytes;
      if (!same || from !== end) return `the header's entry for ${JSON.stringify(entry.name)}`;
      end = to;
    }
    if (start + end !== file.size) return 'the length of the file';

    let filled = 0;
    let at = 0;
    let position = start;
    for (const entry of entries) {
      const hash = createHash('sha256');
      let left = entry.data_offsets[1] - entry.data_offsets[0];
      while (left > 0) {
        if (at === filled) {
          await control.checked(position - start);
          filled = file.readInto(buffer, position);
          if (filled === 0) return 'the length of the file';
          position += filled;
          at = 0;
        }
        const count = Math.min(left, filled - at);
        hash.update(buffer.subarray(at, at + count));
        at += count;
        left -= count;
      }
      const index = expected.get(entry.name)!;
      if (!hash.digest().equals(digests.subarray(index * digestBytes, (index + 1) * digestBytes))) {
        return `the bytes of ${JSON.stringify(entry.name)}`;
      }
    }
    await control.checked(end);
    return null;
  } finally {
    file.close();
  }
}

interface HeaderEntry {
  name: string;
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}

function headerLength(file: FileSource): number {
  const bytes = file.read(0, 8);
  return Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
}

/** The tensors of a header that we wrote ourselves a moment ago, in the order of their data. */
function readHeader(file: FileSource, start: number): HeaderEntry[] {
  const bytes = Buffer.alloc(start - 8);
  file.readInto(bytes, 8);
  const header = JSON.parse(bytes.toString('utf8')) as Record<string, Omit<HeaderEntry, 'name'>>;
  return Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => ({ name, ...entry }))
    .sort(
      (a, b) =>
        a.data_offsets[0] - b.data_offsets[0] ||
        a.data_offsets[1] - b.data_offsets[1] ||
        compareCodePoints(a.name, b.name),
    );
}
