// Comparing data with what DVC recorded of it, against DVC itself: both read every byte, and remember nothing.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compare } from './measure.ts';
import { memoryGoal, ratioGoal, type Row } from './table.ts';

export interface RegistersBench {
  /** Scratch folder, which the caller removes. */
  folder: string;
  /** Interpreter that measures. */
  python: string;
  /** Interpreter with dvc. */
  dvc: string;
  /** The command. */
  weighbridge: readonly string[];
  rounds: number;
}

const peer = 'dvc status';

export async function benchRegisters({ folder, python, dvc, weighbridge, rounds }: RegistersBench): Promise<Row[]> {
  const run = (...args: string[]) => execFileSync(dvc, ['-m', 'dvc', ...args, '-q'], { cwd: folder });
  const state = path.join(folder, 'state');
  execFileSync('git', ['init', '-q'], { cwd: folder });
  run('init');
  run('config', 'core.site_cache_dir', state);
  run('config', 'core.analytics', 'false');
  const rows: Row[] = [];
  for (const [job, name, files, bytes] of [
    ['dataset verify: 1 file of 1 GB, MD5', 'one', 1, 2 ** 30],
    ['dataset verify: folder of 8 files of 134 MB, MD5', 'eight', 8, 2 ** 27],
    ['dataset verify: folder of 5,000 files of 10 kB, MD5', 'small', 5000, 10_000],
  ] as const) {
    const data = path.join(folder, name);
    if (files === 1) writeFile(data, bytes);
    else {
      mkdirSync(data);
      for (let index = 0; index < files; index++) writeFile(path.join(data, `${index}.bin`), bytes);
    }
    run('add', name);
    const { ours, ...peers } = await compare(
      python,
      {
        ours: [...weighbridge, 'dataset', 'verify', `${data}.dvc`, '--no-cache', '--quiet'],
        [peer]: [dvc, '-m', 'dvc', '--cd', folder, 'status', `${name}.dvc`],
      },
      rounds,
      () => rmSync(state, { recursive: true, force: true }),
      [0],
    );
    rows.push({ job, ours, peers, goals: [ratioGoal(1, ours, peers, peer), memoryGoal(ours)] });
    rmSync(data, { recursive: true });
    rmSync(path.join(folder, '.dvc', 'cache'), { recursive: true, force: true });
  }
  return rows;
}

/** Random bytes, a block of them again and again: what is hashed has no patterns that would make it faster. */
function writeFile(file: string, bytes: number): void {
  const block = randomBytes(Math.min(bytes, 2 ** 20));
  const parts = Array.from({ length: Math.ceil(bytes / block.length) }, () => block);
  writeFileSync(file, Buffer.concat(parts).subarray(0, bytes));
}
