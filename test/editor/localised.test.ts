import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { installedExtension } from './installedExtension.ts';
import { inVsCode } from './suite.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const dangerous = assemblePickle("PROTO 2\nGLOBAL os system\nBINUNICODE 'id'\nTUPLE1\nREDUCE\nSTOP");

/** Esperanto: neither we nor the editor have a word of it. */
const language = 'eo';

/** Every text in brackets that no text of ours has. */
function translated(file: string): string {
  const texts = JSON.parse(readFileSync(path.join(repository, file), 'utf8')) as Record<string, string>;
  return JSON.stringify(Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, `⟦${text}⟧`])));
}

/** Puts files into a package, which is a ZIP archive: as a translator would have them there. */
const addToPackage = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'a') as package:
    for name, text in zip(sys.argv[2::2], sys.argv[3::2]):
        package.writestr(name, text)`;

inVsCode('a real VS Code in another language', ({ vscode, shows, opensOn, scratch }) => {
  opensOn('workspace', async (folder) => {
    mkdirSync(path.join(folder, 'models'));
    writeFileSync(path.join(folder, 'models', 'evil.pkl'), dangerous);
    const vsix = path.join(scratch, 'weighbridge.vsix');
    copyFileSync((await installedExtension()).vsix, vsix);
    const manifest = [`extension/package.nls.${language}.json`, translated('package.nls.json')];
    const client = [`extension/l10n/bundle.l10n.${language}.json`, translated('l10n/bundle.l10n.json')];
    execFileSync('python3', ['-c', addToPackage, vsix, ...manifest, ...client]);
    return { packages: [vsix], language };
  });

  shows('says in it what stands in the manifest and what the client says, and findings as everywhere', async () => {
    const { page } = vscode;
    await page.locator('.statusbar-item', { hasText: '⟦1 dangerous⟧' }).waitFor();
    await vscode.command('Weighbridge: ⟦Scan Workspace⟧');
    await page.locator('.statusbar-item', { hasText: 'Weighbridge: ⟦1 model file⟧' }).waitFor();
    await vscode.command('View: Show Weighbridge');
    const sidebar = page.locator('.part.sidebar');
    await sidebar.locator('.pane-header', { hasText: '⟦Models⟧' }).waitFor();
    await sidebar.getByText('⟦No config names local data').waitFor();
    await sidebar.locator('.monaco-list-row', { hasText: '⟦unsigned⟧' }).waitFor();
    await vscode.screenshot('localised');
    // The words of a rule are those of reports and of continuous integration.
    await vscode.showProblems();
    const finding = vscode.problem('Loading it calls os.system').first();
    await finding.waitFor();
    assert.ok(!(await finding.innerText()).includes('⟦'));
  });
});
