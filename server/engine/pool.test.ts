import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { defaultConfiguration } from './configuration.ts';
import { WorkerPool } from './pool.ts';
import { dangerousPickle, harmlessPickle, makeWorkspace } from './workspace.fixture.ts';
import { WorkspaceScanner } from './workspaceScanner.ts';

function failingScanner(context: TestContext, files: Record<string, string | Uint8Array>, timeMs = 30_000) {
  const { root } = makeWorkspace(context, files);
  const pool = new WorkerPool({
    size: 2,
    memoryMiB: 32,
    program: new URL('./failingWorker.fixture.ts', import.meta.url),
  });
  const defaults = defaultConfiguration(root);
  const configuration = { ...defaults, limits: { ...defaults.limits, timeMs } };
  const scanner = new WorkspaceScanner({ base: root, configuration, isolate: true, pool });
  context.after(() => scanner.dispose());
  return scanner;
}

function incompleteOf(findings: { ruleId: string; path: string; message: string }[]) {
  return findings
    .filter(({ ruleId }) => ruleId === 'file/incomplete')
    .map(({ path, message }) => [path, message] as const);
}

test('a worker that dies costs the file it was at, and nothing else', async (context) => {
  const scanner = failingScanner(context, {
    'a.pkl': dangerousPickle,
    'crash.pkl': harmlessPickle,
    'crash2.pkl': harmlessPickle,
    'z.pkl': dangerousPickle,
  });
  const report = await scanner.scan();
  const [first, second, ...more] = incompleteOf(report.findings);
  assert.equal(first?.[0], 'crash.pkl');
  assert.equal(second?.[0], 'crash2.pkl');
  assert.match(first?.[1] ?? '', /the worker ended/);
  assert.deepEqual(more, []);
  assert.deepEqual(
    report.artifacts.map(({ path, complete }) => [path, complete]),
    [
      ['a.pkl', true],
      ['crash.pkl', false],
      ['crash2.pkl', false],
      ['z.pkl', true],
    ],
  );
  assert.deepEqual(
    report.findings.filter(({ ruleId }) => ruleId === 'pickle/dangerous-import').map(({ path }) => path),
    ['a.pkl', 'z.pkl'],
  );
});

test('a file whose worker died beside others is tried once more alone', async (context) => {
  const scanner = failingScanner(context, { 'b.pkl': harmlessPickle, 'once.pkl': harmlessPickle });
  const report = await scanner.scan();
  assert.deepEqual(incompleteOf(report.findings), []);
  assert.equal(report.artifacts.length, 2);
});

test('a worker that runs out of memory is told as such', async (context) => {
  const scanner = failingScanner(context, { 'memory.pkl': harmlessPickle, 'b.pkl': harmlessPickle });
  const [lost, ...more] = incompleteOf((await scanner.scan()).findings);
  assert.match(lost?.[1] ?? '', /ran out of memory/);
  assert.deepEqual(more, []);
});

test('a worker that hangs is ended by the watchdog', async (context) => {
  const { root } = makeWorkspace(context, { 'hang.pkl': harmlessPickle });
  const pool = new WorkerPool({ size: 1, program: new URL('./failingWorker.fixture.ts', import.meta.url) });
  context.after(() => pool.close());
  const settings = { limits: defaultConfiguration(root).limits, maxFileSize: null, allowedImports: [] };
  const task = { files: [{ file: `${root}/hang.pkl`, path: 'hang.pkl' }], settings };
  await assert.rejects(pool.run('examine', task, { watchdogMs: 200 }), { code: 'worker-lost', reason: 'hung' });
  const fine = { files: [{ file: `${root}/hang.pkl`, path: 'fine.pkl' }], settings };
  assert.equal(await pool.run('examine', fine), null);
});

test('a job that is cancelled ends, and the pool goes on', async (context) => {
  const { root, path } = makeWorkspace(context, { 'hang.pkl': harmlessPickle });
  const pool = new WorkerPool({ size: 1, program: new URL('./failingWorker.fixture.ts', import.meta.url) });
  context.after(() => pool.close());
  const settings = { limits: defaultConfiguration(root).limits, maxFileSize: null, allowedImports: [] };
  const abort = new AbortController();
  const task = (name: string) => ({ files: [{ file: path('hang.pkl'), path: name }], settings });
  const running = pool.run('examine', task('hang.pkl'), { signal: abort.signal });
  const waiting = pool.run('examine', task('fine.pkl'), { signal: abort.signal });
  const after = pool.run('examine', task('fine.pkl'));
  abort.abort();
  await Promise.all([running, waiting].map((job) => assert.rejects(job, { code: 'cancelled' })));
  assert.equal(await after, null);
});

test('what a job throws keeps its code', async (context) => {
  const { path } = makeWorkspace(context);
  const pool = new WorkerPool({ size: 1 });
  context.after(() => pool.close());
  await assert.rejects(pool.run('convert', { file: path('none.pt'), options: {} }), { code: 'not-found' });
});

test('a worker that is idle ends, unless it keeps something; the next job starts another', async (context) => {
  const { root, path } = makeWorkspace(context, { 'fine.pkl': harmlessPickle });
  const pool = new WorkerPool({ size: 2, idleMs: 1 });
  context.after(() => pool.close());
  const settings = { limits: defaultConfiguration(root).limits, maxFileSize: null, allowedImports: [] };
  const task = { files: [{ file: path('fine.pkl'), path: 'fine.pkl' }], settings };
  const untilLeft = async (count: number) => {
    while (pool.workers !== count) await setImmediate();
  };
  await pool.run('examine', task);
  await untilLeft(0);
  await Promise.all([pool.run('examine', task, { keptBy: 'a text' }), pool.run('examine', task)]);
  await untilLeft(1);
  assert.equal(await pool.run('examine', task, { keptBy: 'a text' }), null);
});

test('a closed pool takes no more work', async () => {
  const pool = new WorkerPool({ size: 1 });
  await pool.close();
  await assert.rejects(pool.run('convert', { file: 'x', options: {} }), { code: 'cancelled' });
});
