import type { Classifier } from '../classifier.ts';
import { sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import { SeededRandom } from '../seededRandom.ts';
import { entropy, quantile, softmax } from '../statistics.ts';

/** STRIP (Gao et al., ACSAC 2019): an input with a trigger keeps its class whatever is laid over it. */
export interface Strip {
  /** Pictures and numbers are overlaid; of texts, words are replaced. */
  how: 'overlay' | 'replacement';
  /** Share of clean inputs that the threshold rejects, as asked for. */
  falseRejectionRate: number;
  /** Mean entropy, in bits, below which an input is rejected. */
  threshold: number;
  /** Clean inputs that the threshold comes from: with few of them it is coarse. */
  cleanSamples: number;
  /** Mean entropies of the clean inputs. */
  entropies: number[];
  /** Of the inputs that were tested, by number. */
  flaggedSamples: number[];
  tested: { sample: number; entropy: number; flagged: boolean }[];
  /** Share of inputs with the trigger that Neural Cleanse found which the threshold lets pass; null when there is none. */
  recoveredTrigger: { class: number; entropies: number[]; acceptedRate: number } | null;
}

export interface StripOptions {
  seed: number;
  /** Pictures that are laid over each input; the authors take 100. */
  overlays: number;
  falseRejectionRate: number;
}

/**
 * Mean entropy of each input under overlays. The overlay is added and cut at the bounds, as in the authors' code; the average of both,
 * which others take, separates far worse.
 */
export async function overlayEntropies(
  classifier: Classifier,
  inputs: Float32Array,
  overlays: SampleSet,
  { seed, overlays: count }: Pick<StripOptions, 'seed' | 'overlays'>,
  expired: () => boolean = () => false,
): Promise<number[]> {
  const size = sampleSize(overlays);
  const random = new SeededRandom(seed);
  const entropies: number[] = [];
  for (let from = 0; from < inputs.length && !expired(); from += size) {
    const laid = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const other = random.below(overlays.count) * size;
      for (let at = 0; at < size; at++) {
        // From the bottom of the range up: adding two pictures is adding what is above black.
        const sum = inputs[from + at]! + overlays.x[other + at]! - overlays.low[at]!;
        laid[row * size + at] = Math.min(overlays.high[at]!, Math.max(overlays.low[at]!, sum));
      }
    }
    const scores = await classifier.scores(laid);
    let sum = 0;
    for (let row = 0; row < count; row++)
      sum += entropy(softmax(scores.subarray(row * classifier.classes, (row + 1) * classifier.classes)));
    entropies.push(sum / count);
  }
  return entropies;
}

/** The boundary, from clean inputs. */
export function boundary(entropies: readonly number[], falseRejectionRate: number): number {
  return quantile(entropies, falseRejectionRate);
}
