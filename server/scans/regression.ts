import { WeighbridgeError } from '../errors.ts';
import { checkedAccuracy } from './checkedAccuracy.ts';
import { bestOf, Classifier } from './classifier.ts';
import type { ScanReporter } from './process/jobs.ts';
import { ModelFile } from './runtime/modelFile.ts';
import { loadOnnxRuntime, type OnnxRuntime } from './runtime/onnxRuntime.ts';
import type { ProviderReport, ProviderRequest } from './runtime/providers.ts';
import { loadSamples, type SamplesRequest } from './samples/loadSamples.ts';
import type { SampleSet } from './samples/sampleSet.ts';
import { SeededRandom } from './seededRandom.ts';
import { entropy, softmax, wilsonInterval } from './statistics.ts';

export interface RegressionJob {
  candidate: string;
  production: string;
  samples: SamplesRequest;
  provider: ProviderRequest;
  seed: number;
  batch: number;
  threads?: number;
}

export interface ClassShift {
  class: number;
  /** Samples that each model puts into the class. */
  production: number;
  candidate: number;
  /** Share of the samples of this class (by production) on which both agree; null when there are none. */
  agreement: number | null;
  /** Of the samples that are labelled so; null without labels, or when there are none. */
  productionAccuracy: number | null;
  candidateAccuracy: number | null;
}

export interface Divergence {
  sample: number;
  label: number | null;
  production: number;
  candidate: number;
  /** Jensen-Shannon divergence between both distributions, in bits. */
  divergence: number;
}

export interface RegressionScan {
  agreement: number;
  agreementInterval: [low: number, high: number];
  /** Agreement on samples with noise: behaviour away from clean samples, where a backdoor would be. */
  perturbedAgreement: { noise: number; agreement: number }[];
  /** Exact McNemar test of whether one model is right more often; null without labels. */
  mcnemarP: number | null;
  /** Samples that only one of the models gets right; null without labels. */
  onlyProductionRight: number | null;
  onlyCandidateRight: number | null;
  accuracy: { production: number; candidate: number } | null;
  /** Expected calibration error, in 15 bins; null without labels. */
  calibration: { production: number; candidate: number } | null;
  perClass: ClassShift[];
  largest: Divergence[];
  samples: number;
  notes: string[];
  provider: ProviderReport;
  durationMs: number;
}

const shownDivergences = 20;
const noises = [0.05, 0.1, 0.2];

/** Runs two models on the same samples. @throws {WeighbridgeError} */
export async function compareBehaviour(job: RegressionJob, reporter: ScanReporter): Promise<RegressionScan> {
  const started = performance.now();
  const runtime = loadOnnxRuntime();
  const production = await open(runtime, job.production, job);
  try {
    const candidate = await open(runtime, job.candidate, job);
    try {
      return await compare(job, production, candidate, reporter, started);
    } finally {
      await candidate.close();
    }
  } finally {
    await production.close();
  }
}

interface Opened {
  classifier: Classifier;
  samples: SampleSet;
  close: () => Promise<void>;
}

async function open(runtime: OnnxRuntime, path: string, job: RegressionJob): Promise<Opened> {
  const file = new ModelFile(path);
  try {
    const input = file.graph.inputs[0];
    if (!input) throw new WeighbridgeError('bad-input', `${path} has no input.`);
    const samples = loadSamples(job.samples, path, input, job.seed);
    const classifier = await Classifier.open(runtime, file, samples.shape, job);
    const close = async (): Promise<void> => {
      await classifier.close();
      file.close();
    };
    return { classifier, samples, close };
  } catch (error) {
    file.close();
    throw error;
  }
}

async function compare(
  job: RegressionJob,
  production: Opened,
  candidate: Opened,
  reporter: ScanReporter,
  started: number,
): Promise<RegressionScan> {
  const classes = production.classifier.classes;
  if (candidate.classifier.classes !== classes) {
    throw new WeighbridgeError(
      'bad-input',
      `${job.candidate} has ${candidate.classifier.classes} classes and ${job.production} ${classes}: models are compared that tell the same classes apart.`,
    );
  }
  const total = 2 + noises.length;
  const tell = (done: number): void => reporter.progress({ phase: 'Comparing', done, total, secondsLeft: null });
  tell(0);
  const { samples } = candidate;
  const accuracies = {
    production: await checkedAccuracy(production.classifier, production.samples, job.production),
    candidate: await checkedAccuracy(candidate.classifier, samples, job.candidate),
  };
  const scores = {
    production: await production.classifier.scores(production.samples.x),
    candidate: await candidate.classifier.scores(samples.x),
  };
  tell(2);
  const said = { production: bestOf(scores.production, classes), candidate: bestOf(scores.candidate, classes) };
  const same = countOf(samples.count, (row) => said.production[row] === said.candidate[row]);
  const perturbedAgreement: RegressionScan['perturbedAgreement'] = [];
  for (const [index, noise] of noises.entries()) {
    const agreement = await agreementUnderNoise(job, production, candidate, noise);
    perturbedAgreement.push({ noise, agreement });
    tell(3 + index);
  }
  const { y } = samples;
  const right = (who: Int32Array, row: number): boolean => y !== null && who[row] === y[row];
  const onlyProduction = countOf(samples.count, (row) => right(said.production, row) && !right(said.candidate, row));
  const onlyCandidate = countOf(samples.count, (row) => right(said.candidate, row) && !right(said.production, row));
  return {
    agreement: same / samples.count,
    agreementInterval: wilsonInterval(same, samples.count),
    perturbedAgreement,
    mcnemarP: y === null ? null : mcnemar(onlyProduction, onlyCandidate),
    onlyProductionRight: y === null ? null : onlyProduction,
    onlyCandidateRight: y === null ? null : onlyCandidate,
    accuracy: y === null ? null : { production: accuracies.production!, candidate: accuracies.candidate! },
    calibration:
      y === null
        ? null
        : {
            production: calibrationError(scores.production, y, classes),
            candidate: calibrationError(scores.candidate, y, classes),
          },
    perClass: Array.from({ length: classes }, (_, label) => shiftOf(label, said, y)),
    largest: divergences(scores, said, y, classes),
    samples: samples.count,
    notes: [...samples.notes, ...[candidate.classifier.providerNotice ?? []].flat()],
    provider: candidate.classifier.provider,
    durationMs: Math.round(performance.now() - started),
  };
}

