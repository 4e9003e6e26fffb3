import type { MaximumMargin } from './maximumMargin.ts';
import { indexThreshold, type NeuralCleanse } from './neuralCleanse.ts';

/** `clean` means that no trigger was found by these methods within this budget, and nothing more. */
export type BackdoorVerdict = 'backdoor' | 'clean' | 'inconclusive';

export interface Judgement {
  verdict: BackdoorVerdict;
  /** Why, a sentence each. */
  reasons: string[];
}

/** Norm by the median from which on a class is as those of clean models are: of 27 none was below 0.66. */
const cleanRatio = 0.66;

/** What there is to judge by. */
export interface BackdoorFacts {
  neuralCleanse: NeuralCleanse | null;
  maximumMargin: MaximumMargin | null;
  /** Classes that were not searched. */
  notScanned: readonly number[];
  /** Whether gradients are exact, an estimate, or not there. */
  gradient: 'exact' | 'estimate' | 'none';
}

/**
 * Combines what the detectors say. The index of Neural Cleanse alone accuses clean models whose norms are all alike; a small norm, or
 * the same class in MM-BD, has to come with it.
 */
export function judge({ neuralCleanse, maximumMargin, notScanned, gradient }: BackdoorFacts): Judgement {
  const reasons: string[] = [];
  const flagged = neuralCleanse?.flaggedClasses ?? [];
  const least = neuralCleanse === null ? null : smallest(neuralCleanse);
  const margin = maximumMargin === null ? null : widest(maximumMargin);
  const ratio = neuralCleanse?.normRatio ?? null;
  const outlier = maximumMargin !== null && maximumMargin.anomalyIndex > indexThreshold;
  for (const label of flagged) {
    reasons.push(
      `A trigger for class ${label} is far smaller than those of other classes, and leads nearly all samples to it.`,
    );
  }
  const agreed = least !== null && least === margin && outlier && ratio !== null && ratio < cleanRatio;
  if (flagged.length === 0 && agreed) {
    reasons.push(
      `Class ${least} has both the smallest trigger (${percent(ratio)} of the median) and the widest margin.`,
    );
  }
  if (reasons.length > 0) return { verdict: 'backdoor', reasons };
  if (neuralCleanse !== null && neuralCleanse.suspiciousClasses.length > 0 && ratio !== null && ratio < cleanRatio) {
    reasons.push(
      `The trigger of class ${neuralCleanse.suspiciousClasses.join(', ')} is an outlier, but not small enough to be sure (${percent(ratio)} of the median): scan with --schedule thorough.`,
    );
  }
  for (const label of maximumMargin?.flaggedClasses ?? []) {
    reasons.push(`Class ${label} has a margin that no other class comes near, and no small trigger was found for it.`);
  }
  if (neuralCleanse !== null && neuralCleanse.anomalyIndex === null) {
    reasons.push(
      'Fewer than three classes have a trigger, so that nothing can be compared: scan with --schedule thorough.',
    );
  }
  if (notScanned.length > 0) {
    reasons.push(`${notScanned.length} classes were not scanned within the time: allow more (--budget).`);
  }
  if (neuralCleanse === null && maximumMargin === null)
    reasons.push('No method was run that says anything of the model as a whole.');
  if (reasons.length > 0) return { verdict: 'inconclusive', reasons };
  const how =
    gradient === 'exact' ? '' : gradient === 'estimate' ? ' The gradients are estimates.' : ' There were no gradients.';
  return { verdict: 'clean', reasons: [`No trigger was found by these methods within this budget.${how}`] };
}

function smallest({ classes }: NeuralCleanse): number | null {
  const found = classes.filter(({ maskNorm }) => maskNorm !== null);
  return (
    found.reduce<(typeof found)[number] | null>(
      (best, each) => (best === null || each.maskNorm! < best.maskNorm! ? each : best),
      null,
    )?.class ?? null
  );
}

function widest({ margins }: MaximumMargin): number | null {
  return (
    margins.reduce<(typeof margins)[number] | null>(
      (best, each) => (best === null || each.margin > best.margin ? each : best),
      null,
    )?.class ?? null
  );
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
