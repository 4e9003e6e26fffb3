import { createHash } from 'node:crypto';
import type { ByteSource } from '../formats/source.ts';

const blockBytes = 1 << 20;

/**
 * SHA-256 of the content, in hexadecimal; null when it takes longer than `timeMs`.
 * @throws {Error} what the source throws.
 */
export function digestOf(source: ByteSource, timeMs: number): string | null {
  const deadline = performance.now() + timeMs;
  const hash = createHash('sha256');
  for (let at = 0; at < source.size; at += blockBytes) {
    if (performance.now() > deadline) return null;
    hash.update(source.read(at, blockBytes));
  }
  return hash.digest('hex');
}
