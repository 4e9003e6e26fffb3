import type { Classifier } from '../classifier.ts';
import { sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import { SeededRandom } from '../seededRandom.ts';
import { anomalyIndices, median } from '../statistics.ts';

/** The largest margin that any input reaches, by class (MM-BD: Wang et al., IEEE S&P 2024). It needs no samples. */
export interface MaximumMargin {
  margins: { class: number; margin: number; anomalyIndex: number }[];
  /** Of the class with the largest margin. */
  anomalyIndex: number;
  /** Largest margin by the median. */
  marginRatio: number;
  /** The class with the largest margin, when it is an outlier by both. */
  flaggedClasses: number[];
}

const starts = 16;
const steps = 120;

/** An outlier has an index above 2 and a margin of 1.6 times the median: of 27 clean models none had both. */
export const marginIndexThreshold = 2;
export const marginRatioThreshold = 1.6;

/**
 * Climbs from random inputs to the largest margin between a class and all others.
 * @param bounds only the bounds of the samples are used, not the samples.
 */
export async function maximumMargins(
  classifier: Classifier,
  bounds: Pick<SampleSet, 'low' | 'high' | 'shape'>,
  classes: readonly number[],
  options: { seed: number; expired: () => boolean; onClass: (done: number) => void },
): Promise<MaximumMargin | null> {
  if (!(await classifier.differentiable('margin')) || classes.length < 3) return null;
  const margins: number[] = [];
  for (const label of classes) {
    if (options.expired()) return null;
    margins.push(await climb(classifier, bounds, label, new SeededRandom(options.seed + 104729 * label)));
    options.onClass(margins.length);
  }
  const indices = anomalyIndices(margins);
  const largest = margins.indexOf(Math.max(...margins));
  const marginRatio = margins[largest]! / median(margins);
  const outlier = indices[largest]! > marginIndexThreshold && marginRatio > marginRatioThreshold;
  return {
    margins: classes.map((label, at) => ({ class: label, margin: margins[at]!, anomalyIndex: indices[at]! })),
    anomalyIndex: indices[largest]!,
    marginRatio,
    flaggedClasses: outlier ? [classes[largest]!] : [],
  };
}

async function climb(
  classifier: Classifier,
  { low, high, shape }: Pick<SampleSet, 'low' | 'high' | 'shape'>,
  label: number,
  random: SeededRandom,
): Promise<number> {
  const size = sampleSize({ shape });
  const count = Math.min(starts, classifier.batch);
  const x = Float32Array.from({ length: count * size }, (_, index) => {
    const at = index % size;
    return low[at]! + (high[at]! - low[at]!) * random.next();
  });
  const targets = new Int32Array(count).fill(label);
  let best = -Infinity;
  for (let step = 0; step <= steps; step++) {
    const { scores, gradient } = await classifier.gradient('margin', x, targets);
    for (let row = 0; row < count; row++) {
      best = Math.max(best, marginOf(scores.subarray(row * classifier.classes, (row + 1) * classifier.classes), label));
      ascend(x, gradient, row, size, low, high, 0.1 * (1 - step / (steps + 1)));
    }
  }
  return best;
}

/** A step of the given length, as a share of the range, along the sign of the gradient. */
function ascend(
  x: Float32Array,
  gradient: Float32Array,
  row: number,
  size: number,
  low: Float32Array,
  high: Float32Array,
  length: number,
): void {
  for (let at = 0; at < size; at++) {
    const index = row * size + at;
    const moved = x[index]! + length * (high[at]! - low[at]!) * Math.sign(gradient[index]!);
    x[index] = Math.min(high[at]!, Math.max(low[at]!, moved));
  }
}

function marginOf(scores: Float32Array, label: number): number {
  let others = -Infinity;
  scores.forEach((score, index) => {
    if (index !== label) others = Math.max(others, score);
  });
  return scores[label]! - others;
}
