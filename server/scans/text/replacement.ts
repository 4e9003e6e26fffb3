import { SeededRandom } from '../seededRandom.ts';
import { entropy, softmax } from '../statistics.ts';
import type { TextClassifier } from './textClassifier.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Neighbouring words that are kept at once, and stretches of them of one text at most. */
const keptWords = 3;
const mostStretches = 40;
/** Clean texts whose words take the place of the others. */
export const replacements = 8;

/**
 * STRIP for texts (Gao et al., IEEE TDSC 2021): words are replaced by words of clean texts, and what keeps its class all the same bears a trigger. Words at
 * random are what its authors replace; a trigger that is replaced itself decides nothing, and of small, sure models that found hardly any. Here each
 * stretch of three words is kept in turn while all others are replaced, and the stretch that holds on to a class most counts.
 * @returns by text the least entropy, in bits, of the mean of what the model says of the copies that keep a stretch.
 */
export async function replacementEntropies(
  classifier: TextClassifier,
  vocabulary: Vocabulary,
  texts: readonly string[],
  clean: readonly string[],
  seed: number,
  expired: () => boolean = () => false,
): Promise<number[]> {
  const random = new SeededRandom(seed);
  const fillers = clean.map(wordsOf).filter(({ length }) => length > 0);
  const entropies: number[] = [];
  for (const text of texts) {
    if (expired() || fillers.length === 0) break;
    const own = wordsOf(text).slice(0, classifier.length);
    const chosen = Array.from({ length: replacements }, () => fillers[random.below(fillers.length)]!);
    const rows: number[][] = [];
    for (const [from, to] of stretches(own.length)) {
      for (const filler of chosen) {
        const mixed = own.map((word, at) => (at >= from && at < to ? word : filler[at % filler.length]!));
        rows.push(vocabulary.framed(vocabulary.inner(mixed.join(' ')), classifier.length));
      }
    }
    const scores = await classifier.scores(rows);
    const step = replacements * classifier.classes;
    let least = Infinity;
    for (let from = 0; from < scores.length; from += step)
      least = Math.min(least, entropyOfMean(scores.subarray(from, from + step), classifier.classes));
    entropies.push(least);
  }
  return entropies;
}

/** Where stretches of a text's words begin and end: every three neighbours lie in one. */
export function stretches(words: number): [from: number, to: number][] {
  const step = Math.max(1, Math.ceil((words - keptWords + 1) / mostStretches));
  const size = keptWords + step - 1;
  const found: [number, number][] = [];
  for (let from = 0; from === 0 || from + size - step < words; from += step)
    found.push([from, Math.min(words, from + size)]);
  return found;
}

/** Entropy of the mean of softmax(scores) over rows. */
function entropyOfMean(scores: Float32Array, classes: number): number {
  const mean = Array.from({ length: classes }, () => 0);
  const count = scores.length / classes;
  for (let row = 0; row < count; row++) {
    softmax(scores.subarray(row * classes, (row + 1) * classes)).forEach((share, index) => {
      mean[index]! += share / count;
    });
  }
  return entropy(mean);
}

const wordsOf = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
