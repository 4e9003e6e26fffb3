import { bestOf, type Classifier } from '../classifier.ts';
import { sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import { SeededRandom } from '../seededRandom.ts';
import { softmax } from '../statistics.ts';
import { Adam } from './adam.ts';
import { attackThreshold, CostAnnealing, type Schedule } from './schedule.ts';
import { applyTrigger, TriggerParameters, type Trigger } from './trigger.ts';

export interface SearchOptions {
  schedule: Schedule;
  seed: number;
  /** True when time is up: the search ends with what it has. */
  expired: () => boolean;
}

/** Directions, and their opposites, by which a gradient is estimated: NES (Wierstra et al., JMLR 2014). */
const directions = 20;
const spread = 0.1;

/**
 * Searches for the smallest trigger that leads samples to a class: by gradients, or by evolution strategies where there are none.
 * @returns null when no trigger was found that leads nearly all samples to it.
 */
export async function searchTrigger(
  classifier: Classifier,
  samples: SampleSet,
  target: number,
  options: SearchOptions,
): Promise<Trigger | null> {
  const { schedule, seed, expired } = options;
  const random = new SeededRandom(seed + 7919 * target);
  const trigger = new TriggerParameters(samples, random);
  const adam = new Adam(trigger.values.length, { rate: 0.1, beta1: 0.5, beta2: 0.9 });
  const annealing = new CostAnnealing(schedule);
  const withGradient = await classifier.differentiable('cross-entropy');
  const slope = new Float64Array(trigger.values.length);
  const draws = drawer(samples, classifier.batch, random);
  let best: { mask: Float32Array; pattern: Float32Array; norm: number } | null = null;
  for (let step = 0; step < schedule.steps && !expired(); step++) {
    let hits = 0;
    let seen = 0;
    for (let batch = 0; batch < schedule.batches; batch++) {
      const x = draws();
      const led = withGradient
        ? await byGradient(classifier, trigger, x, target, annealing.cost, slope)
        : await byEvolution(classifier, trigger, x, target, annealing.cost, slope, random);
      hits += led;
      seen += x.length / sampleSize(samples);
      adam.step(trigger.values, slope);
      trigger.update();
    }
    const rate = hits / seen;
    const { norm } = trigger;
    if (rate >= attackThreshold && norm < (best?.norm ?? Infinity))
      best = { mask: trigger.mask.slice(), pattern: trigger.pattern.slice(), norm };
    if (annealing.after(rate, best?.norm ?? Infinity)) break;
  }
  if (best === null) return null;
  return { ...best, successRate: await successRate(classifier, samples, best, trigger.cells, target) };
}

/** Of the samples that are not of the class: the share that the trigger leads to it. */
export async function successRate(
  classifier: Classifier,
  samples: SampleSet,
  { mask, pattern }: Pick<Trigger, 'mask' | 'pattern'>,
  cells: Int32Array,
  target: number,
): Promise<number> {
  const before = await classifier.predictions(samples.x);
  const after = await classifier.predictions(applyTrigger(samples.x, mask, pattern, cells));
  let others = 0;
  let led = 0;
  before.forEach((predicted, index) => {
    if (predicted === target) return;
    others++;
    if (after[index] === target) led++;
  });
  return others === 0 ? 0 : led / others;
}

/** Gives one batch after another, each sample once before any comes again. */
function drawer(samples: SampleSet, batch: number, random: SeededRandom): () => Float32Array {
  const size = sampleSize(samples);
  const count = Math.min(batch, samples.count);
  let order: number[] = [];
  return () => {
    const x = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      if (order.length === 0) order = random.permutation(samples.count);
      const from = order.pop()! * size;
      x.set(samples.x.subarray(from, from + size), row * size);
    }
    return x;
  };
}

/** @returns how many samples the trigger leads to the class. */
async function byGradient(
  classifier: Classifier,
  trigger: TriggerParameters,
  x: Float32Array,
  target: number,
  cost: number,
  slope: Float64Array,
): Promise<number> {
  const count = x.length / trigger.pattern.length;
  const targets = new Int32Array(count).fill(target);
  const { scores, gradient } = await classifier.gradient('cross-entropy', trigger.apply(x), targets);
  trigger.back(x, gradient, cost, slope);
  return countOf(scores, classifier.classes, target);
}

async function byEvolution(
  classifier: Classifier,
  trigger: TriggerParameters,
  x: Float32Array,
  target: number,
  cost: number,
  slope: Float64Array,
  random: SeededRandom,
): Promise<number> {
  const here = trigger.values.slice();
  const led = countOf(await classifier.scores(trigger.apply(x)), classifier.classes, target);
  slope.fill(0);
  const loss = async (): Promise<number> => {
    trigger.update();
    return meanLoss(await classifier.scores(trigger.apply(x)), classifier.classes, target) + cost * trigger.norm;
  };
  for (let pair = 0; pair < directions; pair++) {
    const noise = Float64Array.from(here, () => random.normal());
    trigger.values.set(here.map((value, index) => value + spread * noise[index]!));
    const ahead = await loss();
    trigger.values.set(here.map((value, index) => value - spread * noise[index]!));
    const difference = ahead - (await loss());
    for (let index = 0; index < slope.length; index++)
      slope[index]! += (difference * noise[index]!) / (2 * spread * directions);
  }
  trigger.values.set(here);
  trigger.update();
  return led;
}

function countOf(scores: Float32Array, classes: number, target: number): number {
  return bestOf(scores, classes).reduce((count, predicted) => count + (predicted === target ? 1 : 0), 0);
}

/** Cross-entropy, averaged over the samples. */
function meanLoss(scores: Float32Array, classes: number, target: number): number {
  let sum = 0;
  for (let from = 0; from < scores.length; from += classes)
    sum -= Math.log(Math.max(1e-30, softmax(scores.subarray(from, from + classes))[target]!));
  return (sum * classes) / scores.length;
}
