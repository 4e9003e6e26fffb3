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

/** Clean inputs that the boundary comes from. */
export const mostStripSamples = 200;

export interface StripOptions {
  seed: number;
  /** Pictures that are laid over each input; the authors take 100. */
  overlays: number;
}

/**
 * Mean entropy of each input under overlays. The overlay is added and cut at the bounds, as in the authors' code; the average of both,
 * which others take, separates far worse.
 */
export async function overlayEntropies(
  classifier: Classifier,
  inputs: Float32Array,
  overlays: SampleSet,
  { seed, overlays: count }: StripOptions,
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

/** Inputs of a kind of their own: pixels, or texts. */
export interface StripInputs<T> {
  inputs: T;
  count: number;
}

export interface StripQuestion<T> {
  how: Strip['how'];
  falseRejectionRate: number;
  /** The entropy of each input; of fewer when the time is up. */
  entropiesOf: (inputs: T) => Promise<number[]>;
  clean: StripInputs<T>;
  /** The clean inputs with the trigger that was found. */
  triggered: { class: number; inputs: T } | null;
  tested: StripInputs<T> | null;
}

/** Sets the boundary by clean inputs, and tests others by it. @param notes gets what the time was too short for. */
export async function strip<T>(question: StripQuestion<T>, notes: string[]): Promise<Strip> {
  const { how, falseRejectionRate, entropiesOf, clean, triggered, tested } = question;
  const entropies = await entropiesOf(clean.inputs);
  if (entropies.length < clean.count)
    notes.push(
      `The boundary of STRIP comes from ${entropies.length} of ${clean.count} inputs, because the time was up.`,
    );
  const threshold = quantile(entropies, falseRejectionRate);
  let recoveredTrigger: Strip['recoveredTrigger'] = null;
  if (triggered !== null) {
    const own = await entropiesOf(triggered.inputs);
    const acceptedRate = own.filter((each) => each >= threshold).length / own.length;
    if (own.length > 0) recoveredTrigger = { class: triggered.class, entropies: own, acceptedRate };
  }
  const measured = tested === null ? [] : await entropiesOf(tested.inputs);
  if (tested !== null && measured.length < tested.count)
    notes.push(`Of ${tested.count} inputs ${measured.length} were tested, because the time was up.`);
  const each = measured.map((entropy, sample) => ({ sample, entropy, flagged: entropy < threshold }));
  return {
    ...{ how, falseRejectionRate, threshold, cleanSamples: entropies.length, entropies },
    flaggedSamples: each.filter(({ flagged }) => flagged).map(({ sample }) => sample),
    tested: each,
    recoveredTrigger,
  };
}
