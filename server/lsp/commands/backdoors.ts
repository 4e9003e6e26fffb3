import { basename } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';
import { replaceFile } from '../../files/replaceFile.ts';
import { evidencePlace } from '../../policy/evidence/besideModel.ts';
import { backdoorHtml, backdoorJson } from '../../report/scans/backdoor.ts';
import { standalone } from '../../report/scans/page.ts';
import { backdoorMethods, type BackdoorJob, type PartialBackdoor } from '../../scans/backdoor.ts';
import { modelDigest } from '../../scans/modelDigest.ts';
import { runScan } from '../../scans/process/scanProcess.ts';
import { providerOf } from '../providerSetting.ts';
import { relativePath } from '../address.ts';
import type { ServerContext } from '../context.ts';
import type { BackdoorReport, ScanBackdoorsArguments } from '../protocol.ts';
import { localPath } from '../signing/signatures.ts';
import type { LongWork } from './longWork.ts';

const seed = 1;

/** Triggers that interrupted scans had found, by what was scanned: the next scan of the same goes on from there. */
const interrupted = new Map<string, PartialBackdoor['found'][]>();
const mostInterrupted = 16;

/** Scans a model for backdoors, and keeps the result for gates. @throws {WeighbridgeError} */
export async function scanBackdoors(
  context: ServerContext,
  { uri, samples, range }: ScanBackdoorsArguments,
  run: LongWork,
): Promise<BackdoorReport> {
  const model = localPath(uri);
  const path = localPath(samples);
  const folder = context.folders.of(model);
  const digest = await modelDigest(model);
  const job: BackdoorJob = {
    model,
    samples: { path, labels: null, range: rangeOf(range), preprocessing: null, labelColumn: null, most: 1000 },
    inputs: null,
    methods: backdoorMethods,
    schedule: 'fast',
    provider: providerOf(context.session.settings.onnx?.provider),
    seed,
    batch: 32,
    classes: null,
    budgetMs: 30 * 60_000,
    falseRejectionRate: 0.01,
    known: [],
  };
  const key = JSON.stringify([digest, job.samples, job.provider]);
  const known = interrupted.get(key) ?? [];
  interrupted.delete(key);
  const found = [...known];
  try {
    const scan = await runScan(
      'backdoor',
      { ...job, known },
      {
        signal: run.signal,
        onProgress: ({ phase, done, total, secondsLeft }) =>
          run.report(
            `${phase}: ${done} of ${total}${secondsLeft === null ? '' : `, ${secondsLeft} s left`}`,
            done,
            total,
          ),
        onPartial: (partial) => found.push((partial as PartialBackdoor).found),
      },
    );
    if ((await modelDigest(model)) !== digest)
      throw new WeighbridgeError('refused', `${basename(model)} changed while it was scanned: scan it again.`);
    if (known.length > 0) scan.notes.push(`${known.length} classes were taken from an interrupted scan.`);
    const { provider, notes, durationMs } = scan;
    const shown = { path: folder.loose ? model : relativePath(folder.path, model), digest };
    const facts = { model: shown, samples: basename(path), provider, seed, durationMs, notes };
    const json = backdoorJson(scan, facts);
    const evidence = evidencePlace(folder.scanner.configuration, 'backdoor', model);
    replaceFile(evidence, json);
    const content = backdoorHtml(scan, facts);
    const name = basename(model);
    const html = standalone(`Backdoor scan: ${name}`, content);
    return { uri, name, verdict: scan.verdict, reasons: scan.reasons, content, html, json, evidence };
  } catch (error) {
    if (found.length > 0) {
      if (interrupted.size >= mostInterrupted) interrupted.delete([...interrupted.keys()][0]!);
      interrupted.set(key, found);
    }
    throw error;
  }
}

/** What arrives here was written by a client, whatever the types say. */
function rangeOf(range: unknown): [number, number] | null {
  if (range === null || range === undefined) return null;
  const [low, high] = Array.isArray(range) ? (range as unknown[]) : [];
  if (typeof low === 'number' && typeof high === 'number' && low < high) return [low, high];
  throw new WeighbridgeError('bad-usage', 'A range is two numbers, the lower one first.');
}
