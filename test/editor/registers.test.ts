import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inVsCode } from './suite.ts';

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

inVsCode('registers of datasets in a real VS Code', ({ vscode, shows, opensOn }) => {
  const folder = opensOn('reviews', (root) => {
    mkdirSync(path.join(root, 'data'));
    mkdirSync(path.join(root, '.git'));
    writeFileSync(path.join(root, '.git', 'config'), '[user]\n\tname = Grace Hopper\n\temail = grace@example.org\n');
    const file = (name: string, text: string) => {
      writeFileSync(path.join(root, name), text);
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
  });
  const sidecar = path.join(folder, 'data', 'provenance.json');
  const inView = (text: string) => vscode.page.locator('.sidebar .pane-body .monaco-list-row', { hasText: text });

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
    const choice = vscode.choice('data/feedback.jsonl');
    await choice.waitFor();
    await choice.click();
    await vscode.answer('https://data.example.org/feedback/2026-05', 'Where did the data come from?');
    await vscode.answer('read every row', 'How was it validated, just now?');
    await vscode.answer('none', 'What was done to it');
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
