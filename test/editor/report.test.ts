import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { inVsCode } from './suite.ts';

inVsCode('the compliance report in a real VS Code', ({ vscode, shows, opensOn }) => {
  opensOn('churn', (folder) => {
    mkdirSync(path.join(folder, 'models'));
    mkdirSync(path.join(folder, 'runbooks'));
    writeFileSync(path.join(folder, 'models', 'model.pkl'), Buffer.from('cos\nsystem\n(S"true"\ntR.', 'latin1'));
    writeFileSync(path.join(folder, 'runbooks', 'rollback.md'), '# Roll back\n');
  });

  shows('walks a beginner through, step by step', async () => {
    await vscode.command('Weighbridge: Get Started');
    await vscode.page.getByRole('heading', { name: 'Get Started with Weighbridge' }).first().waitFor();
    const steps = vscode.page.locator('.gettingStartedContainer .getting-started-step');
    await steps.filter({ hasText: 'See what is dangerous' }).waitFor();
    assert.equal(await steps.count(), 6);
    await steps.filter({ hasText: 'Use weights without code' }).click();
    await steps.getByRole('button', { name: 'Convert a Checkpoint' }).waitFor();
    const beside = vscode.page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await beside.getByRole('heading', { name: 'After' }).waitFor();
    await vscode.screenshot('walkthrough');
    await steps.filter({ hasText: 'See what is dangerous' }).click();
    await steps.getByRole('button', { name: 'Scan Workspace' }).click();
    await vscode.page
      .locator('.getting-started-step .codicon-getting-started-step-checked[aria-label*="See what is dangerous"]')
      .or(steps.filter({ hasText: 'See what is dangerous' }).locator('.codicon-getting-started-step-checked'))
      .first()
      .waitFor();
  });

  shows('tells what something reaches, in words of the command line', async () => {
    await vscode.command('Weighbridge: Show Impact of...');
    await vscode.answer('acme/reviews', 'Show impact of');
    await vscode.page.locator('.tab.active', { hasText: 'Impact.txt' }).waitFor();
    await vscode.line('No paper names').waitFor();
  });

  shows('shows the twelve controls, with charts that have their numbers in words', async () => {
    await vscode.command('Weighbridge: Open Compliance Report');
    await vscode.page.locator('.tab.active', { hasText: 'Compliance: churn' }).waitFor();
    const page = await vscode.webview('compliance');
    await page.getByRole('heading', { name: 'Security of models and data: churn' }).waitFor();
    await page.getByRole('img', { name: 'Controls: 1 met, 3 not met, 8 cannot be seen from here' }).waitFor();
    assert.equal(await page.locator('table').first().locator('tbody tr').count(), 12);
    await page.getByRole('row', { name: /All weights in SafeTensors.*Not met/ }).waitFor();
    await vscode.screenshot('compliance-report');
    // By the keyboard alone: the frameworks fold and unfold.
    const framework = page.locator('summary').first();
    await framework.focus();
    const before = await page.locator('details[open]').count();
    await vscode.page.keyboard.press('Enter');
    assert.notEqual(await page.locator('details[open]').count(), before);
  });
});
