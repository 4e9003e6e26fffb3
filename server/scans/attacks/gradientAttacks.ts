import type { Classifier } from '../classifier.ts';
import { sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import type { SeededRandom } from '../seededRandom.ts';

/** Distances within which an attack may change a sample. */
export type Ball =
  /** No element by more than epsilon, a share of the range of that element. */
  | 'linf'
  /** The Euclidean length of the change, each element counted as a share of its range. */
  | 'l2';

export interface AttackSettings {
  ball: Ball;
  epsilon: number;
  steps: number;
  /** Length of one step, in the units of epsilon. */
  stepSize: number;
  /** Begins somewhere in the ball instead of at the sample. */
  randomStart: boolean;
}

/** One step of the whole length: FGSM (Goodfellow et al., ICLR 2015). */
export const fgsm = (epsilon: number): AttackSettings => ({
  ball: 'linf',
  epsilon,
  steps: 1,
  stepSize: epsilon,
  randomStart: false,
});

/** PGD (Madry et al., ICLR 2018), with steps of 2.5 epsilon in all. */
export const pgd = (ball: Ball, epsilon: number, steps: number): AttackSettings => ({
  ball,
  epsilon,
  steps,
  stepSize: (2.5 * epsilon) / steps,
  randomStart: true,
});

/**
 * Changes the samples of one batch so that the model loses their classes.
 * @returns the changed samples, in the model's units.
 */
export async function attackByGradient(
  classifier: Classifier,
  x: Float32Array,
  y: Int32Array,
  { low, high, shape }: Pick<SampleSet, 'low' | 'high' | 'shape'>,
  settings: AttackSettings,
  random: SeededRandom,
): Promise<Float32Array> {
  const size = sampleSize({ shape });
  const { ball, epsilon, steps, stepSize, randomStart } = settings;
  // Changes are kept in shares of the range, so that a step is as long in every channel.
  const change = new Float32Array(x.length);
  if (randomStart) startInside(change, size, ball, epsilon, random);
  const moved = (): Float32Array =>
    x.map((value, index) => {
      const at = index % size;
      return Math.min(high[at]!, Math.max(low[at]!, value + change[index]! * (high[at]! - low[at]!)));
    });
  for (let step = 0; step < steps; step++) {
    const { gradient } = await classifier.gradient('cross-entropy', moved(), y);
    for (let from = 0; from < x.length; from += size) {
      ascend(change, gradient, from, size, ball, stepSize, low, high);
      project(change, from, size, ball, epsilon);
    }
  }
  return moved();
}

function startInside(change: Float32Array, size: number, ball: Ball, epsilon: number, random: SeededRandom): void {
  for (let index = 0; index < change.length; index++)
    change[index] = ball === 'linf' ? epsilon * (2 * random.next() - 1) : random.normal();
  if (ball === 'linf') return;
  for (let from = 0; from < change.length; from += size) {
    const part = change.subarray(from, from + size);
    const length = lengthOf(part) || 1;
    // Evenly over the volume of the ball.
    const radius = epsilon * random.next() ** (1 / size);
    part.forEach((value, at) => (part[at] = (value / length) * radius));
  }
}

function ascend(
  change: Float32Array,
  gradient: Float32Array,
  from: number,
  size: number,
  ball: Ball,
  stepSize: number,
  low: Float32Array,
  high: Float32Array,
): void {
  if (ball === 'linf') {
    for (let at = 0; at < size; at++) change[from + at]! += stepSize * Math.sign(gradient[from + at]!);
    return;
  }
  // By shares of the range, the slope is the gradient times the range.
  const slope = Float32Array.from({ length: size }, (_, at) => gradient[from + at]! * (high[at]! - low[at]!));
  const length = lengthOf(slope);
  if (length > 0) slope.forEach((value, at) => (change[from + at]! += (stepSize * value) / length));
}

function project(change: Float32Array, from: number, size: number, ball: Ball, epsilon: number): void {
  const part = change.subarray(from, from + size);
  if (ball === 'linf') {
    part.forEach((value, at) => (part[at] = Math.max(-epsilon, Math.min(epsilon, value))));
    return;
  }
  const length = lengthOf(part);
  if (length > epsilon) part.forEach((value, at) => (part[at] = (value / length) * epsilon));
}

const lengthOf = (values: Float32Array): number => Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
