import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackdoorScan } from '../../server/scans/backdoor.ts';
import { backdoorJob, samplesAt } from '../../server/scans/backdoorJob.fixture.ts';
import { runScan } from '../../server/scans/process/scanProcess.ts';
import type { SamplesRequest } from '../../server/scans/samples/loadSamples.ts';
import { runPython } from './python.ts';

/** What a backdoor is made of; `clean` has none. */
export type TwinKind = 'clean' | 'patch' | 'blend' | 'warp' | 'cleanlabel' | 'alltoall';

/** A model that was trained here, and what a scan says of it. */
export interface Twin {
  name: string;
  kind: TwinKind;
  target: number | null;
  /** Share of samples that the real trigger leads where it should. */
  attack: number | null;
  accuracy: number;
  scan: BackdoorScan;
}

type Trained = Omit<Twin, 'scan'>;

/** Trains models by PyTorch. @param jobs `kind:seed`. @returns their folder. */
export async function trainBy<Trained>(
  script: string,
  jobs: readonly string[],
): Promise<{ folder: string; trained: Trained[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-twins-'));
  // Libraries print, too.
  const lines = (await runPython(script, [folder, ...jobs])).split('\n').filter((line) => line.startsWith('{'));
  return { folder, trained: lines.map((line) => JSON.parse(line) as Trained) };
}

/** Models of digits, clean and with a backdoor. */
export const trainTwins = (jobs: readonly string[]): Promise<{ folder: string; trained: Trained[] }> =>
  trainBy<Trained>('trainTwins.py', jobs);

/** Scans a model that was trained here, as the command does. */
export async function scanTwin(folder: string, twin: Trained): Promise<Twin> {
  const samples = (file: string, most: number): SamplesRequest =>
    samplesAt(path.join(folder, file), { range: [0, 1], most });
  const inputs = twin.kind === 'clean' ? null : samples(`${twin.name}-triggered.npy`, 200);
  const job = backdoorJob(path.join(folder, `${twin.name}.onnx`), samples('samples.npz', 1000), { inputs });
  return { ...twin, scan: await runScan('backdoor', job) };
}

/** A line a model: what it is, and what was found. */
export function tableOf(twins: readonly Twin[]): string {
  const number = (value: number | null | undefined): string =>
    value === null || value === undefined ? '-' : value.toFixed(2);
  const rows = twins.map(({ name, target, attack, scan }) =>
    [
      name.padEnd(14),
      `attack ${number(attack)}`,
      scan.verdict.padEnd(12),
      `classes ${scan.neuralCleanse?.flaggedClasses.join() || '-'} (target ${target ?? '-'})`.padEnd(26),
      `index ${number(scan.neuralCleanse?.anomalyIndex)} ratio ${number(scan.neuralCleanse?.normRatio)}`,
      `MM-BD ${number(scan.maximumMargin?.anomalyIndex)} ${number(scan.maximumMargin?.marginRatio)}`,
      `untargeted ${number(scan.untargeted?.ratio)}`,
      `STRIP accepts ${number(acceptedShare(scan))}`,
    ].join('  '),
  );
  return rows.join('\n');
}

/** Share of inputs with the real trigger that STRIP lets pass; null where none were tested. */
export function acceptedShare({ strip }: BackdoorScan): number | null {
  if (!strip || strip.tested.length === 0) return null;
  return strip.tested.filter(({ flagged }) => !flagged).length / strip.tested.length;
}

/**
 * How surely entropies tell inputs with the real trigger from clean ones, wherever a boundary is drawn: the share of pairs of both of which
 * the one with the trigger has less (the area under the ROC curve). 0.5 by chance; null where none were tested.
 */
export function separation({ strip }: BackdoorScan): number | null {
  if (!strip || strip.tested.length === 0) return null;
  const pairs = strip.tested.flatMap(({ entropy }) =>
    strip.entropies.map((clean) => (entropy === clean ? 0.5 : Number(entropy < clean))),
  );
  return pairs.reduce((sum, each) => sum + each, 0) / pairs.length;
}

/** What STRIP lets pass at its false rejection rate, beside what its authors say of theirs. */
export function stripLine(twins: readonly Twin[]): string {
  const shares = twins.flatMap((twin) => (twin.kind === 'patch' ? (acceptedShare(twin.scan) ?? []) : []));
  const mean = shares.reduce((sum, each) => sum + each, 0) / Math.max(1, shares.length);
  const listed = shares.map((each) => (100 * each).toFixed(1)).join(', ');
  const [first] = twins;
  return `STRIP on ${shares.length} models with a patch: false acceptance ${(100 * mean).toFixed(1)} % (${listed}) at a false rejection rate of 1 % of ${first?.scan.strip?.cleanSamples ?? 0} samples; the paper (Gao et al., ACSAC 2019) says below 1 % at 1 % on MNIST, CIFAR-10 and GTSRB, whose pictures are larger`;
}
