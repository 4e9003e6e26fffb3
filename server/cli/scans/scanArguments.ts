import { resolve } from 'node:path';
import type { Configuration } from '../../engine/configuration.ts';
import { WeighbridgeError } from '../../errors.ts';
import { evidencePlace, type ScanEvidence } from '../../policy/evidence/besideModel.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import type { ScanProgress } from '../../scans/process/protocol.ts';
import type { ScanOptions } from '../../scans/process/scanProcess.ts';
import { providerNames, type ProviderRequest } from '../../scans/runtime/providers.ts';
import type { SamplesRequest } from '../../scans/samples/loadSamples.ts';
import type { Io } from '../io.ts';
import { file, flag, text, type OptionTable, type OptionValues } from '../options.ts';
import { progressOn } from '../progress.ts';

/** Options of every scan that runs a model. */
export const scanOptions: OptionTable = {
  samples: { type: 'string' },
  labels: { type: 'string' },
  'label-column': { type: 'string' },
  'text-column': { type: 'string' },
  range: { type: 'string' },
  'max-samples': { type: 'string' },
  provider: { type: 'string' },
  seed: { type: 'string' },
  batch: { type: 'string' },
  budget: { type: 'string' },
  memory: { type: 'string' },
  evidence: { type: 'string' },
  'no-evidence': { type: 'boolean' },
};

export const scanHelp = `Samples:
  --samples FILE      .npz (arrays x and y), .npy, CSV, Parquet, or a folder of PNG and JPEG pictures, one folder a class.
                      Of a classifier of text: CSV, JSON Lines or Parquet, with the tokenizer.json beside the model
  --labels FILE       .npy with the class of each sample, where they stand apart
  --label-column NAME Column of a table with the class; default: label, y, target or class
  --text-column NAME  Column with the text, for a classifier of text; default: the first one of words
  --range LOW,HIGH    What black and white are for the model, such as 0,1; default: preprocessor_config.json beside it
  --max-samples N     Samples at most, chosen by the seed (default 1000)

How it runs:
  --provider NAME     auto (default), cpu, cuda, tensorrt, dml, coreml or webgpu; what really ran is told
  --seed N            Same seed and provider, same result (default 1)
  --batch N           Samples that are run at once (default 32)
  --budget SECONDS    For the search (default 600); what is not done by then is listed
  --memory MIB        Ends the scan above it (default 8192)
  --evidence FILE     Where the result is kept for gates; default: the folder policy.evidence, or beside the model
  --no-evidence       Keeps none
`;

/** A whole number from `least` on. @throws {WeighbridgeError} `bad-usage`. */
export function wholeNumber(values: OptionValues, name: string, fallback: number, least: number): number {
  const value = text(values, name);
  if (value === undefined) return fallback;
  const number = Number(value);
  if (/^\d{1,9}$/.test(value) && number >= least) return number;
  throw new WeighbridgeError('bad-usage', `--${name} must be a whole number from ${least} up, not "${value}"`);
}

/** Numbers with commas between them. @throws {WeighbridgeError} `bad-usage`. */
export function numbers(values: OptionValues, name: string): number[] | null {
  const value = text(values, name);
  if (value === undefined) return null;
  const list = value.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (list.every(Number.isFinite)) return list;
  throw new WeighbridgeError('bad-usage', `--${name} must be numbers with commas between them, not "${value}"`);
}

/** One of a list with commas between them, each of the allowed ones. @throws {WeighbridgeError} `bad-usage`. */
export function choices<T extends string>(values: OptionValues, name: string, allowed: readonly T[]): T[] | null {
  const value = text(values, name);
  if (value === undefined) return null;
  return value.split(',').map((part) => {
    const found = allowed.find((each) => each === part.trim());
    if (found !== undefined) return found;
    throw new WeighbridgeError('bad-usage', `--${name} must be of ${allowed.join(', ')}, not "${part.trim()}"`);
  });
}

