import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FileSource } from '../../server/files/fileSource.ts';
import type { Inspection } from '../../server/formats/facts.ts';
import { inspect } from '../../server/formats/inspect.ts';
import type { Finding } from '../../server/rules/finding.ts';
import { judgeArtifact } from '../../server/rules/run.ts';
import { runPython } from './python.ts';

interface Judged {
  file: string;
  inspection: Inspection;
  findings: Finding[];
}

describe('what TensorFlow writes', () => {
  let folder = '';
  let judged: Judged[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'weighbridge-tensorflow-'));
    const output = await runPython('make_tensorflow.py', [path.join(folder, 'm')], '', 'venv-tensorflow');
    // TensorFlow tells of its progress on standard output, too.
    const files = output.split('\n').filter((line) => /^(?:clean|bad)\//.test(line));
    judged = files.map((file) => {
      const source = new FileSource(path.join(folder, 'm', file));
      try {
        const inspection = inspect(source, path.basename(file));
        return {
          file,
          inspection,
          findings: judgeArtifact({ path: file, inspection, options: { allowedImports: [] } }),
        };
      } finally {
        source.close();
      }
    });
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is recognised, and read whole', () => {
    const count = (format: string) => judged.filter(({ inspection }) => inspection.format === format).length;
    console.log(`${judged.length} files`);
    assert.ok(count('tf-saved-model') >= 15);
    assert.ok(count('keras') >= 9);
    assert.ok(count('hdf5') >= 14);
    assert.ok(count('tflite') >= 7);
    assert.deepEqual([count('tf-graph'), count('tf-meta-graph')], [1, 1]);
    for (const { file, inspection } of judged) assert.deepEqual(inspection.problems, [], file);
  });

  it('raises nothing when it is honest', () => {
    const alarms = judged
      .filter(({ file }) => file.startsWith('clean/'))
      .flatMap(({ file, findings }) =>
        findings
          .filter(({ severity }) => severity !== 'info')
          .map(({ ruleId, message }) => `${file}: ${ruleId}: ${message}`),
      );
    assert.deepEqual(alarms, []);
  });

  it('raises an error when it reads and writes files, or calls Python', () => {
    const models = new Map<string, string[]>();
    for (const { file, findings } of judged) {
      const [kind, name] = file.split('/');
      if (kind !== 'bad' || name === undefined) continue;
      const errors = findings.filter(({ severity }) => severity === 'error').map(({ ruleId }) => ruleId);
      models.set(name, [...(models.get(name) ?? []), ...errors]);
    }
    assert.equal(models.size, 7);
    for (const [name, errors] of models) assert.ok(errors.length > 0, name);
  });
});
