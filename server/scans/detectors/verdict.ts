import type { MaximumMargin } from './maximumMargin.ts';
import { indexThreshold, type NeuralCleanse } from './neuralCleanse.ts';
import { untargetedDoubt, untargetedThreshold, type UntargetedTrigger } from './untargetedTrigger.ts';

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
  untargeted: UntargetedTrigger | null;
  /** Classes that were not searched. */
  notScanned: readonly number[];
  /** Whether gradients are exact, an estimate, or not there. */
  gradient: 'exact' | 'estimate' | 'none';
}

/**
 * Combines what the detectors say. The index of Neural Cleanse alone accuses clean models whose norms are all alike; a small norm, or
 * the same class in MM-BD, has to come with it.
 */
export function judge({ neuralCleanse, maximumMargin, untargeted, notScanned, gradient }: BackdoorFacts): Judgement {
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
  if (untargeted !== null && untargeted.ratio < untargetedThreshold) {
    reasons.push(
      `One trigger takes samples of all classes out of them, and is as small as those that lead to one class (${percent(untargeted.ratio)} of their median).`,
    );
  }
  if (reasons.length > 0) return { verdict: 'backdoor', reasons };
  if (untargeted !== null && untargeted.ratio < untargetedDoubt) {
    reasons.push(
      `A trigger that takes samples of all classes out of them is smaller than in clean models (${percent(untargeted.ratio)} of the median of those that lead to one class).`,
    );
  }
  if (neuralCleanse !== null && neuralCleanse.suspiciousClasses.length > 0 && ratio !== null && ratio < cleanRatio) {
    reasons.push(
      `The trigger of class ${neuralCleanse.suspiciousClasses.join(', ')} is an outlier, but not small enough to be sure (${percent(ratio)} of the median): scan with --schedule thorough.`,
    );
  }
  if (maximumMargin !== null && (maximumMargin.flaggedClasses.length > 0 || wideAlone(maximumMargin))) {
    reasons.push(`Class ${margin} has a margin that no other class comes near, and no small trigger was found for it.`);
  }
  if (neuralCleanse !== null && neuralCleanse.anomalyIndex === null) {
    reasons.push(
      'Fewer than three classes have a trigger, so that nothing can be compared: scan with --schedule thorough.',
    );
  }
  if (notScanned.length > 0) {
    reasons.push(`${notScanned.length} classes were not scanned to the end within the time: allow more (--budget).`);
  }
  if (neuralCleanse === null && maximumMargin === null)
    reasons.push('No method was run that says anything of the model as a whole.');
  if (reasons.length > 0) return { verdict: 'inconclusive', reasons };
  const how =
    gradient === 'exact' ? '' : gradient === 'estimate' ? ' The gradients are estimates.' : ' There were no gradients.';
  return { verdict: 'clean', reasons: [`No trigger was found by these methods within this budget.${how}`] };
}

/** An index of 4 with a margin of 1.4 times the median was seen in no clean model, and in models with a warped trigger. */
function wideAlone({ anomalyIndex, marginRatio }: MaximumMargin): boolean {
  return anomalyIndex > 4 && marginRatio > 1.4;
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
