import { WeighbridgeError } from '../errors.ts';
import { attackByGradient, fgsm, pgd } from './attacks/gradientAttacks.ts';
import { squareAttack } from './attacks/squareAttack.ts';
import { checkedAccuracy } from './checkedAccuracy.ts';
import { Classifier } from './classifier.ts';
import { checkGradient, leastCorrelation, type GradientCheck } from './gradient/selfCheck.ts';
import type { ScanReporter } from './process/jobs.ts';
import { ModelFile } from './runtime/modelFile.ts';
import { loadOnnxRuntime } from './runtime/onnxRuntime.ts';
import type { ProviderReport, ProviderRequest } from './runtime/providers.ts';
import type { Placement } from './runtime/session.ts';
import { loadSamples, type SamplesRequest } from './samples/loadSamples.ts';
import { pick, type SampleSet } from './samples/sampleSet.ts';
import { SeededRandom } from './seededRandom.ts';
import { wilsonInterval } from './statistics.ts';

export const attackNames = ['fgsm', 'pgd-linf', 'pgd-l2', 'square'] as const;
export type AttackName = (typeof attackNames)[number];

export interface RobustnessJob {
  model: string;
  samples: SamplesRequest;
  attacks: readonly AttackName[];
  /** Shares of the range of an input, for attacks that bound each element. */
  epsilons: readonly number[];
  /** Euclidean lengths, with each element as a share of its range. */
  epsilonsL2: readonly number[];
  steps: number;
  queries: number;
  provider: ProviderRequest;
  seed: number;
  batch: number;
  threads?: number;
  /** Milliseconds; attacks that were not begun by then are listed. */
  budgetMs: number;
}

/** How hard attacks are where nothing else is asked for: 2, 4 and 8 of 255 shades. */
export const usualAttacks = {
  epsilons: [2 / 255, 4 / 255, 8 / 255],
  epsilonsL2: [0.25, 0.5, 1],
  steps: 20,
  queries: 200,
} as const;

export interface AttackResult {
  name: AttackName;
  epsilon: number;
  /** Share of all samples that the model still gets right. */
  accuracy: number;
  /** 95 % confidence interval of it. */
  interval: [low: number, high: number];
}

export interface RobustnessScan {
  cleanAccuracy: number;
  attacks: AttackResult[];
  /** Attacks that were not run, with the reason. */
  notRun: { name: AttackName; epsilon: number; reason: string }[];
  /** The gradient against differences of the loss; null where there is none. */
  gradientCheck: GradientCheck | null;
  /** Where the nodes of the model ran. */
  placement: Placement | null;
  samples: number;
  notes: string[];
  provider: ProviderReport;
  durationMs: number;
}

/** @throws {WeighbridgeError} when model and samples do not fit each other, or cannot be read or run. */
export async function testRobustness(job: RobustnessJob, reporter: ScanReporter): Promise<RobustnessScan> {
  const started = performance.now();
  const file = new ModelFile(job.model);
  try {
    const input = file.graph.inputs[0];
    if (!input) throw new WeighbridgeError('bad-input', `${job.model} has no input.`);
    const samples = loadSamples(job.samples, job.model, input, job.seed);
    const classifier = await Classifier.open(loadOnnxRuntime(), file, samples.shape, job);
    try {
      return await run(job, classifier, samples, reporter, started);
    } finally {
      await classifier.close();
    }
  } finally {
    file.close();
  }
}

async function run(
  job: RobustnessJob,
  classifier: Classifier,
  samples: SampleSet,
  reporter: ScanReporter,
  started: number,
): Promise<RobustnessScan> {
  const notes = [...samples.notes];
  const labelled = await checkedAccuracy(classifier, samples, job.model);
  const y = samples.y ?? (await classifier.predictions(samples.x));
  if (samples.y === null)
    notes.push('Samples have no labels: what the model says of them without an attack counts as right.');
  const differentiable = await classifier.differentiable('cross-entropy');
  if (classifier.providerNotice !== null) notes.push(classifier.providerNotice);
  if (differentiable && classifier.estimated.length > 0)
    notes.push(
      `The gradient is an estimate, because the model rounds (${classifier.estimated.join(', ')}): attacks by gradients may be weaker than they could be.`,
    );
  const gradientCheck = await checkGradient(classifier, samples, job.seed);
  if (gradientCheck !== null && classifier.estimated.length === 0 && gradientCheck.correlation < leastCorrelation)
    notes.push(
      `The gradient does not agree with what the model does (correlation ${gradientCheck.correlation.toFixed(3)} along random directions): attacks by gradients are weaker than they should be.`,
    );
  const wanted = job.attacks.flatMap((name) =>
    (name === 'pgd-l2' ? job.epsilonsL2 : job.epsilons).map((epsilon) => ({ name, epsilon })),
  );
  const attacks: AttackResult[] = [];
  const notRun: RobustnessScan['notRun'] = [];
  const from = performance.now();
  for (const [done, { name, epsilon }] of wanted.entries()) {
    const each = done === 0 ? null : (performance.now() - from) / done / 1000;
    const secondsLeft = each === null ? null : Math.round(each * (wanted.length - done));
    reporter.progress({ phase: `${name}, epsilon ${epsilon.toPrecision(2)}`, done, total: wanted.length, secondsLeft });
    if (performance.now() - started > job.budgetMs) {
      notRun.push({ name, epsilon, reason: 'the time was up' });
    } else if (name !== 'square' && !differentiable) {
      notRun.push({ name, epsilon, reason: `there is no gradient (${classifier.whyNoGradient})` });
    } else {
      const attack = await underAttack(job, classifier, samples, y, name, epsilon);
      attacks.push(attack);
      reporter.partial(attack);
    }
  }
  if (notRun.length > 0) notes.push(`${notRun.length} attacks were not run: ${notRun[0]!.reason}.`);
  return {
    cleanAccuracy: labelled ?? 1,
    attacks,
    notRun,
    gradientCheck,
    placement: classifier.placement,
    samples: samples.count,
    notes,
    provider: classifier.provider,
    durationMs: Math.round(performance.now() - started),
  };
}

async function underAttack(
  job: RobustnessJob,
  classifier: Classifier,
  samples: SampleSet,
  y: Int32Array,
  name: AttackName,
  epsilon: number,
): Promise<AttackResult> {
  const random = new SeededRandom(job.seed);
  let right = 0;
  for (let from = 0; from < samples.count; from += classifier.batch) {
    const rows = Array.from({ length: Math.min(classifier.batch, samples.count - from) }, (_, index) => from + index);
    const { x } = pick(samples, rows);
    const labels = Int32Array.from(rows, (row) => y[row]!);
    const changed =
      name === 'square'
        ? await squareAttack(classifier, x, labels, samples, epsilon, job.queries, random)
        : await attackByGradient(classifier, x, labels, samples, settingsOf(name, epsilon, job.steps), random);
    // An attack that fails must not count where the model was wrong before.
    const before = await classifier.predictions(x);
    const after = await classifier.predictions(changed);
    labels.forEach((label, row) => {
      if (before[row] === label && after[row] === label) right++;
    });
  }
  return { name, epsilon, accuracy: right / samples.count, interval: wilsonInterval(right, samples.count) };
}

function settingsOf(name: Exclude<AttackName, 'square'>, epsilon: number, steps: number) {
  switch (name) {
    case 'fgsm':
      return fgsm(epsilon);
    case 'pgd-linf':
      return pgd('linf', epsilon, steps);
    case 'pgd-l2':
      return pgd('l2', epsilon, steps);
  }
}
