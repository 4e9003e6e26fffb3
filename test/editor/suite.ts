import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Opened } from './desktop.ts';
import { VsCode } from './vsCode.ts';

/** How VS Code is opened on a workspace, where that is special. */
type Special = Omit<Opened, 'folder'>;

/** What a suite works with. */
export interface Suite {
  /** Closed until a window is opened: by `opensOn`, or by a scene. */
  vscode: VsCode;
  /** A folder of the suite's own, for what stands outside of its workspaces. */
  scratch: string;

  /**
   * Before the first scene, VS Code is opened on this workspace.
   * @param name of the folder.
   * @param write puts the files into it, and tells how VS Code is opened where that is special.
   * @returns the folder.
   */
  opensOn: (name: string, write: (folder: string) => Special | void | Promise<Special | void>) => string;

  /**
   * A scene: one test in the window that is open. Where it fails it leaves a picture, and tells in the error what the editor
   * showed: the log of continuous integration has no pictures.
   */
  shows: (name: string, body: () => Promise<void>) => void;
}

/** A suite of scenes in a real VS Code with Weighbridge, which is ended after the last. */
export function inVsCode(name: string, scenes: (suite: Suite) => void): void {
  // More than a busy machine needs: one that hangs ends.
  describe(name, { timeout: 1_500_000 }, () => {
    const scratch = mkdtempSync(path.join(tmpdir(), 'weighbridge-editor-'));
    const vscode = new VsCode();
    scenes({
      vscode,
      scratch,
      opensOn(folderName, write) {
        const folder = path.join(scratch, folderName);
        before(() =>
          pictured(vscode, `open ${folderName}`, async () => {
            mkdirSync(folder, { recursive: true });
            await vscode.open({ ...(await write(folder)), folder });
          }),
        );
        return folder;
      },
      shows(scene, body) {
        it(scene, () => pictured(vscode, scene, body));
      },
    });
    after(async () => {
      await vscode.close();
      rmSync(scratch, { recursive: true, force: true });
    });
  });
}

/** Does it, and where that fails leaves a picture `failed-WHAT`. @throws {Error} that tells what the editor showed. */
async function pictured(vscode: VsCode, what: string, body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!vscode.isOpen) throw error;
    const picture = `failed-${what.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`;
    await vscode.screenshot(picture, { keepPointer: true }).catch(() => undefined);
    const shown = await vscode.shown().catch((reason: unknown) => `nothing that can be read: ${String(reason)}`);
    throw new Error(`${String(error)}\n\nThe editor showed (${picture}.png):\n${shown}`, { cause: error });
  }
}
