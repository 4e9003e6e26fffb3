import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Browser, type Frame, type Locator, type Page } from 'playwright-core';
import { startCodeServer, type RunningCodeServer } from './codeServer.mjs';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const screenshots = path.join(repository, 'artifacts', 'screenshots');

export interface Opened {
  vsix: string;
  /** A folder or a `.code-workspace` file. */
  folder: string;
  trusted?: boolean;
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
    page.setDefaultTimeout(60_000);
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

  /** Runs a command from the palette. */
  async command(title: string): Promise<void> {
    await this.#ask('F1', `>${title}`);
    await this.#pick(title);
  }

  /** Titles that the palette offers for what is typed. */
  async offered(typed: string, awaited: string): Promise<string[]> {
    await this.#ask('F1', `>${typed}`);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    await rows.filter({ hasText: awaited }).first().waitFor();
    const titles = await rows.allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /** Opens a file by its name. */
  async openFile(name: string): Promise<void> {
    await this.#ask('Control+P', name);
    await this.#pick(name);
    await this.page.locator('.tab.active', { hasText: path.basename(name) }).waitFor();
  }

  async showProblems(): Promise<void> {
    if (!(await this.page.locator('.markers-panel').isVisible())) await this.page.keyboard.press('Control+Shift+M');
    await this.page.locator('.markers-panel').waitFor();
  }

  /** Narrows the Problems panel, which has only the rows in view as elements. */
  async filterProblems(text: string): Promise<void> {
    await this.page.locator('.viewpane-filter input').first().fill(text);
  }

  /** A row of the Problems panel. */
  problem(text: string): Locator {
    return this.page.locator('.markers-panel .monaco-list-row', { hasText: text });
  }

  /** Puts the caret into a line's text of the open editor and opens the lightbulb's menu. */
  async quickFixes(word: string): Promise<Locator> {
    const rows = this.page.locator('.action-widget .monaco-list-row');
    await this.page.locator('.view-line span span', { hasText: word }).last().click();
    await this.page.locator('.monaco-editor .view-overlays .current-line, .lightBulbWidget').first().waitFor();
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

  /** The Model Inspector's document, once it shows a file (of a name). */
  async inspector(name?: string): Promise<Frame> {
    const until = Date.now() + 120_000;
    while (Date.now() < until) {
      for (const frame of this.page.frames()) {
        const main = frame.locator('#weighbridge-inspector[aria-busy="false"]');
        const shown =
          name === undefined ? main : main.filter({ has: frame.getByRole('heading', { name, exact: true }) });
        if (await shown.count().catch(() => 0)) return frame;
      }
      await this.page.waitForEvent('framenavigated', { timeout: 1000 }).catch(() => undefined);
    }
    await this.screenshot('no-inspector');
    throw new Error(`The Model Inspector did not show ${name ?? 'a file'} within two minutes: see no-inspector.png.`);
  }

  notification(text: string): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }

  /** Opens the box that a key opens, and types. A webview that is just being made swallows the key: then it is pressed anew. */
  async #ask(key: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press(key);
      try {
        await input.waitFor({ timeout: 5000 });
        break;
      } catch (error) {
        if (attempt === 10) throw error;
      }
    }
    await input.fill(text);
  }

  async #pick(text: string): Promise<void> {
    const row = this.page.locator('.quick-input-list .monaco-list-row', { hasText: path.basename(text) }).first();
    await row.waitFor();
    await row.click();
  }
}
