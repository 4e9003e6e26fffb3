import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { convertCheckpoint } from '../../server/convert/convertCheckpoint.ts';
import { runPython } from './python.ts';

interface Comparison {
  tensors: number;
  dtypes: string[];
  differences: string[];
}

const lines = <T>(output: string): T[] =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

test('a current PyTorch writes element types that 1.13 has not, and they are converted bit by bit', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-newer-torch-'));
  try {
    const made = lines<string>(await runPython('newer_torch.py', ['make', folder], '', 'venv-torch'));
    assert.equal(made.length, 6);
    const jobs: { input: string; output: string }[] = [];
    for (const input of made) jobs.push({ input, output: (await convertCheckpoint(input, {})).output });
    const asked = jobs.map((job) => JSON.stringify(job)).join('\n');
    const compared = lines<Comparison>(await runPython('newer_torch.py', ['compare'], asked, 'venv-torch'));
    assert.equal(compared.length, jobs.length);
    for (const [index, { tensors, differences }] of compared.entries()) {
      assert.deepEqual(differences, [], path.basename(made[index] ?? ''));
      assert.ok(tensors >= 7);
    }
    const types = new Set(compared.flatMap(({ dtypes }) => dtypes));
    for (const type of ['float8_e4m3fn', 'float8_e5m2', 'uint16', 'uint32', 'uint64'])
      assert.ok(types.has(`torch.${type}`), type);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
