import type { Trigger } from './trigger.ts';
import { anomalyIndices, median } from '../statistics.ts';

/** What Neural Cleanse says of one class. */
export interface ClassTrigger {
  class: number;
  /** L1 norm of the smallest mask that leads nearly all samples to the class, in cells; null when none was found. */
  maskNorm: number | null;
  /** Share of samples of other classes that the trigger leads to this one; null when none was found. */
  successRate: number | null;
  /** Deviations from the median of the norms; null when it has none. */
  anomalyIndex: number | null;
}

export interface NeuralCleanse {
  /** Of the class with the smallest norm; null when fewer than three classes have one. */
  anomalyIndex: number | null;
  /** Smallest norm by the median of all. */
  normRatio: number | null;
  /** Classes below the median with an index above 2 and a norm below half the median. */
  flaggedClasses: number[];
  /** Classes below the median with an index above 2, whatever their norm is. */
  suspiciousClasses: number[];
  classes: ClassTrigger[];
}

/** Index above which a class is an outlier. Source: Wang et al., IEEE S&P 2019: 2 for 95 %. */
export const indexThreshold = 2;

/**
 * Norm, by the median, below which an outlier counts. The index alone gave a false alarm on a clean model, whose norms were all but
 * equal: of 27 clean models none was below 0.66, of 23 with a backdoor none above 0.42.
 */
export const ratioThreshold = 0.5;

/** Least classes for a median to mean something. */
const leastClasses = 3;

/** Judges the triggers of the classes that were searched. */
export function judgeNorms(triggers: ReadonlyMap<number, Trigger | null>): NeuralCleanse {
  const found = [...triggers].filter((entry): entry is [number, Trigger] => entry[1] !== null);
  const norms = found.map(([, { norm }]) => norm);
  const enough = found.length >= leastClasses;
  const indices = enough ? anomalyIndices(norms) : [];
  const middle = enough ? median(norms) : 0;
  const indexOf = new Map(found.map(([label], at) => [label, indices[at] ?? null]));
  const outliers = found.filter(([label, { norm }]) => norm < middle && (indexOf.get(label) ?? 0) > indexThreshold);
  const least = found.reduce<[number, Trigger] | null>(
    (best, each) => (best === null || each[1].norm < best[1].norm ? each : best),
    null,
  );
  return {
    anomalyIndex: least === null ? null : (indexOf.get(least[0]) ?? null),
    normRatio: least === null || !enough ? null : least[1].norm / middle,
    flaggedClasses: outliers.filter(([, { norm }]) => norm < ratioThreshold * middle).map(([label]) => label),
    suspiciousClasses: outliers.map(([label]) => label),
    classes: [...triggers].map(([label, trigger]) => ({
      class: label,
      maskNorm: trigger?.norm ?? null,
      successRate: trigger?.successRate ?? null,
      anomalyIndex: indexOf.get(label) ?? null,
    })),
  };
}
