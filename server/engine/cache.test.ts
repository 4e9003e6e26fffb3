import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test, type TestContext } from 'node:test';
import { cacheFile, cacheKey, ResultCache, stamped } from './cache.ts';
import type { Examined } from './examine.ts';
import { makeWorkspace } from './workspace.fixture.ts';

const later = () => Date.now() + 60_000;

const dangerous: Examined = {
  summary: { path: 'm.pkl', format: 'pickle', size: 4, complete: true },
  findings: [
    {
      ruleId: 'pickle/dangerous-import',
      severity: 'error',
      message: 'x',
      path: 'm.pkl',
      location: { entry: null, byteOffset: 1, line: null, column: null },
      evidence: {},
      fixes: [],
    },
  ],
};

function filled(context: TestContext) {
  const workspace = makeWorkspace(context, { 'm.pkl': 'abcd', 't.txt': 'text' });
  const stat = (name: string) => stamped(statSync(workspace.path(name), { bigint: true }));
  const file = workspace.path('cache/results.json');
  const cache = new ResultCache(file, 'key', later);
  cache.set('m.pkl', stat('m.pkl'), dangerous);
  cache.set('t.txt', stat('t.txt'), {
    summary: { path: 't.txt', format: 'text', size: 4, complete: true },
    findings: [],
  });
  cache.save();
  return { ...workspace, stat, file };
}

test('what was saved is there in the next run', (context) => {
  const { file, stat } = filled(context);
  const cache = new ResultCache(file, 'key');
  assert.deepEqual(cache.get('m.pkl', stat('m.pkl')), dangerous);
  assert.equal(cache.get('t.txt', stat('t.txt'))?.summary.format, 'text');
  assert.equal(cache.get('other', stat('t.txt')), undefined);
});

test('what a directory is judged by is kept of a model that has no findings', (context) => {
  const { file, stat, write } = filled(context);
  write('m.onnx', 'onnx');
  const dataFiles = [{ name: 'm.bin', bytes: 4 }];
  const model: Examined = {
    summary: { path: 'm.onnx', format: 'onnx', size: 4, complete: true, dataFiles },
    findings: [],
  };
  const cache = new ResultCache(file, 'key', later);
  cache.set('m.onnx', stat('m.onnx'), model);
  cache.save();
  assert.deepEqual(new ResultCache(file, 'key').get('m.onnx', stat('m.onnx')), model);
});

test('a file that changed is not known', (context) => {
  const { file, stat, write } = filled(context);
  const before = stat('m.pkl');
  write('m.pkl', 'abcde');
  assert.equal(new ResultCache(file, 'key').get('m.pkl', stat('m.pkl')), undefined);
  assert.ok(new ResultCache(file, 'key').get('m.pkl', before));
});

test('other settings or another build know nothing', (context) => {
  const { file, stat } = filled(context);
  assert.equal(new ResultCache(file, 'other').get('m.pkl', stat('m.pkl')), undefined);
  assert.notEqual(cacheKey(['1', { depth: 1 }]), cacheKey(['1', { depth: 2 }]));
});

test('a damaged cache is ignored and written anew', (context) => {
  const { file, stat } = filled(context);
  const good = readFileSync(file, 'utf8');
  const damaged = [
    '',
    '\0\0\0',
    good.slice(0, good.length / 2),
    good.slice(0, good.indexOf('\n') + 1),
    good.replace('"pickle"', '"onnx"'),
    `${good} `,
    'weighbridge-cache 1 key 00\n[]',
    '{"an": "other program\'s file"}',
  ];
  for (const text of damaged) {
    writeFileSync(file, text);
    const cache = new ResultCache(file, 'key', later);
    assert.equal(cache.get('m.pkl', stat('m.pkl')), undefined);
    cache.set('m.pkl', stat('m.pkl'), dangerous);
    cache.save();
    assert.deepEqual(new ResultCache(file, 'key').get('m.pkl', stat('m.pkl')), dangerous);
  }
});

test('a file that was just written is not cached: a second write may leave no trace', (context) => {
  const { path, stat } = filled(context);
  const stamp = stat('m.pkl');
  const cache = new ResultCache(path('other.json'), 'key', () => stamp.changedMs);
  cache.set('m.pkl', stamp, dangerous);
  assert.equal(cache.get('m.pkl', stamp), undefined);
});

test('a cache that cannot be written costs only speed', (context) => {
  const { path, stat, write } = filled(context);
  write('wall', '');
  const cache = new ResultCache(path('wall/results.json'), 'key', later);
  cache.set('m.pkl', stat('m.pkl'), dangerous);
  cache.save();
  assert.deepEqual(cache.get('m.pkl', stat('m.pkl')), dangerous);
});

test('files that are gone are forgotten', (context) => {
  const { file, stat } = filled(context);
  const cache = new ResultCache(file, 'key', later);
  cache.prune((path) => path === 't.txt');
  cache.save();
  assert.equal(new ResultCache(file, 'key').get('m.pkl', stat('m.pkl')), undefined);
  assert.ok(new ResultCache(file, 'key').get('t.txt', stat('t.txt')));
});

test('each base folder has a file of its own in the cache folder of the user', () => {
  const environment = { XDG_CACHE_HOME: '/caches' };
  assert.equal(dirname(cacheFile('/a', environment)).replaceAll('\\', '/'), '/caches/weighbridge');
  assert.notEqual(cacheFile('/a', environment), cacheFile('/b', environment));
});

test('what the first line of a text says is kept, although nothing was found in it', (context) => {
  const { stat, file } = filled(context);
  const script: Examined = {
    summary: { path: 't.txt', format: 'text', size: 4, complete: true, script: 'shell' },
    findings: [],
  };
  const cache = new ResultCache(file, 'key', later);
  cache.set('t.txt', stat('t.txt'), script);
  cache.save();
  assert.deepEqual(new ResultCache(file, 'key', later).get('t.txt', stat('t.txt')), script);
});
