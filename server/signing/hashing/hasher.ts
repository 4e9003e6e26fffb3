import { createHash, getHashes } from 'node:crypto';
import { WeighbridgeError } from '../../errors.ts';
import type { HashType } from '../contract.ts';
import { Blake3 } from './blake3.ts';
import { UnixLinesMd5 } from './unixLines.ts';

/** What files are hashed by: the algorithms of signatures, and those by which registers know data. `md5-dos2unix` is DVC's before 3.0. */
export type FileHash = HashType | 'md5' | 'md5-dos2unix' | 'sha1' | 'sha512';

/** Takes bytes in pieces, and gives their digest in hexadecimal. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): string;
}

/** @throws {WeighbridgeError} `refused` where the runtime does not have it: BoringSSL (VS Code's) has no BLAKE2b. */
export function hasherOf(algorithm: FileHash): Hasher {
  if (algorithm === 'blake3') return new Blake3();
  if (algorithm === 'md5-dos2unix') return new UnixLinesMd5();
  const name = algorithm === 'blake2b' ? 'blake2b512' : algorithm;
  if (name === 'blake2b512' && !getHashes().includes(name)) {
    throw new WeighbridgeError(
      'refused',
      'This runtime cannot compute BLAKE2b: run "weighbridge verify" on the command line.',
    );
  }
  const hash = createHash(name);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
}
