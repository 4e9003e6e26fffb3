import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildProtobuf, type BuildField } from '../../server/formats/protobuf/protobufBuilder.fixture.ts';
import { inVsCode } from './suite.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** An ONNX model of three nodes, one of a domain of its own. */
function smallNetwork(): Uint8Array {
  const node = (operator: string, domain: string, inputs: string[], output: string): BuildField => [
    1,
    [...inputs.map((input): BuildField => [1, input]), [2, output], [4, operator], [7, domain]],
  ];
  const nodes = [
    node('Relu', '', ['x'], 'a'),
    node('Mix', 'com.example', ['a'], 'b'),
    node('Add', '', ['a', 'b'], 'y'),
  ];
  return buildProtobuf([
    [1, 9],
    [7, nodes],
    [8, [[2, 17]]],
  ]);
}

inVsCode('in a real VS Code', ({ vscode, shows, scratch }) => {
  const template = path.join(scratch, 'template');
  before(() => {
    execFileSync(python, [path.join(here, 'make_workspace.py'), template]);
  });

  /** A copy: quick fixes write. */
  function workspace(name: string): string {
    const folder = path.join(scratch, name);
    cpSync(template, folder, { recursive: true });
    return folder;
  }

  shows(
    'shows what is dangerous, converts it from the lightbulb and the inspector, and forgets what is gone',
    async () => {
      const folder = workspace('churn');
      await vscode.open({ folder });

      // Problems, of files that nobody opened.
      await vscode.showProblems();
      const dangerous = vscode.problem('Loading it calls os.system').first();
      await dangerous.waitFor();
      const link = vscode.page.locator('.markers-panel a', { hasText: 'pickle/dangerous-import' }).first();
      await link.waitFor();
      assert.match((await link.getAttribute('href')) ?? (await link.getAttribute('title')) ?? '', /./);
      await vscode.page.locator('.statusbar-item', { hasText: '1 dangerous' }).waitFor();
      await vscode.screenshot('problems');

      // The one interruption: the config uses it. Its button shows where.
      const used = vscode.notification('train.py, line 5 uses models/teacher.pt');
      await used.waitFor();
      await vscode.screenshot('danger-in-use');
      await used.getByRole('button', { name: 'Show Where It Is Used' }).click();
      await vscode.page.locator('.tab.active', { hasText: 'train.py' }).waitFor();
      await used.waitFor({ state: 'detached' });

      // On the path, a hover says what it is.
      await vscode.page.locator('.view-line span span', { hasText: 'models/teacher.pt' }).last().hover();
      const hover = vscode.page.locator('.monaco-hover', { hasText: 'Do not load this file.' });
      await hover.waitFor();
      await hover.getByText('Open in the Model Inspector').waitFor();
      await vscode.screenshot('hover', { keepPointer: true });

      // The tree of models, with the same marks as the Explorer.
      await vscode.inExplorer('models').first().click();
      const inExplorer = vscode.inExplorer('teacher.pt');
      await inExplorer
        .getByText('!', { exact: true })
        .or(inExplorer.locator('[aria-label*="Dangerous"]'))
        .first()
        .waitFor();
      await vscode.page.locator('.activitybar [aria-label^="Weighbridge"]').first().click();
      const models = vscode.inSidebar('1 dangerous');
      await models.waitFor();
      await models.click();
      const row = vscode.inSidebar('teacher.pt');
      await row.waitFor();
      await vscode.inSidebar('Signature: none').waitFor();
      await vscode.screenshot('models');
      await row.click();
      await vscode.page.locator('.tab.active', { hasText: 'teacher.pt' }).waitFor();
      await vscode.command('View: Show Explorer');

      // From the lightbulb on the path to a converted checkpoint.
      await vscode.openFile('train.yaml');
      await vscode.filterProblems('Uses models/base.pt');
      await vscode.problem('Uses models/base.pt').waitFor();
      const fixes = await vscode.quickFixes('models/base.pt');
      const convert = fixes.filter({ hasText: 'Convert to safetensors and use it here' });
      await convert.waitFor();
      await vscode.screenshot('quick-fix');
      await convert.click();
      await vscode.line('models/base.safetensors').waitFor();
      await vscode.problem('Uses models/base.pt').waitFor({ state: 'detached' });
      await vscode.filterProblems('');
      assert.ok(existsSync(path.join(folder, 'models', 'base.safetensors')));
      assert.ok(existsSync(path.join(folder, 'models', 'base.pt')), 'the original stays');
      await vscode.notification('Wrote base.safetensors').waitFor();
      await vscode.screenshot('converted');
      await vscode.command('Notifications: Clear All Notifications');

      // The inspector, with the opcode in view.
      await vscode.openFile('teacher.pt');
      const inspector = await vscode.inspector();
      await inspector.getByText('Do not load this file.', { exact: true }).waitFor();
      const marked = inspector.locator('tr.marked').first();
      await marked.waitFor();
      assert.match(await marked.innerText(), /GLOBAL[\s\S]*os system[\s\S]*→ imports os\.system/);
      await inspector.waitForFunction(() => {
        const box = document.querySelector('tr.marked')?.getBoundingClientRect();
        return box !== undefined && box.top >= 0 && box.bottom <= window.innerHeight;
      });
      await vscode.screenshot('inspector');
      await inspector.getByRole('tab', { name: /Tensors/ }).click();
      await inspector.getByText('encoder.layer.0.attention.weight').waitFor();
      await inspector.getByRole('button', { name: 'Bytes' }).click();
      await inspector.getByRole('grid', { name: 'Tensors' }).focus();
      await vscode.page.keyboard.press('End');
      await vscode.page.keyboard.press('Enter');
      await inspector.getByRole('img', { name: /^Histogram of encoder\.layer\.\d\.attention\.weight/ }).waitFor();
      await vscode.screenshot('inspector-tensors');
      await inspector.getByRole('tab', { name: /Archive entries/ }).click();
      await inspector.getByRole('columnheader', { name: 'Central directory' }).waitFor();
      await inspector.getByText('data.pkl', { exact: true }).waitFor();
      await vscode.screenshot('inspector-archive');
      await inspector.getByRole('tab', { name: /Archive entries/ }).focus();
      await vscode.page.keyboard.press('ArrowLeft');
      await inspector.locator('[role="tab"][aria-selected="true"]', { hasText: 'Other values' }).waitFor();
      await inspector.getByRole('tab', { name: /Imports/ }).click();
      await inspector.getByText("os.system('curl").first().waitFor();
      await vscode.screenshot('inspector-imports');

      // A graph, drawn; its nodes are reached by the keyboard.
      const network = path.join(folder, 'net.onnx');
      writeFileSync(network, smallNetwork());
      await vscode.openFile('net.onnx');
      const graph = await vscode.inspector('net.onnx');
      await graph.getByRole('tab', { name: 'Operators (3)' }).click();
      await graph.getByText('com.example').first().waitFor();
      await graph.getByRole('tab', { name: 'Graph' }).click();
      await graph.getByRole('img', { name: /^Relu/ }).focus();
      await vscode.page.keyboard.press('ArrowDown');
      await graph.locator('[role="status"]', { hasText: 'com.example.Mix, byte' }).waitFor();
      await vscode.screenshot('inspector-graph');

      // Converted from there; then the original goes, and with it what was said of it.
      await vscode.openFile('teacher.pt');
      const again = await vscode.inspector('teacher.pt');
      rmSync(network);
      await again.locator('#convert').click();
      const wrote = vscode.notification('Wrote teacher.safetensors');
      await wrote.waitFor();
      assert.ok(existsSync(path.join(folder, 'models', 'teacher.safetensors')));
      await wrote.getByRole('button', { name: 'Move Original to Trash' }).click();
      await vscode.page.locator('.monaco-dialog-box').getByRole('button', { name: 'Delete' }).click();
      await dangerous.waitFor({ state: 'detached' });
      assert.ok(!existsSync(path.join(folder, 'models', 'teacher.pt')));
      await vscode.page.locator('.statusbar-item', { hasText: '1 dangerous' }).waitFor({ state: 'detached' });
      await vscode.screenshot('clean');
    },
  );

  shows('accepts a finding with a reason, and changes the severity of a rule in weighbridge.yaml', async () => {
    const folder = workspace('decisions');
    await vscode.open({ folder });
    await vscode.showProblems();
    await vscode.filterProblems('train.yaml');
    await vscode.openFile('train.yaml');
    await vscode.problem('trust_remote_code').waitFor();
    const accept = (await vscode.quickFixes('true')).filter({ hasText: 'Accept this finding' });
    await accept.first().click();
    await vscode.answer('The hub repository is ours.');
    await vscode.problem('trust_remote_code').waitFor({ state: 'detached' });
    assert.match(readFileSync(path.join(folder, 'weighbridge-baseline.json'), 'utf8'), /The hub repository is ours\./);
    assert.match(readFileSync(path.join(folder, 'weighbridge.yaml'), 'utf8'), /baseline: weighbridge-baseline\.json/);

    const severity = (await vscode.quickFixes('models/base.pt')).filter({ hasText: 'Change the severity of load' });
    await severity.first().click();
    await vscode.choice('Off').click();
    await vscode.problem('Uses models/base.pt').waitFor({ state: 'detached' });
    assert.match(
      readFileSync(path.join(folder, 'weighbridge.yaml'), 'utf8'),
      /# What this team has decided\.[\s\S]*load\/unsafe-checkpoint: off/,
    );
  });

  shows('in Restricted Mode shows everything and offers nothing that writes', async () => {
    const folder = workspace('stranger');
    writeFileSync(path.join(folder, 'weighbridge.yaml'), 'version: 1\nrules:\n  pickle/*: off\n');
    await vscode.open({ folder, trusted: false });
    await vscode.showProblems();
    await vscode.problem('Loading it calls os.system').first().waitFor();
    await vscode.openFile('teacher.pt');
    const inspector = await vscode.inspector();
    await inspector.getByText('This workspace is not trusted').waitFor();
    assert.equal(await inspector.locator('#convert').count(), 0);
    await vscode.screenshot('restricted-mode');
    // Those of the extension that begin alike, and stand in view together.
    const offered = await vscode.offered('Weighbridge: Co', 'Compare Models');
    assert.ok(!offered.some((title) => title.includes('Convert')), offered.join('\n'));
    await vscode.filterProblems('train.yaml');
    await vscode.openFile('train.yaml');
    await vscode.problem('Uses models/base.pt').waitFor();
    const fixes = await vscode.quickFixes('models/base.pt');
    assert.deepEqual(
      (await fixes.allInnerTexts()).filter((title) => /Convert|Accept|severity/.test(title)),
      [],
    );
  });

  shows('works on several workspace folders', async () => {
    const one = workspace('one');
    const two = workspace('two');
    rmSync(path.join(two, 'models', 'teacher.pt'));
    rmSync(path.join(two, 'train.py'));
    const file = path.join(scratch, 'both.code-workspace');
    writeFileSync(file, JSON.stringify({ folders: [{ path: one }, { path: two }] }));
    await vscode.open({ folder: file });
    await vscode.showProblems();
    await vscode.problem('Loading it calls os.system').first().waitFor();
    await vscode.filterProblems('Uses models/base.pt');
    await vscode.problem('Uses models/base.pt').nth(1).waitFor();
    await vscode.filterProblems('');
    await vscode.page.locator('.statusbar-item', { hasText: '1 dangerous' }).waitFor();
    await vscode.screenshot('two-folders');
  });
});