async function agreementUnderNoise(
  job: RegressionJob,
  production: Opened,
  candidate: Opened,
  noise: number,
): Promise<number> {
  // The same noise in shares of the range, in the units of each model.
  const noisy = ({ samples: { x, low, high } }: Opened): Float32Array => {
    const random = new SeededRandom(job.seed);
    return x.map((value, index) => {
      const at = index % low.length;
      const moved = value + noise * random.normal() * (high[at]! - low[at]!);
      return Math.min(high[at]!, Math.max(low[at]!, moved));
    });
  };
  const before = await production.classifier.predictions(noisy(production));
  const after = await candidate.classifier.predictions(noisy(candidate));
  return countOf(before.length, (row) => before[row] === after[row]) / before.length;
}

function countOf(count: number, holds: (row: number) => boolean): number {
  let found = 0;
  for (let row = 0; row < count; row++) if (holds(row)) found++;
  return found;
}

/** Two-sided exact test: of the samples that one model alone gets right, each is as likely to be the one's as the other's. */
export function mcnemar(one: number, other: number): number {
  const count = one + other;
  if (count === 0) return 1;
  let sum = 0;
  // Sum of binomial probabilities up to the smaller count, by logarithms.
  let logarithm = -count * Math.LN2;
  for (let hits = 0; hits <= Math.min(one, other); hits++) {
    sum += Math.exp(logarithm);
    logarithm += Math.log((count - hits) / (hits + 1));
  }
  return Math.min(1, 2 * sum);
}

/** How far confidence is from accuracy, weighted over 15 ranges of confidence (Guo et al., ICML 2017). */
export function calibrationError(scores: Float32Array, y: Int32Array, classes: number): number {
  const bins = Array.from({ length: 15 }, () => ({ count: 0, confidence: 0, right: 0 }));
  y.forEach((label, row) => {
    const probabilities = softmax(scores.subarray(row * classes, (row + 1) * classes));
    const confidence = Math.max(...probabilities);
    const bin = bins[Math.min(14, Math.floor(confidence * 15))]!;
    bin.count++;
    bin.confidence += confidence;
    if (probabilities.indexOf(confidence) === label) bin.right++;
  });
  return bins.reduce((sum, { confidence, right }) => sum + Math.abs(confidence - right), 0) / Math.max(1, y.length);
}

interface Said {
  production: Int32Array;
  candidate: Int32Array;
}

function shiftOf(label: number, { production, candidate }: Said, y: Int32Array | null): ClassShift {
  const count = production.length;
  const mine = countOf(count, (row) => production[row] === label);
  const both = countOf(count, (row) => production[row] === label && candidate[row] === label);
  const labelled = y === null ? 0 : countOf(count, (row) => y[row] === label);
  const accuracy = (who: Int32Array): number | null =>
    labelled === 0 ? null : countOf(count, (row) => y![row] === label && who[row] === label) / labelled;
  return {
    class: label,
    production: mine,
    candidate: countOf(count, (row) => candidate[row] === label),
    agreement: mine === 0 ? null : both / mine,
    productionAccuracy: accuracy(production),
    candidateAccuracy: accuracy(candidate),
  };
}

function divergences(
  scores: { production: Float32Array; candidate: Float32Array },
  said: Said,
  y: Int32Array | null,
  classes: number,
): Divergence[] {
  return Array.from({ length: said.production.length }, (_, row): Divergence => {
    const p = softmax(scores.production.subarray(row * classes, (row + 1) * classes));
    const q = softmax(scores.candidate.subarray(row * classes, (row + 1) * classes));
    const middle = p.map((each, index) => (each + q[index]!) / 2);
    return {
      sample: row,
      label: y?.[row] ?? null,
      production: said.production[row]!,
      candidate: said.candidate[row]!,
      divergence: Math.max(0, entropy(middle) - (entropy(p) + entropy(q)) / 2),
    };
  })
    .sort((a, b) => b.divergence - a.divergence || a.sample - b.sample)
    .slice(0, shownDivergences);
}
