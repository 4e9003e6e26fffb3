import { basename } from 'node:path';
import { preprocessingFor } from '../../engine/preprocessingSection.ts';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { evidencePlace, type ScanEvidence } from '../../policy/evidence/besideModel.ts';
import { standalone } from '../../report/scans/page.ts';
import type { ScanRun } from '../../report/scans/run.ts';
import { digestText, modelDigest } from '../../scans/modelDigest.ts';
import type { ScanJobs } from '../../scans/process/jobs.ts';
import { runScan, type ScanOptions } from '../../scans/process/scanProcess.ts';
import type { SamplesRequest } from '../../scans/samples/loadSamples.ts';
import { relativePath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { ModelScanArguments, ModelScanReport } from '../protocol.ts';
import { providerOf } from '../providerSetting.ts';
import { localPath } from '../signing/signatures.ts';
import type { LongWork } from './longWork.ts';

export const seed = 1;

/** What makes one scan of a model different from another. */
export interface ModelScan<K extends ScanEvidence> {
  kind: K;
  /** Absolute; the model that the result is about first. */
  models: string[];
  /** How the samples were named. */
  samples: string;
  title: string;
  json: (scan: ScanJobs[K]['result'], run: ScanRun, models: readonly ScanRun['model'][]) => string;
  html: (scan: ScanJobs[K]['result'], run: ScanRun, models: readonly ScanRun['model'][]) => string;
}

/** What is asked of every scan that a client starts. @throws {WeighbridgeError} */
export async function askedOf(context: ServerContext, { uri, samples, range }: ModelScanArguments) {
  const model = localPath(uri);
  const preprocessing = await preprocessingFor(context.folders.of(model).scanner.configuration, model);
  return {
    model,
    samples: {
      ...{ path: localPath(samples), labels: null, range: rangeOf(range) },
      ...{ preprocessing, labelColumn: null, most: 1000 },
    } satisfies SamplesRequest,
    provider: providerOf(context.session.settings.onnx?.provider),
    seed,
    batch: 32,
    budgetMs: 30 * 60_000,
  };
}

/** Runs a scan, keeps the result for gates, and gives its page. @throws {WeighbridgeError} */
export async function scanModel<K extends ScanEvidence>(
  context: ServerContext,
  uri: string,
  { kind, models, samples, title, json, html }: ModelScan<K>,
  start: (digests: readonly string[], options: ScanOptions) => Promise<ScanJobs[K]['result']>,
  run: LongWork,
): Promise<ModelScanReport> {
  const [model] = models as [string];
  const folder = context.folders.of(model);
  const digests = await Promise.all(models.map(modelDigest));
  const scan = await start(digests.map(digestText), {
    signal: run.signal,
    onProgress: ({ phase, done, total, secondsLeft }) =>
      run.report(`${phase}: ${done} of ${total}${secondsLeft === null ? '' : `, ${secondsLeft} s left`}`, done, total),
  });
  const after = await Promise.all(models.map(modelDigest));
  const changed = models.find((_, index) => digestText(digests[index]!) !== digestText(after[index]!));
  if (changed !== undefined)
    throw new WeighbridgeError('refused', `${basename(changed)} changed while it was scanned: scan it again.`);
  const { provider, notes, durationMs } = scan as Pick<ScanRun, 'provider' | 'notes' | 'durationMs'>;
  const shown = models.map((path, index) => ({
    path: folder.loose ? path : relativePath(folder.path, path),
    ...digests[index]!,
  }));
  const facts: ScanRun = { model: shown[0]!, samples: basename(samples), provider, seed, durationMs, notes };
  const document = json(scan, facts, shown);
  const evidence = evidencePlace(folder.scanner.configuration, kind, model);
  replaceFile(evidence, document);
  // What it says of the model is a finding from now on, whether or not the client watches files.
  folder.changed([evidence]);
  const content = html(scan, facts, shown);
  const name = basename(model);
  return {
    ...{ kind, uri, name, title: `${title}: ${name}`, content, json: document, evidence },
    html: standalone(`${title}: ${name}`, content),
  };
}

/** Runs the process of a scan as `scanModel` wants it run. */
export const starting =
  <K extends ScanEvidence>(kind: K, job: ScanJobs[K]['job']) =>
  (_digests: readonly string[], options: ScanOptions): Promise<ScanJobs[K]['result']> =>
    runScan(kind, job, options);

/** What arrives here was written by a client, whatever the types say. */
function rangeOf(range: unknown): [number, number] | null {
  if (range === null || range === undefined) return null;
  const [low, high] = Array.isArray(range) ? (range as unknown[]) : [];
  if (typeof low === 'number' && typeof high === 'number' && low < high) return [low, high];
  throw new WeighbridgeError('bad-usage', 'A range is two numbers, the lower one first.');
}
