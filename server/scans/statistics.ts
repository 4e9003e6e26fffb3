import { quantile as quantileOfSorted } from '../statistics/robust.ts';

/** Statistics that the detectors share. */

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value below which a share of the values lies; between two values, linearly. */
export function quantile(values: readonly number[], share: number): number {
  return quantileOfSorted(
    [...values].sort((a, b) => a - b),
    share,
  );
}

/** Makes the median absolute deviation of normal values their standard deviation. */
const consistency = 1.4826;

/**
 * How many deviations each value is from the median: the anomaly index of Neural Cleanse (Wang et al., IEEE S&P 2019). With few
 * classes the deviation can be next to nothing by chance; it counts as `floor` times the median at least.
 */
export function anomalyIndices(values: readonly number[], floor = 0): number[] {
  const middle = median(values);
  const deviation = consistency * median(values.map((value) => Math.abs(value - middle)));
  const unit = Math.max(deviation, floor * Math.abs(middle), Number.EPSILON);
  return values.map((value) => Math.abs(value - middle) / unit);
}

/** 95 % confidence interval of a share. Source: E. B. Wilson, JASA 22 (1927). */
export function wilsonInterval(hits: number, count: number): [low: number, high: number] {
  if (count === 0) return [0, 1];
  const z = 1.959964;
  const share = hits / count;
  const below = 1 + (z * z) / count;
  const centre = (share + (z * z) / (2 * count)) / below;
  const half = (z / below) * Math.sqrt((share * (1 - share)) / count + (z * z) / (4 * count * count));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** exp(x_i) / sum exp(x), without overflow. */
export function softmax(scores: ArrayLike<number>): number[] {
  const values = Array.from(scores);
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** Entropy of a distribution in bits. */
export function entropy(probabilities: readonly number[]): number {
  return probabilities.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}

/** -log softmax(scores)[target] of one row of scores [rows, classes]. */
export function crossEntropy(scores: ArrayLike<number>, classes: number, row: number, target: number): number {
  let most = -Infinity;
  for (let index = 0; index < classes; index++) most = Math.max(most, scores[row * classes + index]!);
  let sum = 0;
  for (let index = 0; index < classes; index++) sum += Math.exp(scores[row * classes + index]! - most);
  return most + Math.log(sum) - scores[row * classes + target]!;
}
