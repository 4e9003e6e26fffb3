import { closeSync, constants, fstatSync, openSync, readSync, type BigIntStats } from 'node:fs';
import { holeAt } from '../../files/holes.ts';
import { onDisk } from '../../files/diskPath.ts';
import type { DigestOutcome, DigestTask, SharedState } from './digestTask.ts';
import { hasherOf } from './hasher.ts';

/** Bytes a read; what stays in the processor's cache is hashed fastest (measured: 64 to 256 KiB). */
const blockSize = 128 * 1024;

/** What a file is, without reading it: which one, how long, when changed, in nanoseconds. */
export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino} ${dev}`;
}

/** Hashes files one after another through one buffer. */
export class FileDigester {
  /** Not from Node's pool: it lives as long as the worker. */
  readonly #block = Buffer.allocUnsafeSlow(blockSize);

  /** Reads a file to its end. A file that is replaced, grown, shortened or written to meanwhile has no digest. */
  digest(task: DigestTask, { stop, bytes }: SharedState): DigestOutcome {
    let descriptor: number;
    try {
      descriptor = openSync(onDisk(task.path), openFlags(task.followLink));
    } catch (error) {
      return failureOf(error);
    }
    try {
      const { size } = task;
      const digests: string[] = [];
      const hole = holeAt(task.path);
      for (let start = 0; start < size || (start === 0 && task.shardSize === null);) {
        const length = Math.min(task.shardSize ?? size, size - start);
        const hasher = hasherOf(task.algorithm);
        for (let at = 0; at < length;) {
          if (Atomics.load(stop, 0) !== 0) return { failure: 'cancelled' };
          const piece = this.#block.subarray(0, Math.min(blockSize, length - at));
          const count = hole ? hole(piece, start + at) : readSync(descriptor, piece, 0, piece.length, start + at);
          if (count === 0) return { failure: 'changed' };
          hasher.update(count === piece.length ? piece : piece.subarray(0, count));
          Atomics.add(bytes, 0, BigInt(count));
          at += count;
        }
        digests.push(hasher.digest());
        start += Math.max(length, 1);
      }
      // Who fetches has seen to it that all bytes are of one file.
      if (hole) return { digests };
      // The stamp is that of the file when it was found: one look proves that it was this file, and the same all the time.
      const stamp = stampOf(fstatSync(descriptor, { bigint: true }));
      return stamp === task.stamp ? { digests } : { failure: 'changed' };
    } catch (error) {
      return failureOf(error);
    } finally {
      closeSync(descriptor);
    }
  }
}

/** A file that turned into a link or a pipe since it was found is not followed, and not waited for. */
function openFlags(followLink: boolean): number {
  const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = constants as Partial<typeof constants> & typeof constants;
  return O_RDONLY | O_NONBLOCK | (followLink ? 0 : O_NOFOLLOW);
}

function failureOf(error: unknown): DigestOutcome {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR') return { failure: 'changed' };
  return { failure: 'unreadable', message };
}
