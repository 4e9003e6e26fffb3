import { SeededRandom } from '../seededRandom.ts';
import { crossEntropy } from '../statistics.ts';
import type { TextClassifier } from './textClassifier.ts';
import { withTokens } from './tokenSearch.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Which tokens did most by themselves, by class, best first; found without gradients. */
export interface Screened {
  best: Map<number, number[]>;
  /** Tokens that were tried. */
  tried: number;
}

/** Texts on which each token is tried, and tokens of them: short ones run faster, and a token weighs more in them. */
const texts = 8;
const longestText = 24;
const kept = 64;

/**
 * Puts each token of the vocabulary, in random order, in front of a few texts: one run tells of all classes. What a model without gradients has instead.
 * @param options `spent` gives how much of the time is used up, from 0 to 1: the screening takes half of it.
 */
export async function screenTokens(
  classifier: TextClassifier,
  vocabulary: Vocabulary,
  samples: readonly (readonly number[])[],
  predicted: ArrayLike<number>,
  options: { seed: number; spent: () => number; onTried: (done: number, total: number) => void },
): Promise<Screened> {
  const random = new SeededRandom(options.seed + 32452843);
  const chosen = spreadOver(samples, predicted, random);
  const rows = chosen.map((index) => samples[index]!.slice(0, longestText));
  const { usable } = vocabulary;
  const order = random.permutation(usable.length);
  const losses = Array.from({ length: classifier.classes }, () => new Map<number, number>());
  const atOnce = Math.max(1, Math.floor((8 * classifier.batch) / rows.length));
  let tried = 0;
  while (tried < order.length && (tried === 0 || options.spent() < 0.5)) {
    const tokens = order.slice(tried, tried + atOnce).map((index) => usable[index]!);
    const scores = await classifier.scores(
      tokens.flatMap((token) => withTokens(classifier, vocabulary, rows, [token])),
    );
    tokens.forEach((token, at) => {
      for (let target = 0; target < classifier.classes; target++) {
        let sum = 0;
        let count = 0;
        for (let row = 0; row < rows.length; row++) {
          if (predicted[chosen[row]!] === target) continue;
          sum += crossEntropy(scores, classifier.classes, at * rows.length + row, target);
          count++;
        }
        if (count > 0) losses[target]!.set(token, sum / count);
      }
    });
    tried += tokens.length;
    options.onTried(tried, order.length);
  }
  const best = new Map(
    losses.map((of, target) => [
      target,
      [...of]
        .sort((a, b) => a[1] - b[1])
        .slice(0, kept)
        .map(([token]) => token),
    ]),
  );
  return { best, tried };
}

/** Texts of as many classes as there are, in turn. */
function spreadOver(
  samples: readonly (readonly number[])[],
  predicted: ArrayLike<number>,
  random: SeededRandom,
): number[] {
  const byClass = new Map<number, number[]>();
  for (const index of random.permutation(samples.length)) {
    const label = predicted[index]!;
    byClass.set(label, [...(byClass.get(label) ?? []), index]);
  }
  const chosen: number[] = [];
  for (let round = 0; chosen.length < Math.min(texts, samples.length); round++)
    for (const own of byClass.values()) {
      const index = own[round];
      if (index !== undefined && chosen.length < texts) chosen.push(index);
    }
  return chosen;
}
