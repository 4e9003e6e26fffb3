import { hashOf, mixed } from './tokens.ts';

/** Minima of a signature, and how they are grouped: rows of which all four of a band agree are compared. */
const bins = 64;
const band = 4;
const bands = bins / band;
const shingle = 3;

/**
 * What a text is like, by one-permutation MinHash over runs of three words, empty bins taking over from the next (Shrivastava and Li 2014).
 * The share of bins that two texts have in common estimates how much of their words they share (Jaccard).
 * @returns null for a text of fewer than three words.
 */
export function signatureOf(tokens: readonly string[]): Uint32Array | null {
  if (tokens.length < shingle) return null;
  const minima = new Uint32Array(bins).fill(0xffffffff);
  let filled = 0;
  let before = hashOf(tokens[0] ?? '');
  let middle = hashOf(tokens[1] ?? '');
  for (let at = shingle - 1; at < tokens.length; at++) {
    const here = hashOf(tokens[at] ?? '');
    const hash = mixed(Math.imul(mixed(Math.imul(before, 0x9e3779b1) + middle), 0x85ebca6b) + here);
    const bin = hash & (bins - 1);
    const value = (hash >>> 6) | 0;
    if (minima[bin] === 0xffffffff) filled++;
    if (value < minima[bin]!) minima[bin] = value;
    before = middle;
    middle = here;
  }
  if (filled < bins) {
    const own = minima.slice();
    for (let bin = 0; bin < bins; bin++) {
      for (let step = 1; own[(bin + step - 1) % bins] === 0xffffffff && step < bins; step++) {
        const other = own[(bin + step) % bins]!;
        if (other !== 0xffffffff) minima[bin] = mixed(other + Math.imul(step, 0x9e3779b1)) >>> 6;
      }
    }
  }
  return minima;
}

/** A hash for each band: texts that share one are likely to be nearly the same. */
export function bandHashes(signature: Uint32Array): Uint32Array {
  const hashes = new Uint32Array(bands);
  for (let at = 0; at < bands; at++) {
    let hash = at + 1;
    for (let row = 0; row < band; row++) hash = mixed(Math.imul(hash, 0x9e3779b1) + signature[at * band + row]!);
    hashes[at] = hash;
  }
  return hashes;
}

/** The share of words, about, that two texts have in common. */
export function similarity(left: Uint32Array, right: Uint32Array): number {
  let same = 0;
  for (let bin = 0; bin < bins; bin++) if (left[bin] === right[bin]) same++;
  return same / bins;
}
