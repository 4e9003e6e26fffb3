import { hashOf, mixed, tokensOf } from '../poisoning/tokens.ts';
import { matrix, type Matrix } from '../../statistics/matrix.ts';

/** Dimensions: by Johnson and Lindenstrauss, enough to tell groups of a few rows among ten thousand apart. */
export const hashedDimensions = 64;
const frequencyBits = 18;
/** Characters of a text that are looked at: what is longer is told by its beginning. */
const longest = 8000;

/**
 * Texts as vectors without a model: hashed words, pairs of words and runs of four characters, weighed by how rare they are (TF-IDF), on random
 * axes of signs (Achlioptas 2003). Texts that share rare words lie close. Each vector is of length 1, or 0 for a text without words.
 */
export function hashedEmbedding(texts: readonly string[]): Matrix {
  // Ten thousand maps of some hundred entries take hundreds of megabytes; lists of numbers do not.
  const features = texts.map((text) => {
    const counts = featuresOf(text);
    return {
      hashes: Uint32Array.from(counts.keys()),
      counts: Uint16Array.from(counts.values(), (count) => Math.min(count, 0xffff)),
    };
  });
  const rowsWith = new Uint32Array(2 ** frequencyBits);
  const mask = 2 ** frequencyBits - 1;
  for (const { hashes } of features) for (const feature of hashes) rowsWith[feature & mask]!++;
  const result = matrix(texts.length, hashedDimensions);
  for (const [row, { hashes, counts }] of features.entries()) {
    const from = row * hashedDimensions;
    for (const [index, feature] of hashes.entries()) {
      const count = counts[index]!;
      const rarity = Math.log((1 + texts.length) / (1 + rowsWith[feature & mask]!));
      addSigned(result.values, from, feature, (1 + Math.log(count)) * rarity);
    }
    normalise(result.values, from, hashedDimensions);
  }
  return result;
}

function featuresOf(text: string): Map<number, number> {
  const counts = new Map<number, number>();
  const add = (hash: number): void => void counts.set(hash, (counts.get(hash) ?? 0) + 1);
  let before = 0;
  for (const token of tokensOf(text.length > longest ? text.slice(0, longest) : text)) {
    const here = hashOf(token);
    add(here);
    if (before !== 0) add(mixed(Math.imul(before, 0x9e3779b1) + here));
    before = here;
    for (let at = 0; at + 4 <= token.length; at++) add(mixed(hashOf(token.slice(at, at + 4)) ^ 0x51ed270b));
  }
  return counts;
}

/** The feature's own row of a random matrix of signs, taken from its hash. */
function addSigned(values: Float64Array, from: number, feature: number, weight: number): void {
  let bits = feature;
  for (let column = 0; column < hashedDimensions; column++) {
    if ((column & 31) === 0) bits = mixed(feature ^ (0x68bc21eb + column * 0x02e5be93));
    values[from + column]! += bits & 1 ? weight : -weight;
    bits >>>= 1;
  }
}

export function normalise(values: Float64Array, from: number, length: number): void {
  let sum = 0;
  for (let at = from; at < from + length; at++) sum += values[at]! * values[at]!;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  for (let at = from; at < from + length; at++) values[at]! *= scale;
}
