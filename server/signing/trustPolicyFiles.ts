import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { certificatesOf } from './certificatePem.ts';
import type { Trust } from './contract.ts';
import { readPublicKey } from './keys.ts';
import type { TrustEntry, TrustPolicy } from './trustPolicy.ts';

/** Keys, certificates and roots are a few kilobytes; what is longer is something else. */
const longest = 4 << 20;

/**
 * The signers of an entry as verification takes them, with their keys and certificates read.
 * @returns beside them what could not be read, one sentence each: such a signer is not trusted.
 */
export async function trustsOf(
  policy: TrustPolicy,
  entry: TrustEntry,
): Promise<{ trusts: Trust[]; unreadable: string[] }> {
  const unreadable: string[] = [];
  const read = async <T>(file: string, as: (text: string) => T): Promise<T | null> => {
    try {
      return as(await readText(file));
    } catch (error) {
      unreadable.push(
        error instanceof WeighbridgeError ? error.message.replace(/\.$/, '') : `${file} is not what it should be`,
      );
      return null;
    }
  };
  const trusts: Trust[] = [];
  const { keys, certificates, identities } = entry;
  for (const file of keys) {
    const publicKey = await read(file, (text) => (readPublicKey(text, file), text));
    if (publicKey !== null) trusts.push({ method: 'key', publicKey, name: basename(file) });
  }
  for (const { roots: file, pin } of certificates) {
    const root = await read(file, (text) => (certificatesOf(text, file), text));
    if (root !== null) trusts.push({ method: 'certificate', roots: [root], name: basename(file), pin });
  }
  if (identities.length > 0) {
    const json = (text: string) => JSON.parse(text) as unknown;
    const { trustedRoot, trustConfig } = policy;
    const own = {
      trustedRoot: trustedRoot === null ? undefined : await read(trustedRoot, json),
      trustConfig: trustConfig === null ? undefined : await read(trustConfig, json),
    };
    // A root of the team's own that cannot be read must not be replaced by the public one.
    if (own.trustedRoot !== null && own.trustConfig !== null) {
      for (const { identity, issuer } of identities) {
        trusts.push({
          method: 'sigstore',
          identity,
          issuer,
          offline: true,
          ...(own.trustedRoot === undefined ? {} : { trustedRoot: own.trustedRoot }),
          ...(own.trustConfig === undefined ? {} : { trustConfig: own.trustConfig }),
        });
      }
    }
  }
  return { trusts, unreadable };
}

/** @throws {WeighbridgeError} `not-found` or `unreadable`, naming the file. */
async function readText(file: string): Promise<string> {
  try {
    const found = await stat(file);
    // A device or a pipe could be read for ever.
    if (!found.isFile()) throw new WeighbridgeError('unreadable', `${file} is no file`);
    if (found.size > longest)
      throw new WeighbridgeError('unreadable', `${file} is too long for a key or a certificate`);
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeighbridgeError(
      missing ? 'not-found' : 'unreadable',
      `${file}, which the trust policy names, ${missing ? 'is not there' : 'cannot be read'}`,
      { cause },
    );
  }
}
