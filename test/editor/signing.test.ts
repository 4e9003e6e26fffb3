import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { inVsCode } from './suite.ts';

/** A safetensors file of one tensor of four numbers. */
function weights(): Uint8Array {
  const header = Buffer.from('{"encoder.weight":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.alloc(16)]);
}

inVsCode('signing in a real VS Code', ({ vscode, shows, opensOn, scratch }) => {
  const privateKey = path.join(scratch, 'private', 'release.pem');
  const folder = opensOn('churn', (churn) => {
    const classifier = path.join(churn, 'models', 'churn-classifier');
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    for (const made of [classifier, path.join(churn, 'keys'), path.dirname(privateKey)])
      mkdirSync(made, { recursive: true });
    const locked = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' } as const;
    writeFileSync(privateKey, pair.privateKey.export(locked));
    writeFileSync(path.join(churn, 'keys', 'release.pub'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(
      path.join(churn, 'weighbridge.yaml'),
      'version: 1\nsigning:\n  trust:\n    - models: [models/]\n      required: true\n      keys: [keys/release.pub]\n',
    );
    writeFileSync(path.join(classifier, 'model.safetensors'), weights());
    writeFileSync(path.join(classifier, 'config.json'), '{"architectures":["ChurnClassifier"]}\n');
    writeFileSync(path.join(classifier, 'tokenizer.json'), '{"version":"1.0"}\n');
    writeFileSync(path.join(classifier, '.gitattributes'), '*.safetensors filter=lfs\n');
  });
  const model = path.join(folder, 'models', 'churn-classifier');
  const signaturePage = (): Promise<Frame> => vscode.webview('signature');

  shows('asks for the key and its passphrase, signs, and shows who, by what trust, over which files', async () => {
    await vscode.showProblems();
    await vscode.problem('weighbridge.yaml demands one here').waitFor();
    await vscode.openFile('model.safetensors');
    await vscode.inspector('model.safetensors');
    await vscode.command('Weighbridge: Sign Model...');
    await vscode.choice('churn-classifier').click();
    await vscode.choice('A PEM file').waitFor();
    await vscode.screenshot('sign-methods');
    await vscode.choice('A PEM file').click();
    await vscode.page.locator('.quick-input-widget', { hasText: 'Private Key' }).waitFor();
    await vscode.pickFile(privateKey);
    await vscode.page.locator('.quick-input-widget', { hasText: 'used once and not stored' }).waitFor();
    await vscode.answer('wrong');
    await vscode.page.locator('.quick-input-widget', { hasText: 'cannot be opened with this passphrase' }).waitFor();
    await vscode.answer('open sesame');
    const signed = vscode.notification('Signed churn-classifier');
    await signed.waitFor();
    assert.ok(existsSync(path.join(model, 'model.sig')));
    await vscode.problem('weighbridge.yaml demands one here').waitFor({ state: 'detached' });
    await signed.getByRole('button', { name: 'Show Signature' }).click();

    const page = await signaturePage();
    await page.getByRole('heading', { name: 'churn-classifier' }).waitFor();
    await page.getByText(/^Signed by the key [0-9a-f]{16}, trusted by .*release\.pub/).waitFor();
    await page.locator('#verify').click();
    await page.getByText('every byte of 3 files').waitFor();
    await page.getByText('None: every file is as signed.').waitFor();
    await page.getByRole('heading', { name: 'Not covered (1)' }).waitFor();
    await page.getByText('left out by the signature').waitFor();
    await vscode.command('View: Toggle Panel Visibility');
    await vscode.screenshot('signature');
    const settings = readFileSync(path.join(folder, 'weighbridge.yaml'), 'utf8');
    assert.ok(!settings.includes('private'), 'the path of the key is kept nowhere');
  });

  shows('marks the model in the Explorer and in the tree, never only with a tick', async () => {
    await vscode.openFile('model.safetensors');
    await vscode.command('File: Reveal Active File in Explorer View');
    const row = vscode.inExplorer('model.safetensors');
    await row.waitFor();
    await row.getByText('✓', { exact: true }).or(row.locator('[aria-label*="Signed by"]')).first().waitFor();
    await vscode.page.locator('.activitybar [aria-label^="Weighbridge"]').first().click();
    const directory = vscode.inSidebar('signed');
    await directory.first().click();
    await vscode.inSidebar(/^Signed by the key/).waitFor();
    await vscode.screenshot('models-signed');
  });

  shows('shows every difference once somebody has tampered with it, and offers the next step', async () => {
    writeFileSync(path.join(model, 'config.json'), '{"architectures":["ChurnClassifier"],"auto_map":{}}\n');
    writeFileSync(path.join(model, 'modeling_churn.py'), 'import os\n');
    rmSync(path.join(model, 'tokenizer.json'));
    await vscode
      .inSidebar(/^Signed by the key/)
      .filter({ hasText: 'not as signed' })
      .click();
    const page = await signaturePage();
    await page.getByRole('heading', { name: 'Differences (3)' }).waitFor();
    for (const [file, what] of [
      ['config.json', 'Changed'],
      ['modeling_churn.py', 'Extra'],
      ['tokenizer.json', 'Missing'],
    ] as const) {
      await page
        .getByRole('table', { name: 'Differences' })
        .getByRole('row', { name: `${file} ${what}` })
        .waitFor();
    }
    await vscode.command('View: Show Explorer');
    await vscode.screenshot('signature-differences');
    await vscode.showProblems();
    await vscode.problem('config.json is not what was signed, and tokenizer.json is missing').waitFor();

    // Put back as it was, and looked at anew.
    writeFileSync(path.join(model, 'config.json'), '{"architectures":["ChurnClassifier"]}\n');
    writeFileSync(path.join(model, 'tokenizer.json'), '{"version":"1.0"}\n');
    rmSync(path.join(model, 'modeling_churn.py'));
    await page.locator('#verify').click();
    await page.getByText('None: every file is as signed.').waitFor();
    await vscode.problem('is not what was signed').waitFor({ state: 'detached' });
  });
});
