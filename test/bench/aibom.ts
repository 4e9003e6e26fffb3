// Bills of materials of a thousand components: written, validated, and held against the disk.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { safetensors } from '../../server/aibom/modelFolder.fixture.ts';
import { compare, type Measured } from './measure.ts';
import type { Goal, Row } from './table.ts';

export interface AibomBench {
  /** Scratch folder, which the caller removes. */
  folder: string;
  /** Interpreter that measures. */
  python: string;
  /** The command. */
  weighbridge: readonly string[];
  rounds: number;
}

const mostSeconds = 2;

export async function benchAibom({ folder, python, weighbridge, rounds }: AibomBench): Promise<Row[]> {
  const model = path.join(folder, 'thousand');
  mkdirSync(model);
  for (let index = 0; index < 200; index++) {
    writeFileSync(path.join(model, `layer-${index}.safetensors`), safetensors({ [`w${index}`]: [64, 64] }));
  }
  const lock = Array.from({ length: 800 }, (_, index) => `package-${index}==1.${index}.0\n`);
  writeFileSync(path.join(model, 'requirements.txt'), lock.join(''));
  writeFileSync(path.join(model, 'README.md'), '---\nlicense: mit\ndatasets: [squad]\n---\n# M\n');
  const document = path.join(model, 'aibom.cdx.json');
  const [node = '', ...program] = weighbridge;
  execFileSync(node, [...program, 'aibom', model, '--out', document]);
  const { write, check, validate } = await compare(
    python,
    {
      write: [...weighbridge, 'aibom', model, '--out', document],
      check: [...weighbridge, 'aibom', model, '--check', '--quiet'],
      validate: [...weighbridge, 'aibom', 'validate', document, '--quiet'],
    },
    rounds,
    undefined,
    [0],
  );
  return [
    { job: 'aibom: write 1,000 components', ours: write, peers: {}, goals: [timeGoal(write)] },
    { job: 'aibom: check 1,000 components', ours: check, peers: {}, goals: [timeGoal(check)] },
    { job: 'aibom: validate 1,000 components', ours: validate, peers: {}, goals: [timeGoal(validate)] },
  ];
}

function timeGoal({ seconds }: Measured): Goal {
  return { wanted: `at most ${mostSeconds} s`, reached: `${seconds.toFixed(2)} s`, met: seconds <= mostSeconds };
}
