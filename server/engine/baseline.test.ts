import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Finding } from '../rules/finding.ts';
import { addToBaseline, Baseline, fingerprint } from './baseline.ts';
import { makeWorkspace } from './workspace.fixture.ts';

function finding(over: Partial<Finding> = {}): Finding {
  return {
    ruleId: 'load/torch-load-unsafe',
    severity: 'error',
    message: 'message',
    path: 'src/train.py',
    location: { entry: null, byteOffset: null, line: 3, column: 1 },
    evidence: { call: 'torch.load' },
    fixes: [],
    ...over,
  };
}

const moved = finding({
  location: { entry: null, byteOffset: null, line: 90, column: 7 },
  message: 'said in other words',
});

test('a fingerprint survives lines that move, and nothing else', () => {
  assert.equal(fingerprint(finding()), fingerprint(moved));
  assert.notEqual(fingerprint(finding()), fingerprint(finding({ path: 'src/other.py' })));
  assert.notEqual(fingerprint(finding()), fingerprint(finding({ ruleId: 'load/other' })));
  assert.notEqual(fingerprint(finding()), fingerprint(finding({ evidence: { call: 'pickle.load' } })));
  const order = [finding({ evidence: { a: 1, b: 2 } }), finding({ evidence: { b: 2, a: 1 } })] as const;
  assert.equal(fingerprint(order[0]), fingerprint(order[1]));
});

test('accepted findings are left out, and a second one of the same kind is new', (context) => {
  const { root, path } = makeWorkspace(context);
  addToBaseline(path('baseline.json'), [finding()], 'reviewed by Ada');
  const baseline = Baseline.read(path('baseline.json'));
  const { open, accepted } = baseline.judge([moved, finding()], root);
  assert.deepEqual(accepted, [moved]);
  assert.equal(open.length, 1);
  addToBaseline(path('baseline.json'), open);
  assert.equal(Baseline.read(path('baseline.json')).judge([moved, finding()], root).open.length, 0);
});

test('an update keeps reasons and unscanned files, and tells what matches nothing any more', (context) => {
  const { root, path } = makeWorkspace(context);
  const gone = finding({ ruleId: 'load/gone' });
  const elsewhere = finding({ path: 'other/x.py' });
  addToBaseline(path('baseline.json'), [finding(), gone, elsewhere], 'known');
  const baseline = Baseline.read(path('baseline.json'));
  const stale = baseline.replace([moved, finding({ ruleId: 'load/new' })], root, (file) =>
    file.startsWith(path('src')),
  );
  baseline.save();
  assert.deepEqual(
    stale.map(({ ruleId }) => ruleId),
    ['load/gone'],
  );
  const written = JSON.parse(readFileSync(path('baseline.json'), 'utf8')) as {
    version: number;
    findings: { ruleId: string; path: string; reason?: string }[];
  };
  assert.equal(written.version, 1);
  assert.deepEqual(
    written.findings.map(({ ruleId, path: where, reason }) => [where, ruleId, reason]),
    [
      ['other/x.py', 'load/torch-load-unsafe', 'known'],
      ['src/train.py', 'load/new', undefined],
      ['src/train.py', 'load/torch-load-unsafe', 'known'],
    ],
  );
});

test('paths are relative to the baseline, so that it holds from every folder', (context) => {
  const { root, path } = makeWorkspace(context, { 'src/train.py': '' });
  addToBaseline(path('baseline.json'), [finding()], '', root);
  const fromInside = finding({ path: 'train.py' });
  assert.equal(Baseline.read(path('baseline.json')).judge([fromInside], path('src')).open.length, 0);
});

test('a missing or damaged baseline is one clear error', (context) => {
  const { path, write } = makeWorkspace(context);
  assert.throws(() => Baseline.read(path('none.json')), { code: 'not-found' });
  assert.equal(Baseline.read(path('none.json'), true).size, 0);
  for (const text of ['', '{', '[]', '{"version":2,"findings":[]}', '{"version":1,"findings":[{"path":1}]}']) {
    assert.throws(() => Baseline.read(write('bad.json', text)), { code: 'bad-input', message: /is not a baseline/ });
  }
});
