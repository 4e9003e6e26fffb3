import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FileResult } from '../engine/report.ts';
import type { Finding } from '../rules/finding.ts';
import { DirectoryFindings } from './directoryFindings.ts';

const unsigned: Finding = {
  ruleId: 'model/unsigned',
  severity: 'info',
  message: 'No signature stands beside this model.',
  path: 'models',
  location: { entry: null, byteOffset: null, line: null, column: null },
  evidence: {},
  fixes: [],
};
const directory: FileResult = { path: 'models', artifact: null, findings: [unsigned] };
const model = (path: string): FileResult => ({
  path,
  artifact: { path, format: 'safetensors', size: 8, complete: true },
  findings: [],
});

function table(...results: FileResult[]): Map<string, FileResult> {
  return new Map(results.map((result) => [result.path, result]));
}

describe('findings of a directory', () => {
  it('are shown at its first model', () => {
    const all = table(model('models/b.safetensors'), model('models/a.safetensors'), directory);
    const shown = new DirectoryFindings((path) => path === 'models');
    assert.deepEqual([...shown.note([...all.values()], all)], ['models/a.safetensors']);
    assert.deepEqual(shown.at('models/a.safetensors', all), [unsigned]);
    assert.deepEqual(shown.at('models/b.safetensors', all), []);
    assert.ok(shown.has('models'));
  });

  it('move on when that model goes', () => {
    const shown = new DirectoryFindings((path) => path === 'models');
    const before = table(model('models/a.safetensors'), model('models/b.safetensors'), directory);
    shown.note([...before.values()], before);
    const after = table(model('models/b.safetensors'), directory);
    const gone = { path: 'models/a.safetensors', artifact: null, findings: [] };
    assert.deepEqual([...shown.note([gone], after)], ['models/a.safetensors', 'models/b.safetensors']);
    assert.deepEqual(shown.at('models/b.safetensors', after), [unsigned]);
  });

  it('go when they are settled', () => {
    const shown = new DirectoryFindings((path) => path === 'models');
    const before = table(model('models/a.safetensors'), directory);
    shown.note([...before.values()], before);
    const after = table(model('models/a.safetensors'));
    assert.deepEqual([...shown.note([{ ...directory, findings: [] }], after)], ['models/a.safetensors']);
    assert.deepEqual(shown.at('models/a.safetensors', after), []);
  });

  it('are shown at the first model below where the directory has none itself', () => {
    const all = table(model('models/b/x.safetensors'), model('models/a/y.safetensors'), directory);
    const shown = new DirectoryFindings((path) => path === 'models');
    assert.deepEqual([...shown.note([...all.values()], all)], ['models/a/y.safetensors']);
    assert.deepEqual(shown.at('models/a/y.safetensors', all), [unsigned]);
    const own = model('models/z.safetensors');
    all.set(own.path, own);
    assert.deepEqual([...shown.note([own], all)], ['models/a/y.safetensors', 'models/z.safetensors']);
    assert.deepEqual(shown.at('models/z.safetensors', all), [unsigned]);
  });
});
