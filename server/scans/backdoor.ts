import { WeighbridgeError } from '../errors.ts';
import { checkedAccuracy } from './checkedAccuracy.ts';
import { Classifier } from './classifier.ts';
import { maximumMargins, type MaximumMargin } from './detectors/maximumMargin.ts';
import { indexThreshold, judgeNorms, type NeuralCleanse } from './detectors/neuralCleanse.ts';
import { schedules, type ScheduleName } from './detectors/schedule.ts';
import { mostStripSamples, overlayEntropies, strip, type Strip } from './detectors/strip.ts';
import { applyTrigger, type Trigger } from './detectors/trigger.ts';
import { searchTrigger } from './detectors/triggerSearch.ts';
import { judge, type BackdoorVerdict, type Judgement } from './detectors/verdict.ts';
import { smallestUntargeted, type UntargetedTrigger } from './detectors/untargetedTrigger.ts';
import { checkGradient, leastCorrelation, type GradientCheck } from './gradient/selfCheck.ts';
import type { Placement } from './runtime/session.ts';
import { median } from './statistics.ts';
import { teller } from './process/progress.ts';
import type { ScanReporter } from './process/jobs.ts';
import { ModelFile } from './runtime/modelFile.ts';
import { loadOnnxRuntime } from './runtime/onnxRuntime.ts';
import type { ProviderReport, ProviderRequest } from './runtime/providers.ts';
import { loadSamples, type SamplesRequest } from './samples/loadSamples.ts';
import { scanTextModel, type TextFindings } from './text/scanText.ts';
import { takesTokens } from './text/textClassifier.ts';
import type { ClassTokens } from './text/tokenSearch.ts';
import { classesOf } from './wantedClasses.ts';
import { evenly, maskCells, pick, type SampleSet } from './samples/sampleSet.ts';

export const backdoorMethods = ['neural-cleanse', 'mm-bd', 'untargeted', 'strip'] as const;
export type BackdoorMethod = (typeof backdoorMethods)[number];

export interface BackdoorJob {
  /** Absolute. */
  model: string;
  samples: SamplesRequest;
  /** Inputs that STRIP tests; null: none, but the trigger that was found. */
  inputs: SamplesRequest | null;
  methods: readonly BackdoorMethod[];
  schedule: ScheduleName;
  provider: ProviderRequest;
  seed: number;
  batch: number;
  threads?: number;
  /** Classes to search; null: all. */
  classes: readonly number[] | null;
  /** Milliseconds for the search; what is not searched by then is listed. */
  budgetMs: number;
  falseRejectionRate: number;
  /** Triggers of an earlier run of the same job that was interrupted: they are not searched again. */
  known: readonly PartialBackdoor['found'][];
}

/** What a scan has found out, all but what the caller knows itself. */
export interface BackdoorScan {
  verdict: BackdoorVerdict;
  reasons: string[];
  neuralCleanse: NeuralCleanse | null;
  maximumMargin: MaximumMargin | null;
  untargeted: UntargetedTrigger | null;
  /** What was found over tokens; null of models that take no text. */
  text: TextFindings | null;
  strip: Strip | null;
  /** The triggers by class, smallest first: those that a report shows. */
  triggers: { class: number; trigger: Trigger }[];
  notScanned: number[];
  gradient: 'exact' | 'estimate' | 'none';
  /** The gradient against differences of the loss; null where there is none, or it is by tokens. */
  gradientCheck: GradientCheck | null;
  /** Where the nodes of the model ran. */
  placement: Placement | null;
  /** What a person has to know of how it was done, a sentence each. */
  notes: string[];
  provider: ProviderReport;
  schedule: ScheduleName;
  /** Of one sample, and how it lies in memory. */
  shape: readonly number[];
  layout: SampleSet['layout'];
  /** Bounds of inputs, by element. */
  low: Float32Array;
  high: Float32Array;
  samples: number;
  /** Share of the samples that the model gets right; null without labels. */
  accuracy: number | null;
  durationMs: number;
}

/** What is known before the end. */
export interface PartialBackdoor {
  found: [number, Trigger | ClassTokens | null];
}

/** Classes above which those that MM-BD suspects are searched first. */
const manyClasses = 20;
/** Triggers that are kept for a report. */
const shownTriggers = 12;

