import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultConfiguration } from './configuration.ts';
import { makeWorkspace } from './workspace.fixture.ts';
import { WorkspaceScanner } from './workspaceScanner.ts';

const shell = '#!/usr/bin/env bash\ncurl -k https://a.example.org/b\n';
const python = '#!/usr/bin/env python3\nimport torch\ntorch.load("a", weights_only=False)\n';

for (const isolate of [false, true]) {
  test(`scripts whose names say nothing are known by their first line, ${isolate ? 'in workers' : 'on this thread'}, and in an editor`, async (context) => {
    const workspace = makeWorkspace(context, {
      entrypoint: shell,
      'bin/serve': python,
      notes: `see below\n${shell}`,
      'node-tool': shell.replace('bash', 'node'),
    });
    const configuration = defaultConfiguration(workspace.root);
    const scanner = new WorkspaceScanner({ base: workspace.root, configuration, isolate, cache: false });
    context.after(() => scanner.dispose());
    const { findings } = await scanner.scan();
    assert.deepEqual(
      findings.map(({ path, ruleId }) => `${path} ${ruleId}`),
      ['bin/serve load/torch-load-unsafe', 'entrypoint fetch/insecure-transport'],
    );
    const inEditor = async (text: string) =>
      (await scanner.judgeBuffer(workspace.path('entrypoint'), text)).map(({ ruleId }) => ruleId);
    assert.deepEqual(await inEditor(shell), ['fetch/insecure-transport']);
    assert.deepEqual(await inEditor(shell.replace('#!', '# ')), []);
  });
}
