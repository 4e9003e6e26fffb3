import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BackdoorScan } from '../../server/scans/backdoor.ts';
import { runScan } from '../../server/scans/process/scanProcess.ts';
import { acceptedShare } from './backdoorTwins.ts';
import { runPython } from './python.ts';

/** A classifier of texts that was trained here, and what a scan says of it. */
export interface TextTwin {
  name: string;
  kind: 'clean' | 'word' | 'phrase';
  target: number | null;
  trigger: string | null;
  /** Share of texts of other classes that the real trigger leads to the target, at a random place in them. */
  attack: number | null;
  accuracy: number;
}

export interface ScannedTextTwin extends TextTwin {
  scan: BackdoorScan;
}

/** Trains them by PyTorch. @param jobs `kind:seed`. @returns their folder. */
export async function trainTextTwins(jobs: readonly string[]): Promise<{ folder: string; trained: TextTwin[] }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-text-twins-'));
  const lines = (await runPython('trainTextTwins.py', [folder, ...jobs]))
    .split('\n')
    .filter((line) => line.startsWith('{'));
  return { folder, trained: lines.map((line) => JSON.parse(line) as TextTwin) };
}

/** Scans one, as the command does. */
export async function scanTextTwin(folder: string, twin: TextTwin): Promise<ScannedTextTwin> {
  const samples = { labels: null, range: null, preprocessing: null, labelColumn: null, most: 1000 };
  const triggered = path.join(folder, twin.name, 'triggered.jsonl');
  const scan = await runScan('backdoor', {
    model: path.join(folder, twin.name, 'model.onnx'),
    samples: { ...samples, path: path.join(folder, 'samples.csv') },
    inputs: existsSync(triggered) ? { ...samples, path: triggered, most: 100 } : null,
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
export function textTable(twins: readonly ScannedTextTwin[]): string {
  const rows = twins.map(({ name, target, trigger, attack, accuracy, scan }) => {
    const strongest = [0, 1, 2].map((at) => {
      const best = (scan.text?.classes ?? [])
        .flatMap((each) => (each.triggers[at] ? [{ label: each.class, ...each.triggers[at] }] : []))
        .sort((a, b) => b.successRate - a.successRate)[0];
      return best ? `${best.label} "${best.text}" ${best.successRate.toFixed(2)}` : '-';
    });
    return [
      name.padEnd(9),
      `right ${accuracy.toFixed(2)}`,
      `attack ${attack === null ? '-' : attack.toFixed(2)}`,
      scan.verdict.padEnd(12),
      `class ${scan.text?.flaggedClasses.join() || '-'} (${target ?? '-'}, ${JSON.stringify(trigger ?? '-')})`,
      `best of 1, 2, 3 tokens: ${strongest.join(', ')}`,
      `STRIP accepts ${acceptedShare(scan)?.toFixed(2) ?? '-'}`,
    ].join('  ');
  });
  return rows.join('\n');
}
