// Scans for backdoors: Neural Cleanse, against the same search in PyTorch and that of the Adversarial Robustness Toolbox.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { schedules } from '../../server/scans/detectors/schedule.ts';
import { trainTwins } from '../interop/backdoorTwins.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { compare } from './measure.ts';
import { ratioGoal, type Row } from './table.ts';

export interface ScanBench {
  /** A Python with PyTorch. */
  python: string;
  /** The command. */
  weighbridge: readonly string[];
  rounds: number;
}

const here = path.dirname(fileURLToPath(import.meta.url));
/** The class of the trigger, and one without. */
const classes = ['3', '5'];

export async function benchScans({ python, weighbridge, rounds }: ScanBench): Promise<Row[]> {
  const { folder } = await trainTwins(['patch:0']);
  const art = await pythonWithPackages('venv-art');
  const { steps, batches, initialCost, patience, stopPatience } = schedules.official;
  const rules = [steps, batches, initialCost, patience, stopPatience].map(String);
  const measured = await compare(
    python,
    {
      ours: [
        ...weighbridge,
        ...['backdoor', path.join(folder, 'patch-0.onnx'), '--samples', path.join(folder, 'samples.npz')],
        ...['--range', '0,1', '--method', 'neural-cleanse', '--schedule', 'official', '--classes', classes.join()],
        ...['--provider', 'cpu', '--no-evidence', '--format', 'json'],
      ],
      'Neural Cleanse in PyTorch': [
        ...[python, '-W', 'ignore', path.join(here, '..', 'interop', 'neuralCleanse.py')],
        ...[folder, 'patch-0', ...rules, ...classes],
      ],
      'ART (Keras)': [
        ...[art, '-W', 'ignore', path.join(here, 'neural_cleanse_art.py')],
        ...[folder, 'patch-0', String(steps), ...classes],
      ],
    },
    rounds,
  );
  rmSync(folder, { recursive: true });
  const { ours, ...peers } = measured;
  return [
    {
      job: 'backdoor: Neural Cleanse of two classes, official schedule',
      ours,
      peers,
      goals: [ratioGoal(1, ours, peers, 'Neural Cleanse in PyTorch')],
    },
  ];
}