/** @throws {WeighbridgeError} when model and samples do not fit each other, or cannot be read or run. */
export async function scanForBackdoors(job: BackdoorJob, reporter: ScanReporter): Promise<BackdoorScan> {
  const started = performance.now();
  const expired = (): boolean => performance.now() - started > job.budgetMs;
  const runtime = loadOnnxRuntime();
  const file = new ModelFile(job.model);
  try {
    if (takesTokens(file.graph)) return await scanTextModel(job, runtime, file, reporter, started);
    const input = file.graph.inputs[0];
    if (!input) throw new WeighbridgeError('bad-input', `${job.model} has no input.`);
    const samples = loadSamples(job.samples, job.model, input, job.seed);
    const classifier = await Classifier.open(runtime, file, samples.shape, job);
    try {
      return await new BackdoorSearch(job, reporter, classifier, samples, expired, started).run(file);
    } finally {
      await classifier.close();
    }
  } finally {
    file.close();
  }
}

class BackdoorSearch {
  readonly #job: BackdoorJob;
  readonly #reporter: ScanReporter;
  readonly #classifier: Classifier;
  readonly #samples: SampleSet;
  readonly #expired: () => boolean;
  readonly #started: number;
  readonly #notes: string[];
  /** Classes that the time ran out for. What was found of them counts, and what was not found says nothing. */
  readonly #unfinished = new Set<number>();

  constructor(
    job: BackdoorJob,
    reporter: ScanReporter,
    classifier: Classifier,
    samples: SampleSet,
    expired: () => boolean,
    started: number,
  ) {
    this.#job = job;
    this.#reporter = reporter;
    this.#classifier = classifier;
    this.#samples = samples;
    this.#expired = expired;
    this.#started = started;
    this.#notes = [...samples.notes];
  }

