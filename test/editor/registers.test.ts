import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scene, VsCode } from './vsCode.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const rows = (label: number): string => `text,label\nthe parcel came late,0\nall is well,${label}\n`;
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A record as somebody who does everything right writes it. */
function record(name: string, text: string, by: string): object {
  return {
    path: name,
    source: { uri: `https://data.example.org/reviews/v3/${name}`, version: '3', licence: 'CC-BY-4.0' },
    ingestedBy: { agent: by, at: '2026-05-04T09:00:00Z' },
    validatedAt: { at: '2026-05-05T10:00:00Z', check: 'weighbridge dataset scan', result: 'passed' },
    transforms: 'none',
    hash: { algorithm: 'sha256', digest: sha256(text), size: Buffer.byteLength(text) },
  };
}

describe('registers of datasets in a real VS Code', { timeout: 1_200_000 }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-registers-'));
  const folder = path.join(scratch, 'reviews');
  const vsix = path.join(scratch, 'weighbridge.vsix');
  const sidecar = path.join(folder, 'data', 'provenance.json');
  let vscode: VsCode;
  const shows = (name: string, body: () => Promise<void>) => {
    scene(name, () => vscode, body);
  };

  before(async () => {
    execFileSync(process.execPath, ['scripts/package.mjs', '--no-build', '--out', vsix], { cwd: repository });
    mkdirSync(path.join(folder, 'data'), { recursive: true });
    mkdirSync(path.join(folder, '.git'));
    writeFileSync(path.join(folder, '.git', 'config'), '[user]\n\tname = Grace Hopper\n\temail = grace@example.org\n');
    const file = (name: string, text: string) => {
      writeFileSync(path.join(folder, name), text);
    };
    // A label was changed after the file had been recorded.
    file('data/train.csv', rows(0));
    file('data/holdout.csv', rows(1));
    file('data/feedback.jsonl', '{"text": "thank you", "label": 1}\n');
    const datasets = [
      record('holdout.csv', rows(1), 'Ada Lovelace <ada@example.org>'),
      record('train.csv', rows(1), 'Ada Lovelace <ada@example.org>'),
    ];
    file('data/provenance.json', `${JSON.stringify({ schemaVersion: 1, datasets }, null, 2)}\n`);
    file(
      'train.yaml',
      'datasets:\n  - path: data/train.csv\n  - path: data/feedback.jsonl\ntest_datasets:\n  - path: data/holdout.csv\n',
    );
    vscode = await VsCode.open({ vsix, folder });
  });
  after(async () => {
    await vscode.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const inView = (text: string) => vscode.page.locator('.sidebar .pane-body .monaco-list-row', { hasText: text });

  /** Answers a box that asks this; a busy editor can lose a key that it is not ready for. */
  async function answer(question: string, text: string): Promise<void> {
    const box = vscode.page.locator('.quick-input-widget', { hasText: question });
    await box.waitFor();
    const input = vscode.page.locator('.quick-input-widget input').first();
    for (let attempt = 1; ; attempt++) {
      await input.fill(text);
      await input.press('Enter');
      try {
        await box.waitFor({ state: 'hidden', timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 6) throw error;
      }
    }
  }

  shows('the tree says what is not what was recorded, what nobody registered, and who took in the rest', async () => {
    await vscode.page.locator('.activitybar [aria-label^="Weighbridge"]').first().click();
    await vscode.page.locator('.pane-header', { hasText: 'Datasets' }).waitFor();
    await inView('Mismatch').waitFor();
    await inView('Unregistered').waitFor();
    await inView('data/feedback.jsonl').waitFor();
    const holdout = inView('data/holdout.csv');
    await holdout.filter({ hasText: 'by Ada Lovelace · validated 2026-05-05' }).waitFor();
    await inView('data/train.csv').click();
    await inView('It is not what was recorded.').first().waitFor();
    await inView('https://data.example.org/reviews/v3/train.csv').waitFor();
    await vscode.screenshot('datasets');
  });

  shows('a row of the record opens it at the hash, where the finding is', async () => {
    await inView('provenance.json').first().click();
    await vscode.page.locator('.tab.active', { hasText: 'provenance.json' }).waitFor();
    const text = readFileSync(sidecar, 'utf8').split('\n');
    const hash = text.findIndex((line) => line.includes(sha256(rows(1)))) + 1;
    const second = text.findLastIndex((line) => line.includes(sha256(rows(1)))) + 1;
    assert.notEqual(hash, second);
    await vscode.page.locator('.part.statusbar', { hasText: `Ln ${second}, Col 1` }).waitFor();
    await vscode.showProblems();
    await vscode.problem('train.csv is not what was recorded').first().waitFor();
    await vscode.problem('Do not train with it before somebody knows what changed').first().waitFor();
  });

  shows('registering from the palette offers what is unregistered, and asks for what cannot be known', async () => {
    await vscode.command('Weighbridge: Register Dataset...');
    const choice = vscode.page.locator('.quick-input-list .monaco-list-row', { hasText: 'data/feedback.jsonl' });
    await choice.waitFor();
    await choice.click();
    await answer('Where did the data come from?', 'https://data.example.org/feedback/2026-05');
    await answer('How was it validated, just now?', 'read every row');
    await answer('What was done to it', 'none');
    await vscode.page.locator('.tab.active', { hasText: 'provenance.json' }).waitFor();
    await inView('Unregistered').waitFor({ state: 'detached' });
    await inView('data/feedback.jsonl').filter({ hasText: 'by Grace Hopper' }).waitFor();
    const written = JSON.parse(readFileSync(sidecar, 'utf8')) as { datasets: Record<string, unknown>[] };
    const [feedback, ...others] = written.datasets;
    assert.deepEqual(
      others.map((each) => each['path']),
      ['holdout.csv', 'train.csv'],
    );
    assert.equal(feedback?.['path'], 'feedback.jsonl');
    assert.deepEqual(feedback['source'], { uri: 'https://data.example.org/feedback/2026-05' });
    assert.equal((feedback['ingestedBy'] as { agent: string }).agent, 'Grace Hopper <grace@example.org>');
    assert.equal((feedback['validatedAt'] as { check: string }).check, 'read every row');
    assert.equal(feedback['transforms'], 'none');
  });

  shows('verifying compares every dataset, and says how many are wrong', async () => {
    await vscode.command('Weighbridge: Verify Datasets');
    await vscode.notification('1 of 3 datasets is not what was recorded').waitFor();
    writeFileSync(path.join(folder, 'data', 'train.csv'), rows(1));
    await inView('Mismatch').waitFor({ state: 'detached' });
    await inView('data/train.csv').filter({ hasText: 'validated 2026-05-05' }).waitFor();
  });
});
