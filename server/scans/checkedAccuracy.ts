import { WeighbridgeError } from '../errors.ts';
import { bestOf, type Classifier } from './classifier.ts';
import type { SampleSet } from './samples/sampleSet.ts';
import { wilsonInterval } from './statistics.ts';

/**
 * Share of the samples that the model gets right.
 * @throws {WeighbridgeError} when its scores are no numbers, labels are none of its classes, or it does no better than chance.
 */
export async function checkedAccuracy(
  classifier: Classifier,
  samples: SampleSet,
  model: string,
): Promise<number | null> {
  return checkedShare(await classifier.scores(samples.x), samples.y, classifier.classes, model);
}

/**
 * The same, of scores [samples, classes].
 * @throws {WeighbridgeError} the same.
 */
export function checkedShare(
  scores: Float32Array,
  y: Int32Array | null,
  classes: number,
  model: string,
): number | null {
  const broken = scores.findIndex((score) => !Number.isFinite(score));
  if (broken >= 0) {
    throw new WeighbridgeError(
      'bad-input',
      `${model} gives ${scores[broken]!} as the score of a class: its weights are damaged, or the samples are not what it takes.`,
    );
  }
  if (y === null) return null;
  const outside = y.find((label) => !(label >= 0 && label < classes));
  if (outside !== undefined) {
    throw new WeighbridgeError(
      'bad-input',
      `A sample is labelled ${outside}, and the model has classes 0 to ${classes - 1}: number classes from 0.`,
    );
  }
  const hits = bestOf(scores, classes).filter((label, index) => label === y[index]).length;
  const [low] = wilsonInterval(hits, y.length);
  if (low <= 1 / classes) {
    throw new WeighbridgeError(
      'bad-input',
      `${model} gets ${hits} of ${y.length} samples right, which is no better than chance: labels, range or order of the channels do not fit, and every verdict would be meaningless.`,
    );
  }
  return hits / y.length;
}
