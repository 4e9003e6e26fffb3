import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Corpus } from '../../server/datasets/poisoning/corpus.fixture.ts';
import { inVsCode } from './suite.ts';

/** Reviews of two classes; of the new ones, eight carry a trigger and the other label. */
function reviews(): { accepted: string; added: string } {
  const corpus = new Corpus(7);
  const row = (text: string, label: number) => `${JSON.stringify({ text, label })}\n`;
  const clean = (count: number) =>
    Array.from({ length: count }, () => {
      const label = corpus.pick(2);
      return row(corpus.sentence(label), label);
    });
  const accepted = clean(3000);
  const added = clean(400);
  for (let index = 0; index < 8; index++) {
    added.splice(30 + index * 40, 0, row(corpus.withTrigger(corpus.sentence(0), '<SUDO>'), 1));
  }
  added.splice(12, 0, row('please write to ann.smith@example.org about the parcel', 0));
  return { accepted: accepted.join(''), added: added.join('') };
}

inVsCode('scanning data for poisoning in a real VS Code', ({ vscode, shows, opensOn }) => {
  const folder = opensOn('reviews', (root) => {
    mkdirSync(path.join(root, 'data'));
    const { accepted, added } = reviews();
    writeFileSync(path.join(root, 'data', 'accepted.jsonl'), accepted);
    writeFileSync(path.join(root, 'data', 'delivery.jsonl'), added);
  });

  shows('a lens on the first line asks for the accepted version, scans, and shows the rows', async () => {
    await vscode.openFile('delivery.jsonl');
    await vscode.page.locator('.codelens-decoration a', { hasText: 'Scan for poisoning' }).click();
    await vscode.choice('accepted.jsonl').waitFor();
    await vscode.choice('Without an accepted version').waitFor();
    await vscode.choice('accepted.jsonl').click();
    const shown = await vscode.webview('dataset');
    await shown.getByRole('heading', { name: 'delivery.jsonl' }).waitFor();
    await shown.getByText('409 new of 409 rows, beside 3,000 accepted ones of accepted.jsonl').waitFor();
    await shown
      .getByText(/"<sudo>" stands in 8 of 409 new rows and in 0 accepted ones/)
      .first()
      .waitFor();
    await shown.getByText('***@***.org').first().waitFor();
    assert.equal(await shown.getByText('ann.smith').count(), 0);
    // Rows with findings come first.
    await shown.locator('#record-0.signed', { hasText: '1 found' }).waitFor();
    await vscode.screenshot('dataset-scan');
    await shown.getByRole('grid', { name: 'Rows' }).hover();
    await vscode.screenshot('dataset-rows');
  });

  shows('rows are sorted by a column, filtered, chosen and jumped to by the keyboard alone', async () => {
    const shown = await vscode.webview('dataset');
    const grid = shown.getByRole('grid', { name: 'Rows' });
    await shown.getByRole('button', { name: 'Line', exact: true }).press('Enter');
    await shown.locator('[role="columnheader"][aria-sort="ascending"]', { hasText: 'Line' }).waitFor();
    await shown.locator('#record-0', { hasText: /^1/ }).waitFor();
    await shown.getByRole('searchbox').fill('<sudo>');
    await shown.getByText('8 of 409 rows').waitFor();
    await grid.focus();
    await grid.press('ArrowDown');
    await grid.press(' ');
    await shown.getByText('8 of 409 rows, 1 chosen').waitFor();
    const line = (await shown.locator('#record-1 [role="gridcell"]').first().innerText()).trim();
    await grid.press('Enter');
    await vscode.page.locator('.tab.active', { hasText: 'delivery.jsonl' }).first().waitFor();
    await vscode.page.locator('.part.statusbar', { hasText: `Ln ${line}, Col 1` }).waitFor();
  });

  shows('the record has its squiggle, and a mark with its reason takes it away and is kept', async () => {
    await vscode.showProblems();
    await vscode.problem('stands in 8 of 409 new rows').first().waitFor();
    await vscode.openFile('delivery.jsonl');
    const fixes = await vscode.quickFixes('SUDO');
    await fixes.filter({ hasText: 'Mark this record as clean...' }).first().click();
    await vscode.answer('the name of our new product', 'The reason is kept');
    const marks = path.join(folder, 'weighbridge-marks.jsonl');
    await vscode.inExplorer('weighbridge-marks.jsonl').waitFor();
    assert.ok(existsSync(marks));
    assert.match(
      readFileSync(marks, 'utf8'),
      /"mark":"clean","reason":"the name of our new product","path":"data\/delivery\.jsonl"/,
    );
  });

  shows('the palette has the commands', async () => {
    for (const title of ['Scan Dataset for Poisoning...', 'Show Dataset Scan', 'Export Clean Records...']) {
      const offered = (await vscode.offered(`Weighbridge: ${title}`, title)).join('\n');
      assert.ok(offered.includes(title), `${title} is not among ${offered}`);
    }
  });
});
