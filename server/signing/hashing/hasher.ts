import { createHash, getHashes } from 'node:crypto';
import { WeighbridgeError } from '../../errors.ts';
import type { HashType } from '../contract.ts';
import { Blake3 } from './blake3.ts';

/** Takes bytes in pieces, and gives their digest in hexadecimal. */
export interface Hasher {
  update(bytes: Uint8Array): void;
  digest(): string;
}

/** @throws {WeighbridgeError} `refused` where the runtime does not have it: BoringSSL (VS Code's) has no BLAKE2b. */
export function hasherOf(algorithm: HashType): Hasher {
  if (algorithm === 'blake3') return new Blake3();
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
