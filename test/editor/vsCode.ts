import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { startCodeServer, type CodeServerOptions, type RunningCodeServer } from './codeServer.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const screenshots = path.join(repository, 'artifacts', 'screenshots');

export interface Opened extends Pick<CodeServerOptions, 'others' | 'settings' | 'trusted'> {
  vsix: string;
  /** A folder or a `.code-workspace` file. */
  folder: string;
  /** That extensions speak; the editor itself has English only. Default: English. */
  language?: string;
}

/**
 * A test in an editor. Where it fails it leaves a picture, and tells in the error what the editor showed: the log of
 * continuous integration has no pictures.
 * @param editor the one that is open when the test fails.
 */
export function scene(name: string, editor: () => VsCode | undefined, body: () => Promise<void>): void {
  void it(name, async () => {
    try {
      await body();
    } catch (error) {
      const open = editor();
      if (open === undefined) throw error;
      const picture = `failed-${name.replace(/[^a-z0-9]+/gi, '-').slice(0, 60)}`;
      await open.screenshot(picture, { keepPointer: true }).catch(() => undefined);
      const shown = await open.shown().catch((reason: unknown) => `nothing that can be read: ${String(reason)}`);
      throw new Error(`${String(error)}\n\nThe editor showed (${picture}.png):\n${shown}`, { cause: error });
    }
  });
}

/** A real VS Code on a folder, as a person at a browser has it. */
export class VsCode {
  readonly page: Page;
  readonly #browser: Browser;
  readonly #server: RunningCodeServer;

  private constructor(server: RunningCodeServer, browser: Browser, page: Page) {
    this.#server = server;
    this.#browser = browser;
    this.page = page;
  }

