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
  /** Rounds follow for this long; one round when it is 0. */
  seconds: number;
  /** The first round's number. */
  seed?: number;
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
    return await watched(program, plan);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function watched(
  program: string,
  { group, perSubject, seconds, seed = 1, patienceMs }: MutationPlan,
): Promise<MutationReport> {
  return new Promise((resolve, reject) => {
    const values = [group, perSubject, seed, seconds, repository].map(String);
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
        reject(new Error(`${hung ? `nothing came for ${patienceMs} ms` : `ended with ${signal ?? code}`}, at: ${at}`));
    });
  });
}
