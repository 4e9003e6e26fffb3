import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assemblePickle } from '../../server/formats/pickle/assembler.fixture.ts';
import { disassemble } from '../../server/formats/pickle/disassemble.ts';
import { MemorySource } from '../../server/formats/source.ts';
import { inVsCode } from './suite.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

const code = (...source: string[]) => ({ cell_type: 'code', metadata: {}, outputs: [], source });
const notebook = {
  cells: [
    { cell_type: 'markdown', metadata: {}, source: ['# Notes'] },
    code('import torch\n', 'print(torch.__version__)'),
    code("state = torch.load('a.pt', weights_only=False)"),
  ],
  metadata: { language_info: { name: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
};

/** A pickle that calls os.system, as the inspector copies its listing. */
function listing(): string {
  const lines =
    "PROTO 4\nGLOBAL os system\nMARK\nBINUNICODE 'echo probe'\nBININT1 7\nBINFLOAT -2.5\nNONE\nSHORT_BINBYTES hex:00ff\nTUPLE\nREDUCE\nSTOP";
  const { rows } = disassemble(new MemorySource(assemblePickle(lines)), 0, 1000);
  return rows
    .map(({ offset, opcode, argument }) => `${String(offset).padStart(3)}  ${opcode} ${argument}`.trimEnd())
    .join('\n');
}

inVsCode('texts in a real VS Code', ({ vscode, shows, opensOn }) => {
  const folder = opensOn('workspace', (workspace) => {
    writeFileSync(path.join(workspace, 'notes.ipynb'), JSON.stringify(notebook));
    writeFileSync(path.join(workspace, 'Dockerfile'), 'FROM pytorch/pytorch:latest\nUSER 1000\n');
    writeFileSync(path.join(workspace, 'train.yaml'), 'model_name_or_path: org/model\nstage: sft\nseed: 1\n');
    writeFileSync(path.join(workspace, 'model.pickle-listing'), listing());
    cpSync(path.join(repository, 'policies', 'gates', 'hotfix.rego'), path.join(workspace, 'hotfix.rego'));
  });

  shows('a notebook: the finding stands in its cell, and its fix changes the cell', async () => {
    await vscode.showProblems();
    await vscode.openFile('notes.ipynb');
    const found = vscode.problem('Unpickles without restrictions');
    const cell = vscode.page.locator('.notebookOverlay .cell', { hasText: 'weights_only' });
    await cell.locator('.squiggly-error').first().waitFor();
    await vscode.screenshot('notebook');
    const fixes = await vscode.fixesOfProblem('Unpickles without restrictions');
    await fixes.filter({ hasText: 'Set weights_only to True' }).first().click();
    await vscode.page.locator('.notebookOverlay .view-line', { hasText: 'weights_only=True' }).waitFor();
    await found.waitFor({ state: 'detached' });
    await vscode.command('Revert File');
  });

  shows('asks for the digest of an image and for the commit of a model, and takes nothing else', async () => {
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    await pin('Dockerfile', 'as the registry has it', 'to a digest...', 'A digest is sha256:', digest);
    await vscode.line(`pytorch/pytorch:latest@${digest}`).waitFor();
    await vscode.screenshot('pinned-image');
    const commit = '0123456789abcdef0123456789abcdef01234567';
    await pin('train.yaml', 'as the hub has it', 'to a commit...', 'A full commit has', commit);
    await vscode.line(commit).waitFor();
  });

  for (const [name, kind] of [
    ['Default Dark Modern', 'vs-dark'],
    ['Default Light Modern', 'vs'],
  ] as const) {
    shows(`Rego and listings of pickles can be read in ${name}`, async () => {
      await vscode.theme(folder, name, kind);
      for (const file of ['hotfix.rego', 'model.pickle-listing']) {
        await vscode.openFile(file);
        const colours = await coloursOf();
        assert.ok(new Set(colours.map(({ colour }) => colour)).size >= 4, `${file}: ${JSON.stringify(colours)}`);
        // WCAG 2.2, 1.4.3.
        assert.deepEqual(
          colours.filter(({ contrast }) => contrast < 4.5),
          [],
          file,
        );
        await vscode.screenshot(`${path.extname(file).slice(1)}-${kind}`);
      }
    });
  }

  /** Asks for the pin that a finding offers, gives a wrong answer, then the right one. */
  async function pin(file: string, problem: string, title: string, said: string, right: string): Promise<void> {
    await vscode.openFile(file);
    const fixes = await vscode.fixesOfProblem(problem);
    await fixes.filter({ hasText: title }).first().click();
    const box = vscode.page.locator('.quick-input-widget');
    const input = box.locator('input').first();
    await input.fill('main');
    await box.getByText(said).first().waitFor();
    await vscode.screenshot(`pin-${file}`);
    await input.fill(right);
    await box.getByText(said).first().waitFor({ state: 'hidden' });
    await input.press('Enter');
    await vscode.problem(problem).waitFor({ state: 'detached' });
  }

  /** The colours of the open text, and how well each stands off its background, once the grammar has coloured it. */
  async function coloursOf(): Promise<{ text: string; colour: string; contrast: number }[]> {
    // Brackets have the colours of VS Code.
    const words = '.editor-instance .monaco-editor .view-line span span:not([class*="bracket-highlighting"])';
    await vscode.page.waitForFunction(
      ([where]) => new Set([...document.querySelectorAll(where)].map((each) => each.className)).size >= 4,
      [words] as const,
    );
    const shown = await vscode.page
      .locator(words)
      .evaluateAll((spans) =>
        spans.map((span) => ({ text: span.textContent?.trim() ?? '', colour: getComputedStyle(span).color })),
      );
    const ground = await vscode.page
      .locator('.editor-instance .monaco-editor .monaco-editor-background')
      .first()
      .evaluate((each) => getComputedStyle(each).backgroundColor);
    const colours = new Map(shown.filter(({ text }) => text !== '').map(({ text, colour }) => [colour, text]));
    return [...colours].map(([colour, text]) => {
      const [low = 0, high = 0] = [lightOf(colour), lightOf(ground)].sort((a, b) => a - b);
      return { text, colour, contrast: (high + 0.05) / (low + 0.05) };
    });
  }
});

/** Relative luminance (WCAG 2.2) of `rgb(1, 2, 3)`. */
function lightOf(colour: string): number {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? [])
    .map((part) => Number(part) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
