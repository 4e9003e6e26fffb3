import { createHash } from 'node:crypto';

/**
 * What content is known by (docs/decisions/0130-what-a-remote-file-is-known-by.md):
 * - its SHA-256 in hexadecimal, where we have read all of it;
 * - the SHA-256 that a server says it has, with the server: another server may say the same of other bytes;
 * - otherwise the object itself, at its address and in this version.
 */
export type ContentKey = string;

const hashed = /^[0-9a-f]{64}$/;

/** Whether a key is the digest of bytes that we have read. */
export function isHashed(key: ContentKey): boolean {
  return hashed.test(key);
}

/** @param origin of the server that says it, `https://HOST`. */
export function claimedKey(origin: string, sha256: string): ContentKey {
  return `${sha256} says ${origin}`;
}

/** @param stamp what changes when the object does. */
export function objectKey(origin: string, address: string, stamp: string): ContentKey {
  const digest = createHash('sha256')
    .update(JSON.stringify([origin, address, stamp]))
    .digest('hex');
  return `object ${digest}`;
}
