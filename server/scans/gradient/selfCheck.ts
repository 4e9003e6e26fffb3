import type { Classifier } from '../classifier.ts';
import { evenly, pick, sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import { SeededRandom } from '../seededRandom.ts';
import { crossEntropy } from '../statistics.ts';

/** How far a gradient is what running the model says. */
export interface GradientCheck {
  samples: number;
  directions: number;
  /** Between slopes that were computed and those that were measured, over samples and directions. */
  correlation: number;
}

/** Below it, a gradient is not to be relied on. Kinks and rounding leave correct ones above 0.99. */
export const leastCorrelation = 0.95;

const mostSamples = 16;
const directions = 4;
/** Step to both sides, as a share of the range of each element. */
const step = 2e-3;

/**
 * Compares the gradient with differences of the loss along random directions. Along the gradient itself they would agree even if half of it were missing;
 * towards wrong classes, because the loss of the right one has hardly any slope.
 * @returns null where the classifier has no gradient.
 */
export async function checkGradient(
  classifier: Classifier,
  samples: SampleSet,
  seed: number,
): Promise<GradientCheck | null> {
  if (!(await classifier.differentiable('cross-entropy'))) return null;
  const count = Math.min(mostSamples, classifier.batch, samples.count);
  const size = sampleSize(samples);
  const { x } = pick(samples, evenly(samples.count, count));
  const predicted = await classifier.predictions(x);
  const targets = predicted.map((label) => (label + 1) % classifier.classes);
  const { gradient } = await classifier.gradient('cross-entropy', x, targets);
  const random = new SeededRandom(seed + 49979687);
  const losses = async (at: Float32Array): Promise<number[]> => {
    const scores = await classifier.scores(at);
    return Array.from(targets, (target, row) => crossEntropy(scores, classifier.classes, row, target));
  };
  const computed: number[] = [];
  const measured: number[] = [];
  for (let direction = 0; direction < directions; direction++) {
    const along = Float32Array.from(x, (_, index) => {
      const range = samples.high[index % size]! - samples.low[index % size]!;
      return random.normal() * (range === 0 ? 1 : range);
    });
    const ahead = await losses(x.map((value, index) => value + step * along[index]!));
    const behind = await losses(x.map((value, index) => value - step * along[index]!));
    for (let row = 0; row < count; row++) {
      let slope = 0;
      for (let at = row * size; at < (row + 1) * size; at++) slope += gradient[at]! * along[at]!;
      computed.push(slope);
      measured.push((ahead[row]! - behind[row]!) / (2 * step));
    }
  }
  return { samples: count, directions, correlation: correlation(computed, measured) };
}

/** Pearson's, about zero: slopes that are all zero on one side only agree with nothing. */
export function correlation(a: readonly number[], b: readonly number[]): number {
  let [product, left, right] = [0, 0, 0];
  a.forEach((value, index) => {
    product += value * b[index]!;
    left += value * value;
    right += b[index]! ** 2;
  });
  return left === 0 && right === 0 ? 1 : product / (Math.sqrt(left * right) || 1);
}
