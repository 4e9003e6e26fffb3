import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe } from 'node:test';
import { fileURLToPath } from 'node:url';
import { backdoorTarget, writePrototypeFiles } from '../../server/scans/prototypeModel.fixture.ts';
import { scene, VsCode } from './vsCode.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

describe('scanning for backdoors in a real VS Code', { timeout: 1_200_000 }, () => {
  const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-backdoors-'));
  const folder = path.join(scratch, 'digits');
  const vsix = path.join(scratch, 'weighbridge.vsix');
  let vscode: VsCode;
  const shows = (name: string, body: () => Promise<void>) => {
    scene(name, () => vscode, body);
  };

  before(async () => {
    const target = `${process.platform}-${process.arch}`;
    const package_ = ['scripts/package.mjs', '--no-build', '--target', target, '--out', vsix];
    execFileSync(process.execPath, package_, { cwd: repository });
    const files = writePrototypeFiles();
    mkdirSync(path.join(folder, 'models'), { recursive: true });
    copyFileSync(files.backdoored, path.join(folder, 'models', 'digits.onnx'));
    copyFileSync(files.samples, path.join(folder, 'held-out.npz'));
    rmSync(files.folder, { recursive: true });
    vscode = await VsCode.open({ vsix, folder });
  });
  after(async () => {
    await vscode.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const choice = (text: string) => vscode.page.locator('.quick-input-list .monaco-list-row', { hasText: text });

  shows('asks for samples, scans, and shows the trigger, the norms and the run', async () => {
    await vscode.openFile('digits.onnx');
    await vscode.inspector('digits.onnx');
    await vscode.command('Weighbridge: Scan for Backdoors...');
    await choice('held-out.npz').click();
    await choice('0 to 1').click();
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
    await vscode.showProblems();
    await vscode.problem(`A trigger for class ${backdoorTarget} is far smaller`).waitFor();
    const evidence = readFileSync(path.join(folder, 'models', 'digits.onnx.backdoor.json'), 'utf8');
    assert.equal((JSON.parse(evidence) as { verdict: string }).verdict, 'backdoor');
  });
});
