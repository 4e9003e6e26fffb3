import { basename } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import type { ScanEvidence } from '../../policy/evidence/besideModel.ts';
import { digestText, modelDigest, type ModelDigest } from '../../scans/modelDigest.ts';
import { runScan } from '../../scans/process/scanProcess.ts';
import type { ScanJobs } from '../../scans/process/jobs.ts';
import { standalone } from '../../report/scans/page.ts';
import type { ScanRun } from '../../report/scans/run.ts';
import type { Colours } from '../../report/colour.ts';
import { preprocessingFor } from '../../engine/preprocessingSection.ts';
import type { Preprocessing } from '../../scans/samples/preprocessing.ts';
import type { SamplesRequest } from '../../scans/samples/loadSamples.ts';
import { coloursFor, emit, exitCodes, write, type Io } from '../io.ts';
import { choice, configuration, flag, text, type OptionValues } from '../options.ts';
import { outputFile } from '../outputFile.ts';
import { commonJob, keepEvidence, processOptions } from './scanArguments.ts';

/** What makes one scan different from another. */
export interface ScanCommand<K extends ScanEvidence, R extends ScanRun> {
  kind: K;
  values: OptionValues;
  /** Absolute; the model that the evidence is about first. */
  models: string[];
  job: ScanJobs[K]['job'];
  run: (run: ScanRun, digests: readonly ModelDigest[]) => R;
  json: (scan: ScanJobs[K]['result'], run: R) => string;
  text: (scan: ScanJobs[K]['result'], run: R, colours: Colours) => string;
  html: (scan: ScanJobs[K]['result'], run: R) => string;
  /** Whether what was found is a failure. */
  fails: (scan: ScanJobs[K]['result']) => boolean;
}

interface CommonResult {
  provider: ScanRun['provider'];
  notes: string[];
  durationMs: number;
}

/** Runs a scan, prints what it found, and keeps it as evidence. @returns the exit code. */
export async function runScanCommand<K extends ScanEvidence, R extends ScanRun>(
  io: Io,
  command: ScanCommand<K, R>,
): Promise<number> {
  const { kind, values, models } = command;
  const format = choice(values, 'format', ['text', 'json', 'html'], 'text');
  const settings = await configuration(values, io.cwd);
  const job = withPreprocessing(command.job, await preprocessingFor(settings, models[0]!));
  const samples = text(values, 'samples') ?? '';
  const output = await outputFile(values, io.cwd, [...models, settings.file]);
  // Before and after: evidence is about the bytes that were run.
  const digests = await Promise.all(models.map(modelDigest));
  const { options, clear } = processOptions(values, io);
  let scan: ScanJobs[K]['result'];
  try {
    scan = await runScan(kind, job, options);
  } finally {
    clear();
  }
  const after = await Promise.all(models.map(modelDigest));
  const changed = models.find((_, index) => digestText(digests[index]!) !== digestText(after[index]!));
  if (changed !== undefined)
    throw new WeighbridgeError('refused', `${changed} changed while it was scanned: nothing was decided. Scan again.`);
  const { provider, notes, durationMs } = scan as unknown as CommonResult;
  const shown = models.map((model) => relativeTo(io.cwd, model));
  const run = command.run(
    {
      model: { path: shown[0]!, ...digests[0]! },
      samples,
      provider,
      seed: commonJob(values).seed,
      durationMs,
      notes,
    },
    digests,
  );
  const document = command.json(scan, run);
  const kept = await keepEvidence(values, io, settings, kind, models[0]!, document);
  if (kept !== null && !flag(values, 'quiet'))
    await write(io.stderr, `Evidence for gates: ${relativeTo(io.cwd, kept)}\n`);
  if (!flag(values, 'quiet') || format !== 'text' || output !== undefined) {
    const colours = coloursFor(io, { noColor: flag(values, 'no-color'), output });
    const report =
      format === 'json'
        ? document
        : format === 'html'
          ? standalone(`${kind}: ${basename(models[0]!)}`, command.html(scan, run))
          : command.text(scan, run, colours);
    await emit(io, report, output);
  }
  return command.fails(scan) ? exitCodes.findings : exitCodes.ok;
}

/** Samples, and what is tested, become inputs as the configuration says. */
function withPreprocessing<J extends { samples: SamplesRequest; inputs?: SamplesRequest | null }>(
  job: J,
  preprocessing: Preprocessing | null,
): J {
  const prepared = (request: SamplesRequest): SamplesRequest => ({ ...request, preprocessing });
  return { ...job, samples: prepared(job.samples), ...(job.inputs && { inputs: prepared(job.inputs) }) };
}

/** The path from the working directory, with `/`, when it is inside it. */
function relativeTo(cwd: string, path: string): string {
  const inside = path.startsWith(`${cwd}/`) || path.startsWith(`${cwd}\\`);
  return (inside ? path.slice(cwd.length + 1) : path).replaceAll('\\', '/');
}
