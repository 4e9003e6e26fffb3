import type { HashType } from './contract.ts';

/** Characters of a digest in hexadecimal. */
export const digestLengths: Record<HashType, number> = { sha256: 64, blake2b: 128, blake3: 64 };

/** Whether a name is a path inside the model, written in the one way: relative, with `/`, nothing to resolve, Unicode. */
export function isCanonicalName(name: string): boolean {
  if (name === '' || /[\0\p{Cs}]/u.test(name)) return false;
  return name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The order of the specification: code points of the whole name, which is the order of its UTF-8 bytes. */
export function byCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The order of the reference client: folder by folder, so that `a/b` comes before `a-b`. */
export function byComponents(a: string, b: string): number {
  const left = a.split('/');
  const right = b.split('/');
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = byCodePoints(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
