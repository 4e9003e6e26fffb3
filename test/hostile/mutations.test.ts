import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { MutationReport } from './mutationRun.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, '..', '..');
/** Ends a hang; a run takes a small part of it. */
const patienceMs = 240_000;
const full = process.env['WEIGHBRIDGE_TEST_FULL'] === '1';

test('damaged copies of generated files: no crash, no hang, no silence, bounded memory', async () => {
  check(await run('generated', full ? 3000 : 400));
});

if (existsSync(path.join(repository, '..', 'shared', 'data', 'model-files'))) {
  test('damaged copies of every corpus file: no crash, no hang, no silence, bounded memory', async () => {
    check(await run('corpus', full ? 500 : 40));
  });
}

function check(report: MutationReport): void {
  console.log(
    `${report.subjects} files, ${report.copies} copies, peak memory ${Math.round(report.peakMemory / 2 ** 20)} MB`,
  );
  assert.deepEqual(report.thrown.slice(0, 5), [], `${report.thrown.length} copies made a reader or a rule throw`);
  assert.deepEqual(report.silent.slice(0, 20), [], `${report.silent.length} copies hid a dangerous call`);
  assert.deepEqual(report.unnoticed.slice(0, 20), [], `${report.unnoticed.length} cut files raised nothing`);
  // The loader of TypeScript takes 150 MB of it; a length field that is believed would take gigabytes.
  assert.ok(report.peakMemory < 600 * 2 ** 20, `peak memory was ${report.peakMemory} bytes`);
}

/** In a process with a heap of 200 MB. */
function run(group: string, perSubject: number): Promise<MutationReport> {
  return new Promise((resolve, reject) => {
    const program = path.join(here, 'mutationRun.ts');
    const args = ['--max-old-space-size=200', '--import', 'tsx', program, group, String(perSubject)];
    const child = spawn(process.execPath, args, { cwd: repository, timeout: patienceMs, killSignal: 'SIGKILL' });
    let output = '';
    let last = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (last = (last + text).slice(-2000)));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(output) as MutationReport);
      else reject(new Error(`ended with ${signal ?? code} at: ${last.trimEnd().split('\n').slice(-8).join('\n')}`));
    });
  });
}
