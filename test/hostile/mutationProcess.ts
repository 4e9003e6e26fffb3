import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { MutationReport } from './mutationRun.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, '..', '..');

/** How to damage files. */
export interface MutationPlan {
  group: 'generated' | 'corpus';
  /** Copies of each file in a round. */
  perSubject: number;
  /** Rounds follow for this long, each of other numbers in a process of its own; one round when it is 0. */
  seconds: number;
  /** The first round's number. */
  firstRound?: number;
  /** Silence after which a case counts as a hang, in milliseconds. */
  patienceMs: number;
}

/**
 * Damages and inspects files in a bundled program of its own with a heap of 100 MB, as a scan's worker is, so that its memory is that
 * of the readers and not of a compiler.
 * @throws {Error} naming the case, when one crashes or takes longer than the patience.
 */
export async function runMutations(plan: MutationPlan): Promise<MutationReport> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-mutations-'));
  const program = path.join(scratch, 'run.mjs');
  try {
    await build({
      entryPoints: [path.join(here, 'mutationRun.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      logLevel: 'error',
      absWorkingDir: repository,
      mainFields: ['module', 'main'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    });
    const end = performance.now() + plan.seconds * 1000;
    let round = plan.firstRound ?? 1;
    const total = await watched(program, plan, round);
    while (performance.now() < end && total.thrown.length === 0) {
      const { subjects, copies, thrown, silent, unnoticed, peakMemory } = await watched(program, plan, ++round);
      total.subjects += subjects;
      total.copies += copies;
      const named = (what: string): string => `round ${round}: ${what}`;
      total.thrown.push(...thrown.map(named));
      total.silent.push(...silent.map(named));
      total.unnoticed.push(...unnoticed.map(named));
      total.peakMemory = Math.max(total.peakMemory, peakMemory);
    }
    return total;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function watched(
  program: string,
  { group, perSubject, patienceMs }: MutationPlan,
  round: number,
): Promise<MutationReport> {
  return new Promise((resolve, reject) => {
    const values = [group, perSubject, round, repository].map(String);
    const child = spawn(process.execPath, ['--max-old-space-size=100', program, ...values]);
    let output = '';
    let last = '';
    let hung = false;
    const stop = (): void => {
      hung = true;
      child.kill('SIGKILL');
    };
    // The first case comes after the program has been loaded.
    let patience = setTimeout(stop, 60_000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      last = (last + text).slice(-2000);
      clearTimeout(patience);
      patience = setTimeout(stop, patienceMs);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(patience);
      const at = last.trimEnd().split('\n').slice(-8).join('\n');
      if (code === 0) resolve(JSON.parse(output) as MutationReport);
      else
        reject(
          new Error(
            `round ${round}: ${hung ? `nothing came for ${patienceMs} ms` : `ended with ${signal ?? code}`}, at: ${at}`,
          ),
        );
    });
  });
}
