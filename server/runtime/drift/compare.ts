import { binomialTail } from '../../statistics/binomial.ts';
import { chiSquare } from '../../statistics/chiSquare.ts';
import { countIn, jensenShannon, quantileBounds, stabilityIndex, wasserstein } from '../../statistics/distances.ts';
import { kolmogorovSmirnov } from '../../statistics/kolmogorovSmirnov.ts';
import { mannWhitney } from '../../statistics/mannWhitney.ts';
import { benjaminiHochberg } from '../../statistics/manyTests.ts';
import { normalQuantile } from '../../statistics/normal.ts';
import { upperBound } from '../../statistics/pairedOutcomes.ts';
import type { Asked } from './ask.ts';
import type { DriftBaseline } from './baseline.ts';
import type { Feature } from './features.ts';

/** One statistic of one feature. */
export interface FeatureDrift {
  name: string;
  statistic:
    'kolmogorov-smirnov' | 'wasserstein' | 'psi' | 'jensen-shannon' | 'chi-square' | 'mann-whitney' | 'changed-answers';
  value: number;
  /** Of the test that the statistic belongs to, corrected over all tests of this look (Benjamini and Hochberg). */
  pValue: number;
  /** How large the change is; the floor that it must reach for an alarm stands beside it. */
  effect: number;
  floor: number;
  alarm: boolean;
}

export interface DriftCheck {
  status: 'ok' | 'alarm' | 'insufficient';
  alarm: boolean;
  /** Answers of the baseline, and of this look. */
  samples: { baseline: number; current: number };
  /** Answers from which on a shift of half a deviation is found in four of five looks. */
  needed: number;
  /** The level of this look. */
  level: number;
  look: number;
  features: FeatureDrift[];
}

/** Effects that matter, by convention: PSI 0.1; Wasserstein 0.1 interquartile ranges; Cramér's V 0.1; medians apart by a half; a twentieth of the answers. */
const floors = { psi: 0.1, jensenShannon: 0.1, wasserstein: 0.1, association: 0.1, latency: 0.5, changed: 0.05 };

/** Milliseconds: of faster answers, half as much again is the machine's own noise. */
const leastLatency = 100;

const bins = 10;

/** What an effect is at most: where the reference does not vary at all, any change is beyond measure. */
const beyondMeasure = 1e6;

/**
 * Compares answers with those of the baseline. A feature alarms where its change is significant, corrected over all tests, and large
 * enough to matter.
 *
 * Looking again and again does not raise the chance of a false alarm: look k is held to the level / (k (k + 1)), which sums up to
 * the level over all looks there will ever be.
 * @param look from 1.
 * @param level the chance of a false alarm over all looks.
 */
export function compareWithBaseline(baseline: DriftBaseline, asked: Asked, look: number, level: number): DriftCheck {
  const ofLook = level / (look * (look + 1));
  const current = new Map(asked.features.map((feature) => [feature.name, feature]));
  const found = baseline.features.map((feature) => compareFeature(feature, current.get(feature.name)));
  const tests = [...found.flat(), changedAnswers(baseline, asked)].filter((test) => test !== null);
  const corrected = benjaminiHochberg(tests.map(({ pValue }) => pValue));
  const features = tests
    .flatMap(({ measures }, index) => {
      const pValue = corrected[index] ?? 1;
      return measures.map((measure): FeatureDrift => {
        const alarm = pValue <= ofLook && measure.effect >= measure.floor;
        return { ...measure, pValue, alarm };
      });
    })
    .sort((a, b) => (a.name === b.name ? (a.statistic < b.statistic ? -1 : 1) : a.name < b.name ? -1 : 1));
  const samples = { baseline: baseline.probes.count, current: asked.features[0]?.values.length ?? 0 };
  const needed = samplesNeeded(ofLook / Math.max(1, tests.length));
  const alarm = features.some((feature) => feature.alarm);
  const enough = Math.min(samples.baseline, samples.current) >= needed;
  return {
    status: alarm ? 'alarm' : enough ? 'ok' : 'insufficient',
    alarm,
    samples,
    needed,
    level: ofLook,
    look,
    features,
  };
}

type Measure = Omit<FeatureDrift, 'pValue' | 'alarm'>;

/** A test with its probability, and what is measured along with it. */
interface Test {
  pValue: number;
  measures: Measure[];
}