  static async open(options: Opened): Promise<VsCode> {
    const server = await startCodeServer(options);
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(120_000);
    // As the messages of a language pack begin.
    if (options.language) await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = '${options.language}';`);
    await page.goto(server.url);
    await page.locator('.monaco-workbench .explorer-folders-view .monaco-list-row').first().waitFor();
    return new VsCode(server, browser, page);
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
  }

  async screenshot(name: string, { keepPointer = false } = {}): Promise<void> {
    mkdirSync(screenshots, { recursive: true });
    // Away from whatever shows a tooltip.
    if (!keepPointer) await this.page.mouse.move(700, 880);
    // Toasts fade in: the picture shows where they end.
    await this.page.screenshot({ path: path.join(screenshots, `${name}.png`), animations: 'disabled' });
  }

  /** What a person would read on the screen, part by part. */
  async shown(): Promise<string> {
    const parts = [
      '.quick-input-widget',
      '.notifications-toasts',
      '.monaco-dialog-box',
      '.markers-panel',
      '.part.sidebar',
      '.tabs-container',
      '.monaco-editor.focused .view-lines',
      '.part.statusbar',
    ];
    const texts = await Promise.all(
      parts.map(async (part) => {
        const visible = await this.page.locator(`${part} >> visible=true`).allInnerTexts();
        return visible.map((text) => `${part}: ${text.replace(/\s+/g, ' ').slice(0, 1500)}`);
      }),
    );
    return texts.flat().join('\n');
  }

  /** Changes the colours: a setting of the folder, which the window follows. @param kind the class that they give the window. */
  async theme(folder: string, name: string, kind: 'vs' | 'vs-dark'): Promise<void> {
    mkdirSync(path.join(folder, '.vscode'), { recursive: true });
    writeFileSync(path.join(folder, '.vscode', 'settings.json'), JSON.stringify({ 'workbench.colorTheme': name }));
    await this.page.locator(`.monaco-workbench.${kind}`).waitFor();
  }

  /** Answers the dialog that asks for a file: it lists folders as one types, and takes only what it has listed. */
  async pickFile(file: string): Promise<void> {
    const box = this.page.locator('.quick-input-widget');
    const input = box.locator('input').first();
    const row = box.locator('.monaco-list-row', { hasText: path.basename(file) }).first();
    for (let attempt = 1; ; attempt++) {
      // While it is opening it writes its own folder over what was typed.
      await input.fill(file);
      try {
        await row.waitFor({ timeout: 5000 });
        break;
      } catch (error) {
        if (attempt === 20) throw error;
      }
    }
    await row.click();
  }

  /** Runs a command from the palette, which has those of extensions only once they are known. */
  async command(title: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first();
    for (let attempt = 1; ; attempt++) {
      await this.#ask('F1', `>${title}`);
      try {
        await this.#choose(row);
        return;
      } catch (error) {
        if (attempt === 12) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Titles that the palette shows for what is typed: those in view, so type enough that few are left. */
  async offered(typed: string, awaited: string): Promise<string[]> {
    await this.#ask('F1', `>${typed}`);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: awaited }).first().waitFor();
    const titles = await rows.allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Opens a file by its name; anew, should the list have taken the row away from under the pointer. */
  async openFile(name: string): Promise<void> {
    const tab = this.page.locator('.tab.active', { hasText: path.basename(name) });
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: path.basename(name) }).first();
    for (let attempt = 1; ; attempt++) {
      await this.#ask('Control+P', name);
      try {
        await this.#choose(row);
        await tab.waitFor({ timeout: 15_000 });
        return;
      } catch (error) {
        if (attempt === 8) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Saves the open editor. */
  async save(): Promise<void> {
    const dirty = this.page.locator('.tab.active.dirty');
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('Control+S');
      try {
        await dirty.waitFor({ state: 'detached', timeout: 10_000 });
        return;
      } catch (error) {
        if (attempt === 12) throw error;
      }
    }
  }

  /** Chooses from the menu of a row. A menu that has just opened ignores the pointer for a tenth of a second, and stays. */
  async chooseFromMenu(row: Locator, title: string): Promise<void> {
    await row.click({ button: 'right' });
    await this.#choose(this.page.locator('.monaco-menu .action-item', { hasText: title }).first());
  }

  async showProblems(): Promise<void> {
    if (!(await this.page.locator('.markers-panel').isVisible())) await this.page.keyboard.press('Control+Shift+M');
    await this.page.locator('.markers-panel').waitFor();
  }

  /**
   * Narrows the Problems panel, which has only the rows in view as elements. There must be a problem: the panel counts
   * what it shows only then, and a filter that is typed while the panel is being laid out is lost.
   */
  async filterProblems(text: string): Promise<void> {
    const input = this.page.locator('.viewpane-filter input').first();
    const count = this.page.locator('.viewpane-filter-badge', { hasText: 'Showing' });
    for (let attempt = 1; ; attempt++) {
      await input.fill(text);
      try {
        await count.first().waitFor({ state: text === '' ? 'hidden' : 'visible', timeout: 10_000 });
        return;
      } catch (error) {
        if (attempt === 12) throw error;
      }
    }
  }

  /** A row of the Problems panel. */
  problem(text: string): Locator {
    return this.page.locator('.markers-panel .monaco-list-row', { hasText: text });
  }

  /** Puts the caret into a line's text of the open editor and opens the lightbulb's menu. */
  async quickFixes(word: string): Promise<Locator> {
    await this.page.locator('.view-line span span', { hasText: word }).last().click();
    return this.#fixes();
  }

  /** Goes to a row of the Problems panel, in the text, and opens the lightbulb's menu there. */
  async fixesOfProblem(text: string): Promise<Locator> {
    await this.problem(text).first().dblclick();
    return this.#fixes();
  }

  async #fixes(): Promise<Locator> {
    const rows = this.page.locator('.action-widget .monaco-list-row');
    await this.page.locator('.monaco-editor.focused').first().waitFor();
    // The menu stays away while the editor has not yet heard of the finding.
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('Control+.');
      try {
        await rows.first().waitFor({ timeout: 5000 });
        return rows;
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
  }

  /**
   * Rests the pointer on a word of the open editor until the hover says what is awaited: whatever moves the lines or the
   * focus meanwhile takes a hover away, and only a pointer that moves brings it again.
   */
  async hover(word: string, awaited: string): Promise<Locator> {
    const target = this.page.locator('.view-line span span', { hasText: word }).last();
    const hover = this.page.locator('.monaco-hover', { hasText: awaited });
    for (let attempt = 1; ; attempt++) {
      await target.hover();
      try {
        await hover.waitFor({ timeout: 10_000 });
        return hover;
      } catch (error) {
        if (attempt === 12) throw error;
        await this.page.mouse.move(700, 880);
      }
    }
  }

  /** The Model Inspector's document, once it shows a file (of a name). */
  inspector(name?: string): Promise<Frame> {
    return this.webview('inspector', name);
  }

  /** The document of one of our webviews, once it shows something (of a name). */
  async webview(view: 'inspector' | 'signature' | 'aibom' | 'compliance' | 'scan', name?: string): Promise<Frame> {
    const until = Date.now() + 120_000;
    while (Date.now() < until) {
      for (const frame of this.page.frames()) {
        const main = frame.locator(`#weighbridge-${view}[aria-busy="false"]`);
        const shown =
          name === undefined ? main : main.filter({ has: frame.getByRole('heading', { name, exact: true }) });
        if (await shown.count().catch(() => 0)) return frame;
      }
      await this.page.waitForEvent('framenavigated', { timeout: 1000 }).catch(() => undefined);
    }
    await this.screenshot(`no-${view}`);
    throw new Error(`The ${view} did not show ${name ?? 'anything'} within two minutes: see no-${view}.png.`);
  }

  notification(text: string): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /**
   * Opens the box that a key opens, and types. A webview that is just being made swallows the key, or takes the focus so that the box
   * goes again: then it is opened anew, by turns with the pointer, which needs no focus.
   */
  async #ask(key: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    for (let attempt = 1; ; attempt++) {
      try {
        if (attempt % 2 === 1) await this.page.keyboard.press(key);
        else await this.page.locator('.command-center .command-center-center').first().click({ timeout: 5000 });
        await input.waitFor({ timeout: 5000 });
        await input.fill(text, { timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 12) throw error;
      }
    }
  }

  /** Clicks what a list or a menu offers until it is taken: a list that is being filled anew loses a click between its press and its release. */
  async #choose(row: Locator): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await row.click({ timeout: 15_000 });
      try {
        await row.waitFor({ state: 'hidden', timeout: 10_000 });
        return;
      } catch (error) {
        if (attempt === 3) throw error;
      }
    }
  }
}
