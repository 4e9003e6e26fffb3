import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Frame } from 'playwright-core';
import { Corpus } from '../../server/datasets/poisoning/corpus.fixture.ts';
import { scene, VsCode } from './vsCode.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

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

describe('scanning data for poisoning in a real VS Code', { timeout: 1_200_000 }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-data-'));
  const folder = path.join(scratch, 'reviews');
  const vsix = path.join(scratch, 'weighbridge.vsix');
  let vscode: VsCode;
  const shows = (name: string, body: () => Promise<void>) => {
    scene(name, () => vscode, body);
  };

  before(async () => {
    execFileSync(process.execPath, ['scripts/package.mjs', '--no-build', '--out', vsix], { cwd: repository });
    mkdirSync(path.join(folder, 'data'), { recursive: true });
    const { accepted, added } = reviews();
    writeFileSync(path.join(folder, 'data', 'accepted.jsonl'), accepted);
    writeFileSync(path.join(folder, 'data', 'delivery.jsonl'), added);
    vscode = await VsCode.open({ vsix, folder });
  });
  after(async () => {
    await vscode.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const choice = (text: string) => vscode.page.locator('.quick-input-list .monaco-list-row', { hasText: text });

  /** The page's document, once it shows something. */
  async function page(): Promise<Frame> {
    const until = Date.now() + 180_000;
    while (Date.now() < until) {
      for (const frame of vscode.page.frames()) {
        const shown = frame.locator('#weighbridge-dataset[aria-busy="false"]');
        if (await shown.count().catch(() => 0)) return frame;
      }
      await vscode.page.waitForEvent('framenavigated', { timeout: 1000 }).catch(() => undefined);
    }
    throw new Error('the page of the scan did not come within three minutes');
  }

  /** Answers the box that asks for a reason: a busy editor can lose a key that it is not ready for. */
  async function give(reason: string): Promise<void> {
    const input = vscode.page.locator('.quick-input-widget input').first();
    await vscode.page.locator('.quick-input-widget', { hasText: 'The reason is kept' }).waitFor();
    for (let attempt = 1; ; attempt++) {
      await input.fill(reason);
      await input.press('Enter');
      try {
        await vscode.page
          .locator('.quick-input-widget', { hasText: 'The reason is kept' })
          .waitFor({ state: 'hidden', timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 6) throw error;
      }
    }
  }

  shows('a lens on the first line asks for the accepted version, scans, and shows the rows', async () => {
    await vscode.openFile('delivery.jsonl');
    await vscode.page.locator('.codelens-decoration a', { hasText: 'Scan for poisoning' }).click();
    await choice('accepted.jsonl').waitFor();
    await choice('Without an accepted version').waitFor();
    await choice('accepted.jsonl').click();
    const shown = await page();
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
    const shown = await page();
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
    await give('the name of our new product');
    const marks = path.join(folder, 'weighbridge-marks.jsonl');
    await vscode.page
      .locator('.explorer-folders-view .monaco-list-row', { hasText: 'weighbridge-marks.jsonl' })
      .waitFor();
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