function compareFeature(reference: Feature, current: Feature | undefined): Test[] {
  const { name } = reference;
  // A feature that is no longer answered has changed as much as can be.
  if (current?.kind !== reference.kind) {
    const statistic = reference.kind === 'label' ? 'chi-square' : reference.kind === 'latency' ? 'mann-whitney' : 'psi';
    return [{ pValue: 0, measures: [{ name, statistic, value: beyondMeasure, effect: beyondMeasure, floor: 0 }] }];
  }
  if (reference.kind === 'label') return labels(name, reference.values, current.values as string[]);
  const a = Float64Array.from(reference.values).sort();
  const b = Float64Array.from(current.values as number[]).sort();
  if (reference.kind === 'latency') {
    const { statistic: value, pValue } = mannWhitney(a, b);
    const effect = Math.abs(middle(b) - middle(a)) / Math.max(middle(a), leastLatency);
    return [{ pValue, measures: [{ name, statistic: 'mann-whitney', value, effect, floor: floors.latency }] }];
  }
  return [distribution(name, a, b), binned(name, a, b)].filter((test) => test !== null);
}

function distribution(name: string, a: Float64Array, b: Float64Array): Test {
  const { statistic, pValue } = kolmogorovSmirnov(a, b);
  const moved = wasserstein(a, b);
  const effect = bounded(moved / Math.max(spreadOf(a), Number.MIN_VALUE));
  const floor = floors.wasserstein;
  return {
    pValue,
    measures: [
      { name, statistic: 'kolmogorov-smirnov', value: statistic, effect: moved === 0 ? 0 : effect, floor },
      { name, statistic: 'wasserstein', value: moved, effect: moved === 0 ? 0 : effect, floor },
    ],
  };
}

function binned(name: string, a: Float64Array, b: Float64Array): Test | null {
  const bounds = quantileBounds(a, bins);
  if (bounds.length === 0) return null;
  const [expected, seen] = [countIn(bounds, a), countIn(bounds, b)];
  const independence = chiSquare([expected, seen]);
  if (!independence) return null;
  const psi = stabilityIndex(expected, seen);
  // Two samples of one distribution already have an index of about this much; only what exceeds it is drift.
  const byChance = (expected.length - 1) * (1 / a.length + 1 / b.length);
  const distance = jensenShannon(expected, seen);
  return {
    pValue: independence.pValue,
    measures: [
      { name, statistic: 'psi', value: psi, effect: Math.max(0, psi - byChance), floor: floors.psi },
      { name, statistic: 'jensen-shannon', value: distance, effect: distance, floor: floors.jensenShannon },
    ],
  };
}

function labels(name: string, reference: readonly string[], current: readonly string[]): Test[] {
  const names = [...new Set([...reference, ...current])].sort();
  const count = (values: readonly string[]) => {
    const counts = new Map<string, number>();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return names.map((each) => counts.get(each) ?? 0);
  };
  const independence = chiSquare([count(reference), count(current)]);
  if (!independence) return [];
  const { statistic: value, pValue, effect } = independence;
  return [{ pValue, measures: [{ name, statistic: 'chi-square', value, effect, floor: floors.association }] }];
}

/** Answers to the same probe that are not the same as before, against how often that happened within the baseline. */
function changedAnswers(baseline: DriftBaseline, asked: Asked): Test | null {
  const { digests, changed, compared } = baseline.answers;
  // Without a second round nobody knows whether this model answers the same twice.
  if (compared === 0) return null;
  const different = asked.digests.filter((digest, index) => digest !== digests[index]).length;
  const usual = upperBound(changed, compared, 0.99);
  const share = different / asked.digests.length;
  return {
    pValue: binomialTail(different, asked.digests.length, usual),
    measures: [
      {
        name: 'answers',
        statistic: 'changed-answers',
        value: share,
        effect: Math.max(0, share - changed / compared),
        floor: floors.changed,
      },
    ],
  };
}

/** From how many answers of each side on a shift of half a deviation is found with a chance of 80 %. */
export function samplesNeeded(level: number): number {
  const z = normalQuantile(level / 2) + normalQuantile(0.2);
  return Math.ceil((2 * z * z) / 0.5 ** 2);
}

/** The interquartile range; where half of the values are one, the range of the middle 98 %. */
function spreadOf(sorted: Float64Array): number {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return at(0.75) - at(0.25) || at(0.99) - at(0.01);
}

const middle = (sorted: Float64Array): number => sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;

const bounded = (effect: number): number => Math.min(beyondMeasure, effect);
