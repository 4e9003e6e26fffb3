import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfiguration } from './configuration.ts';
import { judgeTexts } from './judgeTexts.ts';
import { WorkerPool } from './pool.ts';
import { makeWorkspace } from './workspace.fixture.ts';
import { WorkspaceTable } from './workspaceFacts.ts';

test('a long text is judged where a watchdog can end it, though there is little to do', async (context) => {
  const call = 'import torch\ntorch.load("a.pt", weights_only=False)\n';
  const texts = { 'crash.py': `${call}${'\n'.repeat(1 << 18)}`, 'short.py': call };
  const { root } = makeWorkspace(context, texts);
  // Its workers end at files of such names.
  const pool = new WorkerPool({ size: 2, program: new URL('./failingWorker.fixture.ts', import.meta.url) });
  context.after(() => pool.close());
  const said = new Map<string, string[]>();
  const tasks = Object.entries(texts).map(([path, { length }]) => ({ path, file: `${root}/${path}`, size: length }));
  await judgeTexts(tasks, {
    base: root,
    settings: { limits: defaultConfiguration(root).limits, maxFileSize: null, allowedImports: [] },
    facts: new WorkspaceTable(root),
    pool: () => pool,
    isolate: false,
    onJudged: ({ path, findings }) =>
      said.set(
        path,
        findings.map(({ ruleId }) => ruleId),
      ),
    onError: ({ path }, message) => assert.fail(`${path}: ${message}`),
  });
  assert.deepEqual(said.get('crash.py'), ['file/incomplete']);
  assert.ok(said.get('short.py')?.includes('load/torch-load-unsafe'));
});
