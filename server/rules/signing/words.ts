import type { CheckedSignature } from '../directory.ts';

/** `a`, `a and b`, `a, b, c and 4 more`. */
export function listed(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${(names.length - 3).toLocaleString('en')} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** `1 file`, `2 files` */
export function files(count: number): string {
  return count === 1 ? '1 file' : `${count.toLocaleString('en')} files`;
}

/** Who signed, in as few words as do: an identity, a subject, or the beginning of a key's hint. */
export function signerOf({ result }: CheckedSignature): string {
  const signer = result.signer ?? result.claimedSigner;
  if (signer === null) return 'an unnamed signer';
  if (result.method === 'key') return `the key ${signer.slice(0, 16)}`;
  return result.issuer === null ? signer : `${signer} (${result.issuer})`;
}