/** What every job is told. @throws {WeighbridgeError} `bad-usage`. */
export function commonJob(values: OptionValues): {
  provider: ProviderRequest;
  seed: number;
  batch: number;
  budgetMs: number;
} {
  return {
    provider: providerRequest(values),
    seed: wholeNumber(values, 'seed', 1, 0),
    batch: wholeNumber(values, 'batch', 32, 1),
    budgetMs: 1000 * wholeNumber(values, 'budget', 600, 1),
  };
}

/** Who shall run a model. @throws {WeighbridgeError} `bad-usage`. */
export function providerRequest(values: OptionValues): ProviderRequest {
  const [provider = 'auto', ...more] = choices(values, 'provider', providerNames) ?? [];
  if (more.length > 0) throw new WeighbridgeError('bad-usage', '--provider takes one name');
  return provider;
}

/** The samples that are named. @throws {WeighbridgeError} `bad-usage`. */
export function samplesOf(values: OptionValues, command: string, cwd: string): SamplesRequest {
  const path = file(values, 'samples', cwd);
  if (path === undefined)
    throw new WeighbridgeError(
      'bad-usage',
      `name samples of the model: weighbridge ${command} MODEL.onnx --samples FILE`,
    );
  const range = numbers(values, 'range');
  if (range !== null && (range.length !== 2 || range[0]! >= range[1]!))
    throw new WeighbridgeError('bad-usage', '--range takes two numbers, the lower one first: --range 0,1');
  return {
    path,
    labels: file(values, 'labels', cwd) ?? null,
    range: range === null ? null : [range[0]!, range[1]!],
    preprocessing: null,
    labelColumn: text(values, 'label-column') ?? null,
    textColumn: text(values, 'text-column') ?? null,
    most: wholeNumber(values, 'max-samples', 1000, 1),
  };
}

/** How the process of a scan is run for a person at a terminal. */
export function processOptions(values: OptionValues, io: Io): { options: ScanOptions; clear: () => void } {
  const progress = progressOn(io, flag(values, 'quiet'));
  const show = ({ phase, done, total, secondsLeft }: ScanProgress): void =>
    progress.show({ done, total, path: secondsLeft === null ? phase : `${phase}, ${secondsLeft} s left` });
  const budget = 1000 * wholeNumber(values, 'budget', 600, 1);
  return {
    options: {
      signal: io.signal,
      onProgress: show,
      // The search keeps to its budget by itself; loading, checks and the rest are given as long again.
      limits: { memoryBytes: wholeNumber(values, 'memory', 8192, 64) * 2 ** 20, timeMs: 2 * budget + 600_000 },
    },
    clear: () => progress.clear(),
  };
}

/** The one model of a command. @throws {WeighbridgeError} `bad-usage`. */
export function modelFile(command: string, positionals: string[], cwd: string, count = 1): string[] {
  if (positionals.length === count && !positionals.includes('')) return positionals.map((each) => resolve(cwd, each));
  const usage = count === 1 ? 'MODEL.onnx' : 'CANDIDATE.onnx PRODUCTION.onnx';
  throw new WeighbridgeError(
    'bad-usage',
    `name ${count === 1 ? 'one model' : 'two models'}: weighbridge ${command} ${usage} --samples FILE`,
  );
}

/**
 * Keeps a result where gates look for it.
 * @returns where; null when none is wanted.
 */
export async function keepEvidence(
  values: OptionValues,
  io: Io,
  configuration: Configuration,
  kind: ScanEvidence,
  model: string,
  document: string,
): Promise<string | null> {
  if (flag(values, 'no-evidence')) return null;
  const named = file(values, 'evidence', io.cwd);
  const target = named ?? evidencePlace(configuration, kind, model);
  const { refuseModel } = await import('../outputFile.ts');
  await refuseModel(target);
  replaceFile(target, document);
  return target;
}
