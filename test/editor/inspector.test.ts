import assert from 'node:assert/strict';
import { closeSync, ftruncateSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { buildZip } from '../../server/formats/zip/zipBuilder.fixture.ts';
import { inVsCode } from './suite.ts';

/** A safetensors file with `tensors` byte tensors of `bytes` each; the data is a hole in the file. */
function writeSafetensors(file: string, tensors: number, bytes: number): void {
  const header: Record<string, object> = {};
  for (let index = 0; index < tensors; index++) {
    const name = `block.${String(index).padStart(6, '0')}.weight`;
    header[name] = { dtype: 'U8', shape: [bytes], data_offsets: [index * bytes, (index + 1) * bytes] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  const handle = openSync(file, 'w');
  try {
    writeSync(handle, length);
    writeSync(handle, json);
    ftruncateSync(handle, 8 + json.length + tensors * bytes);
  } finally {
    closeSync(handle);
  }
}

inVsCode('the Model Inspector in a real VS Code', ({ vscode, shows, opensOn }) => {
  const folder = opensOn('models', (models) => {
    writeFileSync(path.join(models, 'notes.txt'), 'No model stands here yet.\n');
  });

  shows('says what to do while there is no model, and marks the first one as unsigned', async () => {
    await vscode.page.locator('.activitybar [aria-label^="Weighbridge"]').first().click();
    const sidebar = vscode.page.locator('.part.sidebar');
    await sidebar.getByText('No models were found in this workspace.').waitFor();
    const buttons = sidebar.getByRole('region', { name: 'Welcome' }).getByRole('button', { name: 'Scan Workspace' });
    // The view of models has one, and that of gates below it.
    await buttons.first().waitFor();
    await vscode.screenshot('empty-state');
    writeSafetensors(path.join(folder, 'wide.safetensors'), 100_000, 4);
    await vscode.command('View: Show Explorer');
    const row = vscode.inExplorer('wide.safetensors');
    await row.waitFor();
    await row.getByText('○', { exact: true }).or(row.locator('[aria-label*="Unsigned"]')).first().waitFor();
  });

  shows('walks 100,000 tensors by the keyboard with only the rows in view as elements', async () => {
    await vscode.openFile('wide.safetensors');
    const inspector = await vscode.inspector('wide.safetensors');
    await inspector.getByText('100,000 of 100,000 tensors', { exact: true }).waitFor();
    const grid = inspector.getByRole('grid', { name: 'Tensors' });
    await grid.focus();
    await vscode.page.keyboard.press('End');
    const last = inspector.locator('[aria-selected="true"]', { hasText: 'block.099999.weight' });
    await last.waitFor();
    assert.equal(await grid.getAttribute('aria-rowcount'), '100001');
    assert.equal(await grid.getAttribute('aria-activedescendant'), await last.getAttribute('id'));
    assert.ok((await inspector.locator('[role="grid"] [role="row"]').count()) < 100);
    await inspector.getByRole('searchbox', { name: /^Show only tensors/ }).fill('0777');
    await inspector.getByText('block.000777.weight').waitFor();
    // 0777xx, 00777x and 0x0777.
    await inspector.getByText('120 of 100,000 tensors', { exact: true }).waitFor();
    await vscode.screenshot('inspector-100000-tensors');
  });

  shows('can be used at 200 % zoom: nothing is cut off sideways, and every control is reached', async () => {
    // Half the CSS pixels in each direction are what a zoom of 200 % leaves.
    await vscode.page.setViewportSize({ width: 700, height: 450 });
    try {
      const inspector = await vscode.inspector('wide.safetensors');
      const search = inspector.getByRole('searchbox', { name: /^Show only tensors/ });
      // A pointer on it scrolls it into view, and looks for it anew where the list was drawn again meanwhile.
      await search.hover();
      await search.fill('099999');
      await inspector.getByText('1 of 100,000 tensors', { exact: true }).waitFor();
      await inspector.getByRole('gridcell', { name: 'block.099999.weight' }).hover();
      const excess = await inspector.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert.ok(excess <= 0, `the page is ${excess} pixels wider than its window`);
      await vscode.screenshot('inspector-zoomed');
    } finally {
      await vscode.page.setViewportSize({ width: 1400, height: 900 });
    }
  });

  shows('opens a file of 10 GB', async () => {
    writeSafetensors(path.join(folder, 'huge.safetensors'), 1, 10_000_000_000);
    await vscode.inExplorer('huge.safetensors').dblclick();
    const inspector = await vscode.inspector('huge.safetensors');
    await inspector.getByText('10.0 GB', { exact: false }).first().waitFor();
    await inspector.getByRole('gridcell', { name: '10,000,000,000' }).waitFor();
  });

  shows('compares two models by the values of their tensors, in the view for differences', async () => {
    writeSafetensors(path.join(folder, 'base.safetensors'), 3, 4);
    const tuned = path.join(folder, 'tuned.safetensors');
    writeSafetensors(tuned, 3, 4);
    const handle = openSync(tuned, 'r+');
    writeSync(handle, Uint8Array.of(7), 0, 1, statSync(tuned).size - 1);
    closeSync(handle);
    await vscode.inExplorer('base.safetensors').dblclick();
    const inspector = await vscode.inspector('base.safetensors');
    await inspector.getByRole('button', { name: 'Compare with...' }).click();
    await vscode.choice('tuned.safetensors').click();
    await vscode.page.locator('.tab.active', { hasText: 'base.safetensors ↔ tuned.safetensors' }).waitFor();
    const sides = vscode.page.locator('.monaco-diff-editor');
    await sides.locator('.editor.original .line-delete').first().waitFor();
    await sides.locator('.editor.modified .view-line', { hasText: 'block.000002.weight' }).first().waitFor();
    await vscode.screenshot('compare');
    assert.equal(
      await sides.locator('.editor.modified .line-insert.gutter-insert, .editor.modified .gutter-insert').count(),
      1,
    );
  });

  shows('shows where the two lists of an archive differ', async () => {
    const emptyDictionary = Uint8Array.of(0x80, 2, 0x7d, 0x2e);
    const twisted = buildZip([
      { name: 'archive/data.pkl', data: emptyDictionary },
      { name: 'archive/version', data: '3\n', central: { name: 'archive/other' } },
      { name: 'archive/hidden.pkl', data: emptyDictionary, localOnly: true },
    ]);
    writeFileSync(path.join(folder, 'twisted.pt'), twisted);
    await vscode.inExplorer('twisted.pt').dblclick();
    const inspector = await vscode.inspector('twisted.pt');
    await inspector.getByRole('tab', { name: /Archive entries/ }).click();
    const hidden = inspector.getByRole('row').filter({ hasText: 'hidden.pkl' });
    await hidden.getByLabel('not listed so').waitFor();
    assert.equal(await hidden.getByLabel('listed', { exact: true }).count(), 1);
    const why = inspector.locator('tr.marked .oddities').first();
    await why.waitFor();
    const [cell, window] = [await why.boundingBox(), vscode.page.viewportSize()];
    assert.ok(cell && window && cell.x + cell.width <= window.width, 'the reason is in view, whole');
    await vscode.screenshot('inspector-archive-differences');
  });
});
