import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WeighbridgeError } from '../errors.ts';
import { replacement, withBaseline, withSeverity } from './configurationEdit.ts';

describe('changing weighbridge.yaml', () => {
  it('makes a file where there is none', () => {
    assert.equal(
      withSeverity(null, 'pickle/unknown-import', 'off'),
      'version: 1\nrules:\n  pickle/unknown-import: off\n',
    );
  });

  it('keeps comments, order and other rules', () => {
    const before = '# ours\nversion: 1\nrules:\n  # agreed in May\n  file/format: info # quiet\nexclude:\n  - old/**\n';
    assert.equal(
      withSeverity(before, 'pickle/unknown-import', 'warning'),
      '# ours\nversion: 1\nrules:\n  # agreed in May\n  file/format: info # quiet\n  pickle/unknown-import: warning\nexclude:\n  - old/**\n',
    );
  });

  it('changes a rule in either spelling', () => {
    assert.equal(
      withSeverity('version: 1\nrules:\n  a/b: error # loud\n', 'a/b', 'info'),
      'version: 1\nrules:\n  a/b: info # loud\n',
    );
    assert.equal(
      withSeverity('version: 1\nrules:\n  a/b:\n    allow: [x.y]\n', 'a/b', 'off'),
      'version: 1\nrules:\n  a/b:\n    allow: [x.y]\n    severity: off\n',
    );
  });

  it('refuses what is no YAML', () => {
    assert.throws(() => withSeverity('rules: [', 'a/b', 'off'), WeighbridgeError);
  });

  it('names a baseline once', () => {
    const named = withBaseline('version: 1\n', 'weighbridge-baseline.json');
    assert.equal(named, 'version: 1\nbaseline: weighbridge-baseline.json\n');
    assert.equal(withBaseline(named, 'other.json'), named);
  });

  it('replaces as little as possible', () => {
    assert.deepEqual(replacement('a: error\n', 'a: warning\n'), { from: 3, to: 8, text: 'warning' });
    assert.deepEqual(replacement('same', 'same'), { from: 4, to: 4, text: '' });
  });
});
