import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { libraryModels, type CorpusFile } from './corpus.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

interface Report {
  artifacts: { path: string; format: string; complete: boolean }[];
  findings: { ruleId: string; severity: string; message: string; path: string }[];
}

describe('what scikit-learn, pandas, SciPy, XGBoost, LightGBM, PyTorch, torchvision, transformers, Keras and ONNX write', () => {
  let workspace = '';
  let files: CorpusFile[] = [];
  let report: Report = { artifacts: [], findings: [] };

  before(async () => {
    files = await libraryModels();
    workspace = mkdtempSync(path.join(tmpdir(), 'weighbridge-models-'));
    for (const { file, name } of files) cpSync(file, path.join(workspace, name), { recursive: true });
    const program = path.join(repository, 'dist', 'weighbridge.mjs');
    const args = ['scan', '.', '--format', 'json', '--fail-on', 'never', '--no-cache'];
    const options = { cwd: workspace, maxBuffer: 256 << 20 };
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], options);
    report = JSON.parse(stdout) as Report;
  });

  after(() => rmSync(workspace, { recursive: true, force: true }));

  it('are more than sixty types of model', () => {
    const types = new Set(files.map(({ name }) => name.replace(/\.\w+$/, '')));
    console.log(`${files.length} files, ${types.size} types of model or object`);
    assert.ok(types.size >= 60);
  });

  it('raise no warning and no error', () => {
    const honest = new Set(files.filter(({ expected }) => expected === 'clean').map(({ name }) => name));
    const alarms = report.findings.filter(({ path: file, severity }) => severity !== 'info' && honest.has(file));
    assert.deepEqual(
      alarms.map(({ severity, ruleId, path: file, message }) => `${file}: ${severity} ${ruleId}: ${message}`),
      [],
    );
  });

  it('raise a warning where loading runs text of the file', () => {
    for (const { name, expected } of files) {
      if (expected !== 'suspicious') continue;
      const own = report.findings.filter(({ path: file, severity }) => file === name && severity === 'warning');
      assert.ok(own.length > 0, name);
    }
  });

  it('are recognised, and read whole', () => {
    const models = files.filter(({ name }) => !/\.(json|txt|data|model|jinja)$/.test(name));
    const known = new Map(report.artifacts.map(({ path: file, complete }) => [file, complete]));
    assert.deepEqual(
      models.filter(({ name }) => known.get(name) !== true).map(({ name }) => name),
      [],
    );
  });
});
