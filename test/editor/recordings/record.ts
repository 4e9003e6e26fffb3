// `npm run record [-- NAME...]`: makes the recordings of docs/images with a real VS Code, on the workspace of the editor's tests.
// It needs what the editor suite of `npm test` needs, and img2webp (Debian: webp).
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VsCode } from '../vsCode.ts';
import { Recorder } from './recorder.ts';

const here = path.dirname(fileURLToPath(import.meta.url));
const repository = path.resolve(here, '..', '..', '..');
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** What is done while the camera runs. Each begins in an editor that has scanned its workspace. */
const recordings: Record<string, (code: VsCode, recorder: Recorder) => Promise<void>> = {
  /** From the warning to safe weights: the finding, the line that uses the file, the light bulb. */
  async 'from-warning-to-fix'(code, recorder) {
    const { page } = code;
    await code.showProblems();
    await code.problem('Loading it calls os.system').first().waitFor();
    await recorder.hold(2500);
    await code.openFile('train.yaml');
    await code.filterProblems('Uses models/base.pt');
    await recorder.hold(1200);
    await code.hover('models/base.pt', 'models/base.pt');
    await recorder.hold(2500);
    await page.mouse.move(700, 300, { steps: 5 });
    const convert = (await code.quickFixes('models/base.pt')).filter({
      hasText: 'Convert to safetensors and use it here',
    });
    await convert.hover();
    await recorder.hold(2200);
    await convert.click();
    await page.locator('.view-line', { hasText: 'models/base.safetensors' }).waitFor();
    await code.notification('Wrote base.safetensors').waitFor();
    await recorder.hold(2200);
  },

  /** What a checkpoint would run, opcode by opcode, and the same weights without it. */
  async 'inspect-and-convert'(code, recorder) {
    await code.openFile('teacher.pt');
    const inspector = await code.inspector();
    await inspector.getByText('Do not load this file.', { exact: true }).waitFor();
    await inspector.locator('tr.marked').first().waitFor();
    await recorder.hold(2200);
    await inspector.getByRole('tab', { name: /Imports/ }).click();
    await inspector.getByText("os.system('curl").first().waitFor();
    await recorder.hold(1800);
    await inspector.getByRole('tab', { name: /Tensors/ }).click();
    await inspector.getByText('encoder.layer.0.attention.weight').waitFor();
    await recorder.hold(1500);
    await inspector.locator('#convert').hover();
    await recorder.hold(800);
    await inspector.locator('#convert').click();
    await code.notification('Wrote teacher.safetensors').waitFor();
    await recorder.hold(2000);
    await code.openFile('teacher.safetensors');
    await code.inspector('teacher.safetensors');
    await recorder.hold(2500);
  },

  /** The walkthrough, and the first scan from it. */
  async 'get-started'(code, recorder) {
    const { page } = code;
    await code.command('Weighbridge: Get Started');
    const scan = page.locator('.getting-started-step').getByText('Scan Workspace', { exact: true }).first();
    await scan.waitFor();
    await recorder.hold(2500);
    await scan.click();
    await page.locator('.statusbar-item', { hasText: '1 dangerous' }).waitFor();
    await recorder.hold(1500);
    await page.locator('.activitybar [aria-label^="Weighbridge"]').first().click();
    const models = page.locator('.part.sidebar .monaco-list-row', { hasText: '1 dangerous' });
    await models.click();
    await page.locator('.part.sidebar .monaco-list-row', { hasText: 'teacher.pt' }).waitFor();
    await recorder.hold(2200);
    await code.showProblems();
    await code.problem('Loading it calls os.system').first().waitFor();
    await recorder.hold(2200);
  },
};

const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-record-'));
try {
  const template = path.join(scratch, 'template');
  execFileSync(python, [path.join(here, '..', 'make_workspace.py'), template]);
  const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(recordings);
  for (const name of wanted) await record(name, template);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function record(name: string, template: string): Promise<void> {
  const play = recordings[name];
  if (!play) throw new Error(`There is no recording ${name}; there are ${Object.keys(recordings).join(', ')}.`);
  const folder = path.join(scratch, name, 'churn-model');
  cpSync(template, folder, { recursive: true });
  const code = new VsCode();
  try {
    await code.open({ folder });
    await code.page.setViewportSize({ width: 1120, height: 700 });
    await code.page.locator('.statusbar-item', { hasText: '1 dangerous' }).waitFor();
    await code.command('Notifications: Clear All Notifications');
    const recorder = await Recorder.start(code.page);
    await play(code, recorder);
    const { bytes, milliseconds } = await recorder.stop(path.join(repository, 'docs', 'images', `${name}.webp`));
    console.log(`docs/images/${name}.webp: ${(milliseconds / 1000).toFixed(1)} s, ${(bytes / 1e6).toFixed(2)} MB`);
  } finally {
    await code.close();
  }
}
