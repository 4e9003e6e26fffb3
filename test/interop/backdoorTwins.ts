import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackdoorScan } from '../../server/scans/backdoor.ts';
import { runScan } from '../../server/scans/process/scanProcess.ts';
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

interface Trained extends Omit<Twin, 'scan'> {
  name: string;
}

/** Trains models of digits, clean and with a backdoor, by PyTorch. @param jobs `kind:seed`. @returns their folder. */
export async function trainTwins(jobs: readonly string[]): Promise<{ folder: string; trained: Trained[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-twins-'));
  const lines = (await runPython('trainTwins.py', [folder, ...jobs])).trim().split('\n');
  return { folder, trained: lines.map((line) => JSON.parse(line) as Trained) };
}

/** Scans a model that was trained here, as the command does. */
export async function scanTwin(folder: string, twin: Trained): Promise<Twin> {
  const samples = {
    labels: null,
    range: [0, 1] as [number, number],
    preprocessing: null,
    labelColumn: null,
    most: 1000,
  };
  const triggered = path.join(folder, `${twin.name}-triggered.npy`);
  const scan = await runScan('backdoor', {
    model: path.join(folder, `${twin.name}.onnx`),
    samples: { ...samples, path: path.join(folder, 'samples.npz') },
    inputs: twin.kind === 'clean' ? null : { ...samples, path: triggered, most: 200 },
    methods: ['neural-cleanse', 'mm-bd', 'untargeted', 'strip'],
    schedule: 'fast',
    provider: 'cpu',
    seed: 1,
    batch: 32,
    classes: null,
    budgetMs: 3_600_000,
    falseRejectionRate: 0.01,
    known: [],
  });
  return { ...twin, scan };
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

/** What STRIP lets pass at its false rejection rate, beside what its authors say of theirs. */
export function stripLine(twins: readonly Twin[]): string {
  const shares = twins.flatMap((twin) => (twin.kind === 'patch' ? (acceptedShare(twin.scan) ?? []) : []));
  const mean = shares.reduce((sum, each) => sum + each, 0) / Math.max(1, shares.length);
  const listed = shares.map((each) => (100 * each).toFixed(1)).join(', ');
  const [first] = twins;
  return `STRIP on ${shares.length} models with a patch: false acceptance ${(100 * mean).toFixed(1)} % (${listed}) at a false rejection rate of 1 % of ${first?.scan.strip?.cleanSamples ?? 0} samples; the paper (Gao et al., ACSAC 2019) says below 1 % at 1 % on MNIST, CIFAR-10 and GTSRB, whose pictures are larger`;
}
