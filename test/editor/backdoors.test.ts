import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { backdoorTarget, writePrototypeFiles } from '../../server/scans/prototypeModel.fixture.ts';
import { triggerWord, writeTextFiles } from '../../server/scans/text/textModel.fixture.ts';
import { inVsCode } from './suite.ts';

inVsCode('scanning for backdoors in a real VS Code', ({ vscode, shows, opensOn }) => {
  const folder = opensOn('digits', (digits) => {
    const files = writePrototypeFiles();
    mkdirSync(path.join(digits, 'models'), { recursive: true });
    copyFileSync(files.backdoored, path.join(digits, 'models', 'digits.onnx'));
    copyFileSync(files.clean, path.join(digits, 'models', 'production.onnx'));
    copyFileSync(files.samples, path.join(digits, 'held-out.npz'));
    rmSync(files.folder, { recursive: true });
    const texts = writeTextFiles();
    for (const name of ['model.onnx', 'tokenizer.json', 'config.json']) {
      mkdirSync(path.join(digits, 'reviews'), { recursive: true });
      const to = name === 'model.onnx' ? 'reviews.onnx' : name;
      copyFileSync(path.join(texts.folder, 'backdoored', name), path.join(digits, 'reviews', to));
    }
    copyFileSync(texts.samples, path.join(digits, 'reviews', 'clean.csv'));
    rmSync(texts.folder, { recursive: true });
    return { native: true };
  });

  shows('asks for samples, scans, and shows the trigger, the norms and the run', async () => {
    await vscode.openFile('digits.onnx');
    await vscode.inspector('digits.onnx');
    await vscode.command('Weighbridge: Scan for Backdoors...');
    await vscode.choice('held-out.npz').click();
    await vscode.choice('0 to 1').click();
    const page = await vscode.webview('scan');
    await page.getByRole('heading', { name: 'Backdoor scan: models/digits.onnx' }).waitFor();
    await page.getByRole('status').filter({ hasText: 'backdoor' }).waitFor();
    await page.getByText(`A trigger for class ${backdoorTarget} is far smaller`).waitFor();
    await page.getByRole('table', { name: 'Norms' }).getByRole('row').filter({ hasText: 'yes' }).waitFor();
    const trigger = page.getByAltText(`Trigger for class ${backdoorTarget}`, { exact: true });
    await trigger.waitFor();
    // The page's policy lets the picture be drawn.
    assert.ok(await trigger.evaluate((image) => (image as { naturalWidth?: number }).naturalWidth === 8));
    await vscode.screenshot('backdoor-report');
    const evidence = readFileSync(path.join(folder, 'models', 'digits.onnx.backdoor.json'), 'utf8');
    assert.equal((JSON.parse(evidence) as { verdict: string }).verdict, 'backdoor');
  });

  shows('tells of it at the model, in the next window, too', async () => {
    const found = vscode.problem(`A trigger for class ${backdoorTarget} is far smaller`).first();
    await vscode.showProblems();
    await found.waitFor();
    await vscode.page.reload();
    await vscode.page.locator('.monaco-workbench .explorer-folders-view .monaco-list-row').first().waitFor();
    await vscode.showProblems();
    await found.waitFor();
    await vscode.page.keyboard.press('Control+Shift+M');
  });

  shows('measures robustness, as curves and a table, in dark and in light, and exports it', async () => {
    await vscode.openFile('digits.onnx');
    await vscode.inspector('digits.onnx');
    await vscode.command('Weighbridge: Test Robustness...');
    await vscode.choice('held-out.npz').click();
    await vscode.choice('0 to 1').click();
    const page = await vscode.webview('scan', 'Robustness: models/digits.onnx');
    await page.getByRole('img', { name: /^Accuracy by the largest change of an element/ }).waitFor();
    await page.getByRole('table', { name: 'Attacks' }).getByRole('row').filter({ hasText: 'pgd-l2' }).first().waitFor();
    await vscode.screenshot('robustness-report');
    await vscode.theme(folder, 'Default Light Modern', 'vs');
    await vscode.screenshot('robustness-report-light');
    await page.getByRole('button', { name: 'Export as JSON' }).click();
    const name = 'digits.onnx.robustness-report.json';
    const input = vscode.page.locator('.quick-input-widget input').first();
    await vscode.page.waitForFunction(
      ([wanted]) =>
        [...document.querySelectorAll('.quick-input-widget input')].some((each) =>
          (each as HTMLInputElement).value.endsWith(wanted),
        ),
      [name] as const,
    );
    await input.press('Enter');
    await vscode.inExplorer(name).waitFor();
    const { attacks } = JSON.parse(readFileSync(path.join(folder, 'models', name), 'utf8')) as { attacks: unknown[] };
    assert.equal(attacks.length, 12);
  });

  shows('compares a model with that in production, from the menu of the file', async () => {
    const row = vscode.inExplorer(/^digits\.onnx$/);
    await vscode.chooseFromMenu(row, 'Compare with Production Model...');
    await vscode.choice('production.onnx').click();
    await vscode.choice('held-out.npz').click();
    await vscode.choice('0 to 1').click();
    const page = await vscode.webview('scan', 'Regression: models/digits.onnx against models/production.onnx');
    await page.getByRole('status').filter({ hasText: '100.0 % of 120 samples alike' }).waitFor();
    await page.getByRole('table', { name: 'Shifts' }).waitFor();
    await vscode.screenshot('regression-report-light');
    await vscode.theme(folder, 'Default Dark Modern', 'vs-dark');
    await vscode.screenshot('regression-report');
  });

  shows('asks of a classifier of texts for no pixels, and tells the words of its trigger', async () => {
    await vscode.openFile('reviews.onnx');
    await vscode.inspector('reviews.onnx');
    await vscode.command('Weighbridge: Scan for Backdoors...');
    await vscode.choice('clean.csv').click();
    const page = await vscode.webview('scan', 'Backdoor scan: reviews/reviews.onnx');
    await page.getByRole('cell', { name: triggerWord, exact: true }).first().waitFor();
    await vscode.screenshot('backdoor-report-texts');
  });
});
