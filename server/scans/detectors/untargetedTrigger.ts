import { pick, sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import { SeededRandom } from '../seededRandom.ts';
import { bestOf, type Classifier } from '../classifier.ts';
import { Adam } from './adam.ts';
import { attackThreshold, CostAnnealing, schedules, type Schedule } from './schedule.ts';
import { TriggerParameters } from './trigger.ts';

/** The smallest trigger that takes samples of all classes out of them, by the median of the triggers that lead to one class. */
export interface UntargetedTrigger {
  /** L1 norm of its mask, in cells. */
  norm: number;
  ratio: number;
}

/**
 * Ratios below which a model has a trigger for all classes, and below which that is likely. By measurement: to take samples of all
 * classes out of theirs takes a mask far larger than to lead them to one of ten; of clean models none was below 2.5, of models in which each
 * class leads to the next (all-to-all) none above 1.1, and of those with a warped trigger some
 * below 2.
 */
export const untargetedThreshold = 1.5;
export const untargetedDoubt = 2.2;

/** The best of three searches: they begin at random, and most end in a mask that covers everything. */
export async function smallestUntargeted(
  classifier: Classifier,
  samples: SampleSet,
  medianNorm: number,
  { seed, expired }: { seed: number; expired: () => boolean },
): Promise<UntargetedTrigger | null> {
  let least: number | null = null;
  for (const [schedule, start] of [
    [schedules.fast, seed],
    [schedules.fast, seed + 1],
    [schedules.thorough, seed],
  ] as const) {
    const norm = await untargetedNorm(classifier, samples, { schedule, seed: start, expired });
    if (norm !== null && norm < (least ?? Infinity)) least = norm;
  }
  return least === null ? null : { norm: least, ratio: least / medianNorm };
}

/** Margin below which a sample counts as lost for good, and is not pushed any further. */
const enough = -2;

/**
 * The smallest mask that takes nearly all samples out of their classes, wherever they go. Where every class leads to another (all-to-all), no
 * class stands out, and one small trigger does this all the same.
 * @returns its L1 norm in cells; null when none was found, or there are no gradients.
 */
async function untargetedNorm(
  classifier: Classifier,
  samples: SampleSet,
  options: { schedule: Schedule; seed: number; expired: () => boolean },
): Promise<number | null> {
  if (!(await classifier.differentiable('margin'))) return null;
  const { schedule, seed, expired } = options;
  const random = new SeededRandom(seed + 15485863);
  const own = await classifier.predictions(samples.x);
  const trigger = new TriggerParameters(samples, random);
  const adam = new Adam(trigger.values.length, { rate: 0.1, beta1: 0.5, beta2: 0.9 });
  const annealing = new CostAnnealing(schedule);
  const slope = new Float64Array(trigger.values.length);
  const size = sampleSize(samples);
  let best = Infinity;
  let order: number[] = [];
  for (let step = 0; step < schedule.steps && !expired(); step++) {
    let lost = 0;
    let seen = 0;
    for (let batch = 0; batch < schedule.batches; batch++) {
      const count = Math.min(classifier.batch, samples.count);
      if (order.length < count) order = random.permutation(samples.count);
      const rows = order.splice(0, count);
      const { x } = pick(samples, rows);
      const y = Int32Array.from(rows, (row) => own[row]!);
      const { scores, gradient } = await classifier.gradient('margin', trigger.apply(x), y);
      const said = bestOf(scores, classifier.classes);
      rows.forEach((_, row) => {
        if (said[row] !== y[row]) lost++;
        if (marginOf(scores, classifier.classes, row, y[row]!) < enough) gradient.fill(0, row * size, (row + 1) * size);
      });
      seen += count;
      trigger.back(x, gradient, annealing.cost, slope);
      adam.step(trigger.values, slope);
      trigger.update();
    }
    const rate = lost / seen;
    if (rate >= attackThreshold) best = Math.min(best, trigger.norm);
    if (annealing.after(rate, best)) break;
  }
  return best === Infinity ? null : best;
}

function marginOf(scores: Float32Array, classes: number, row: number, label: number): number {
  let others = -Infinity;
  for (let index = 0; index < classes; index++)
    if (index !== label) others = Math.max(others, scores[row * classes + index]!);
  return scores[row * classes + label]! - others;
}
