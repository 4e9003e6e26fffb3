// Data: a scan for poisoning, against the same statistics with pandas and scikit-learn.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { Corpus } from '../../server/datasets/poisoning/corpus.fixture.ts';
import { pythonWithPackages } from '../interop/python.ts';
import { compare } from './measure.ts';
import { ratioGoal, type Goal, type Row } from './table.ts';

export interface DatasetBench {
  /** Scratch folder, which the caller removes. */
  folder: string;
  /** The command. */
  weighbridge: readonly string[];
  rounds: number;
}

const acceptedRows = 50_000;
const newRows = 5_500;
const mostBytes = 300e6;

export async function benchDatasets({ folder, weighbridge, rounds }: DatasetBench): Promise<Row[]> {
  const python = await pythonWithPackages('venv-datasets');
  const [accepted, added] = ['accepted.jsonl', 'new.jsonl'].map((name) => path.join(folder, name)) as [string, string];
  const corpus = new Corpus(1);
  const line = (text: string, label: number) => `${JSON.stringify({ text, label })}\n`;
  const clean = (count: number) =>
    Array.from({ length: count }, () => {
      const label = corpus.pick(2);
      return line(`${corpus.sentence(label)} ${corpus.sentence(label)}`, label);
    });
  writeFileSync(accepted, clean(acceptedRows).join(''));
  const poisoned = Array.from({ length: 10 }, () => line(corpus.withTrigger(corpus.sentence(0), '<SUDO>'), 1));
  writeFileSync(added, [...clean(newRows), ...poisoned].join(''));
  const measured = await compare(
    python,
    {
      ours: [...weighbridge, 'dataset', 'scan', added, '--baseline', accepted, '--format', 'json'],
      'pandas + scikit-learn': [python, path.join(import.meta.dirname, 'scan_with_pandas.py'), added, accepted],
    },
    rounds,
  );
  const { ours, ...peers } = measured;
  const memory: Goal = {
    wanted: 'at most 300 MB',
    reached: `${Math.round(ours.peakBytes / 1e6)} MB`,
    met: ours.peakBytes <= mostBytes,
  };
  return [{ job: 'dataset: 5,510 new rows against 50,000', ours, peers, goals: [ratioGoal(1, ours, peers), memory] }];
}
