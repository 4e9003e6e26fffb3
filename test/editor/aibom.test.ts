import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { safetensors } from '../../server/aibom/modelFolder.fixture.ts';
import { inVsCode } from './suite.ts';

const card = `---
license: apache-2.0
pipeline_tag: text-classification
base_model: google-bert/bert-base-uncased
datasets: [stanfordnlp/imdb, acme/letters]
model-index:
  - name: sentiment
    results:
      - task: { type: text-classification }
        dataset: { name: IMDb, type: imdb, split: test }
        metrics: [{ type: accuracy, value: 0.91 }]
---
# Sentiment

## Intended uses

Sorting of customer letters.

## Limitations

It reads English only.
`;

inVsCode('bills of materials in a real VS Code', ({ vscode, shows, opensOn }) => {
  const folder = opensOn('letters', (letters) => {
    const sentiment = path.join(letters, 'models', 'sentiment');
    mkdirSync(sentiment, { recursive: true });
    for (const shard of [1, 2, 3]) {
      const name = `model-0000${shard}-of-00003.safetensors`;
      writeFileSync(path.join(sentiment, name), safetensors({ [`layer.${shard}.weight`]: [16, 16] }));
    }
    const config = { model_type: 'bert', architectures: ['BertForSequenceClassification'] };
    writeFileSync(path.join(sentiment, 'config.json'), JSON.stringify(config));
    writeFileSync(path.join(sentiment, 'README.md'), card);
    const pinned = Array.from({ length: 12 }, (_, index) => `package-${index}==1.${index}.0\n`).join('');
    writeFileSync(path.join(sentiment, 'requirements.txt'), `torch==2.5.1\ntransformers==4.46.0\n${pinned}`);
  });
  const model = path.join(folder, 'models', 'sentiment');
  const aibom = path.join(model, 'aibom.cdx.json');

  shows('writes one from the palette, and shows it so that it can be read', async () => {
    // The only model of the workspace needs no question.
    await vscode.showProblems();
    await vscode.problem('No AI bill of materials stands beside').first().waitFor();
    await vscode.command('Weighbridge: Generate AIBOM');
    const written = vscode.notification('Wrote aibom.cdx.json: 6 files.');
    await written.waitFor();
    assert.ok(existsSync(aibom));
    await vscode.problem('No AI bill of materials stands beside').first().waitFor({ state: 'detached' });
    await written.getByRole('button', { name: 'Show', exact: true }).click();

    const view = await vscode.webview('aibom', 'sentiment');
    await view.getByText('up to date: its 6 files have the hashes that are written here.').waitFor();
    await view.getByRole('row', { name: 'Licence Apache-2.0 README.md, front matter: license' }).waitFor();
    await view.getByRole('row', { name: /^Parameters 768 model-00001-of-00003\.safetensors, / }).waitFor();
    const [g7, annex] = await view.getByRole('meter').all();
    assert.equal(await g7?.getAttribute('aria-valuemax'), '50');
    assert.match((await annex?.getAttribute('aria-valuetext')) ?? '', /^\d+ of 20 present$/);
    assert.doesNotMatch(await view.locator('main').innerText(), /\bcompliant\b/i);
    await vscode.command('View: Toggle Panel Visibility');
    await vscode.screenshot('aibom');
  });

  shows('is walked through by the keyboard, and has in tables what it draws', async () => {
    const view = await vscode.webview('aibom', 'sentiment');
    const boxes = view.locator('.graph .node');
    await boxes.first().focus();
    await boxes.first().press('ArrowRight');
    await view.locator('.graph .node:focus').waitFor();
    const said = await view.locator('.graph .node:focus').getAttribute('aria-label');
    assert.match(said ?? '', /, (?:data|machine-learning-model|file|framework)|of type/);
    assert.equal(await view.locator('.hint[role="status"]').innerText(), said);
    // Packages are many and alike: one box.
    await view.locator('.graph text', { hasText: '12 of type library' }).waitFor();

    await view.locator('#part-edges summary').press('Enter');
    const edges = view.getByRole('table', { name: 'How it hangs together' });
    await edges.getByRole('row', { name: /^sentiment \S+ depends on stanfordnlp\/imdb/ }).waitFor();
    await view.locator('#coverage-g7 summary').press('Enter');
    const missing = view
      .getByRole('table', { name: /^G7/ })
      .getByRole('row', { name: /System producer – missing supplier/ });
    await missing.waitFor();
    await view.getByRole('heading', { name: 'How it hangs together' }).hover();
    await vscode.screenshot('aibom-graph');
  });

  shows('says that it is stale when the model changes, marks the hash, and is updated from the lightbulb', async () => {
    appendFileSync(path.join(model, 'config.json'), '\n');
    const view = await vscode.webview('aibom', 'sentiment');
    await view.getByText('stale: 1 place does not fit the model on disk').waitFor();
    await view.getByRole('row', { name: 'config.json changed since' }).waitFor();

    await view.getByRole('button', { name: 'Open as text' }).click();
    await vscode.page.locator('.monaco-editor .view-line', { hasText: 'bomFormat' }).waitFor();
    await vscode.showProblems();
    await vscode.problem('config.json has another hash than is described here').waitFor();
    const fixes = await vscode.fixesOfProblem('config.json has another hash than is described here');
    const update = fixes.filter({ hasText: 'Update AIBOM' });
    await update.waitFor();
    await vscode.screenshot('aibom-fix');
    await update.click();
    await vscode.problem('config.json has another hash').waitFor({ state: 'detached' });
    await vscode.notification('Brought aibom.cdx.json up to date').waitFor();
    await vscode.save();
    assert.equal((JSON.parse(readFileSync(aibom, 'utf8')) as { version: number }).version, 2);
  });

  shows('opens a side file for what no file says, and completes its keys', async () => {
    await vscode.command('Weighbridge: Fill In What No File Says (aibom.enrich.yaml)');
    await vscode.page.locator('.tab.active', { hasText: 'aibom.enrich.yaml' }).waitFor();
    assert.match(readFileSync(path.join(model, 'aibom.enrich.yaml'), 'utf8'), /# supplier: Acme/);
    await vscode.page.keyboard.press('Control+End');
    await vscode.page.keyboard.type('supp');
    await vscode.page.keyboard.press('Control+Space');
    const offered = vscode.page.locator('.suggest-widget .monaco-list-row', { hasText: 'supplier' });
    await offered.first().waitFor();
    await offered.first().click();
    await vscode.page.locator('.view-line', { hasText: 'supplier: Acme' }).last().waitFor();
  });
});
