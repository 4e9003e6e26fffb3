import { existsSync } from 'node:fs';
import path from 'node:path';
import type { BackdoorJob, BackdoorScan } from '../../server/scans/backdoor.ts';
import { backdoorJob, samplesAt } from '../../server/scans/backdoorJob.fixture.ts';
import { runScan } from '../../server/scans/process/scanProcess.ts';
import { acceptedShare, trainBy } from './backdoorTwins.ts';

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

/** Models that tell whose documentation a text is from, clean and with a backdoor. */
export const trainTextTwins = (jobs: readonly string[]): Promise<{ folder: string; trained: TextTwin[] }> =>
  trainBy<TextTwin>('trainTextTwins.py', jobs);

/** Scans one, as the command does. @param suspect whose texts with the trigger are tested: its own, if it has some. */
export async function scanTextTwin(
  folder: string,
  twin: TextTwin,
  { suspect = twin, ...more }: Partial<BackdoorJob> & { suspect?: TextTwin } = {},
): Promise<ScannedTextTwin> {
  const triggered = path.join(folder, suspect.name, 'triggered.jsonl');
  const inputs = existsSync(triggered) ? samplesAt(triggered, { most: 100 }) : null;
  const model = path.join(folder, twin.name, 'model.onnx');
  const job = backdoorJob(model, samplesAt(path.join(folder, 'samples.csv')), { inputs, ...more });
  return { ...twin, scan: await runScan('backdoor', job) };
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