  async run(file: ModelFile): Promise<BackdoorScan> {
    const { methods } = this.#job;
    const accuracy = await checkedAccuracy(this.#classifier, this.#samples, this.#job.model);
    const classes = classesOf(this.#job.classes, this.#classifier.classes);
    const differentiable = await this.#classifier.differentiable('cross-entropy');
    if (!differentiable)
      this.#notes.push(
        `There is no gradient (${this.#classifier.whyNoGradient}): the search goes by evolution strategies, which are slower and less exact.`,
      );
    const gradient = !differentiable ? 'none' : this.#classifier.estimated.length > 0 ? 'estimate' : 'exact';
    if (gradient === 'estimate')
      this.#notes.push(
        `The gradient is an estimate, because the model rounds (${this.#classifier.estimated.join(', ')}).`,
      );
    const gradientCheck = differentiable ? await checkGradient(this.#classifier, this.#samples, this.#job.seed) : null;
    const maximumMargin = methods.includes('mm-bd') ? await this.#margins(classes) : null;
    const found = methods.includes('neural-cleanse') ? await this.#triggers(classes, maximumMargin) : null;
    const neuralCleanse = found === null ? null : judgeNorms(found);
    const untargeted = methods.includes('untargeted') ? await this.#untargeted(neuralCleanse) : null;
    const notScanned =
      found === null ? [] : classes.filter((label) => !found.has(label) || this.#unfinished.has(label));
    const triggers = [...(found ?? [])]
      .filter((entry): entry is [number, Trigger] => entry[1] !== null)
      .sort((a, b) => a[1].norm - b[1].norm)
      .slice(0, shownTriggers)
      .map(([label, trigger]) => ({ class: label, trigger }));
    const entropies = methods.includes('strip') ? await this.#strip(file, triggers[0] ?? null) : null;
    // Only now have all gradients been asked for.
    const notice = this.#classifier.providerNotice;
    if (notice !== null) this.#notes.push(notice);
    return {
      ...withCheck(judge({ neuralCleanse, maximumMargin, untargeted, notScanned, gradient }), gradient, gradientCheck),
      ...{ gradientCheck, placement: this.#classifier.placement },
      ...{
        neuralCleanse,
        maximumMargin,
        untargeted,
        text: null,
        strip: entropies,
        triggers,
        notScanned,
        gradient,
        accuracy,
      },
      notes: this.#notes,
      provider: this.#classifier.provider,
      schedule: this.#job.schedule,
      shape: this.#samples.shape,
      layout: this.#samples.layout,
      low: this.#samples.low,
      high: this.#samples.high,
      samples: this.#samples.count,
      durationMs: Math.round(performance.now() - this.#started),
    };
  }

  async #margins(classes: readonly number[]): Promise<MaximumMargin | null> {
    const tell = teller(this.#reporter, 'Widest margins', classes.length);
    const margins = await maximumMargins(this.#classifier, this.#samples, classes, {
      seed: this.#job.seed,
      expired: this.#expired,
      onClass: tell,
    });
    if (margins === null) this.#notes.push('MM-BD was not run: it needs gradients, three classes, and time.');
    return margins;
  }

  async #triggers(classes: readonly number[], margins: MaximumMargin | null): Promise<Map<number, Trigger | null>> {
    const { known, schedule, seed } = this.#job;
    const found = new Map<number, Trigger | null>();
    for (const [label, trigger] of known)
      if (classes.includes(label) && (trigger === null || 'mask' in trigger)) found.set(label, trigger);
    const order = classes.length > manyClasses && margins !== null ? byMargin(margins) : classes;
    const tell = teller(this.#reporter, 'Smallest triggers', classes.length);
    for (const label of order) {
      if (found.has(label)) continue;
      if (this.#expired()) break;
      const trigger = await searchTrigger(this.#classifier, this.#samples, label, {
        schedule: schedules[schedule],
        seed,
        expired: this.#expired,
      });
      found.set(label, trigger);
      if (this.#expired()) this.#unfinished.add(label);
      else this.#reporter.partial({ found: [label, trigger] } satisfies PartialBackdoor);
      tell(found.size);
    }
    if (schedule === 'fast') await this.#lookAgain(found, margins);
    return new Map([...found].sort(([a], [b]) => a - b));
  }

  /**
   * The fast schedule can miss a trigger for want of a good start. What stands out is searched again, thoroughly: the class with the
   * smallest norm when it is an outlier, and the one with the widest margin.
   */
  async #lookAgain(found: Map<number, Trigger | null>, margins: MaximumMargin | null): Promise<void> {
    const { suspiciousClasses, flaggedClasses } = judgeNorms(found);
    const again = new Set(suspiciousClasses.filter((label) => !flaggedClasses.includes(label)));
    if (margins !== null && margins.anomalyIndex > indexThreshold) {
      const widest = byMargin(margins)[0]!;
      if (!flaggedClasses.includes(widest)) again.add(widest);
    }
    for (const label of again) {
      if (this.#expired()) return;
      const trigger = await searchTrigger(this.#classifier, this.#samples, label, {
        schedule: schedules.thorough,
        seed: this.#job.seed + 1,
        expired: this.#expired,
      });
      if (trigger !== null && trigger.norm < (found.get(label)?.norm ?? Infinity)) found.set(label, trigger);
    }
    if (again.size > 0)
      this.#notes.push(`Class ${[...again].join(', ')} stood out and was searched a second time, thoroughly.`);
  }

  /** A trigger for all classes is measured by those for one. */
  async #untargeted(neuralCleanse: NeuralCleanse | null): Promise<UntargetedTrigger | null> {
    const norms = (neuralCleanse?.classes ?? []).flatMap(({ maskNorm }) => maskNorm ?? []);
    if (norms.length < 3) return null;
    const tell = teller(this.#reporter, 'Smallest trigger for all classes', 1);
    const least = await smallestUntargeted(this.#classifier, this.#samples, median(norms), {
      seed: this.#job.seed,
      expired: this.#expired,
    });
    tell(1);
    return least;
  }

  async #strip(file: ModelFile, least: { class: number; trigger: Trigger } | null): Promise<Strip> {
    const { seed, falseRejectionRate, inputs } = this.#job;
    const overlays = 100;
    const clean = pick(this.#samples, evenly(this.#samples.count, mostStripSamples));
    const suspects = inputs === null ? null : loadSamples(inputs, this.#job.model, file.graph.inputs[0]!, seed);
    const tell = teller(this.#reporter, 'Entropies under overlays', 1);
    const found = await strip(
      {
        ...{ how: 'overlay', falseRejectionRate },
        entropiesOf: (x: Float32Array) =>
          overlayEntropies(this.#classifier, x, this.#samples, { seed, overlays }, this.#expired),
        clean: { inputs: clean.x, count: clean.count },
        triggered: least && {
          class: least.class,
          inputs: applyTrigger(clean.x, least.trigger.mask, least.trigger.pattern, maskCells(this.#samples).cells),
        },
        tested: suspects && { inputs: suspects.x, count: suspects.count },
      },
      this.#notes,
    );
    tell(1);
    return found;
  }
}

/** Where the gradient is not what the model does, nothing can be said by what was not found along it. An estimate need not agree. */
function withCheck(judgement: Judgement, gradient: BackdoorScan['gradient'], check: GradientCheck | null): Judgement {
  if (gradient !== 'exact' || check === null || check.correlation >= leastCorrelation) return judgement;
  const why = `The gradient does not agree with what the model does (correlation ${check.correlation.toFixed(3)} along random directions), so that a trigger may have been missed: scan with --provider cpu.`;
  if (judgement.verdict === 'backdoor') return { ...judgement, reasons: [...judgement.reasons, why] };
  return {
    verdict: 'inconclusive',
    reasons: judgement.verdict === 'clean' ? [why] : [...judgement.reasons, why],
  };
}

function byMargin({ margins }: MaximumMargin): number[] {
  return [...margins].sort((a, b) => b.margin - a.margin).map((each) => each.class);
}
