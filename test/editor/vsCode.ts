import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Frame, Locator, Page } from 'playwright-core';
import { Boxes } from './boxes.ts';
import { Desktop, type Opened } from './desktop.ts';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const screenshots = path.join(repository, 'artifacts', 'screenshots');

/** A real VS Code, as a person at a browser has it: one window at a time, and none until `open`. */
export class VsCode extends Boxes {
  readonly #desktop = new Desktop();
  #page: Page | undefined;

  /** The page of the open window. */
  override get page(): Page {
    if (!this.#page) throw new Error('No window of VS Code is open.');
    return this.#page;
  }

  get isOpen(): boolean {
    return this.#page !== undefined;
  }

  /** Opens a window, in place of the one that was open. */
  async open(options: Opened): Promise<void> {
    await this.#page?.close();
    this.#page = await this.#desktop.open(options);
    await this.page.locator('.monaco-workbench .explorer-folders-view .monaco-list-row').first().waitFor();
  }

  /** Ends it, with all that it started. */
  async close(): Promise<void> {
    this.#page = undefined;
    await this.#desktop.close();
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

  /** A row of the Explorer. */
  inExplorer(name: string | RegExp): Locator {
    return this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
  }

  /** A row of whatever view is open beside the editors. */
  inSidebar(text: string | RegExp): Locator {
    return this.page.locator('.part.sidebar .monaco-list-row', { hasText: text });
  }

  /** A line of an open text. */
  line(text: string): Locator {
    return this.page.locator('.view-line', { hasText: text });
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
    await this.choose(this.page.locator('.monaco-menu .action-item', { hasText: title }).first());
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
    if (text !== '') await this.problem('').first().waitFor();
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
    const none = this.page.locator('.monaco-editor-overlaymessage');
    await this.page.locator('.monaco-editor.focused').first().waitFor();
    // The menu stays away, or there is only word of none, while the editor has not yet heard of the finding.
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('Control+.');
      try {
        await rows.or(none).first().waitFor({ timeout: 5000 });
        if (await rows.first().isVisible()) return rows;
        await none.waitFor({ state: 'detached', timeout: 5000 });
      } catch (error) {
        if (attempt === 20) throw error;
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
  async webview(
    view: 'inspector' | 'signature' | 'aibom' | 'compliance' | 'dataset' | 'scan',
    name?: string,
  ): Promise<Frame> {
    const shownIn = (frame: Frame): Locator => {
      const main = frame.locator(`#weighbridge-${view}[aria-busy="false"]`);
      return name === undefined ? main : main.filter({ has: frame.getByRole('heading', { name, exact: true }) });
    };
    const until = Date.now() + 180_000;
    while (Date.now() < until) {
      const frames = this.page.frames();
      for (const frame of frames)
        if (
          await shownIn(frame)
            .count()
            .catch(() => 0)
        )
          return frame;
      // One of these frames shows it, or there is another one: looked at anew either way.
      const wait = { timeout: 2000 };
      const shown = frames.map((frame) =>
        shownIn(frame)
          .first()
          .waitFor({ ...wait, state: 'attached' }),
      );
      await Promise.race(
        [...shown, this.page.waitForEvent('framenavigated', wait)].map((each) => each.catch(() => undefined)),
      );
    }
    await this.screenshot(`no-${view}`);
    throw new Error(`The ${view} did not show ${name ?? 'anything'} within three minutes: see no-${view}.png.`);
  }

  notification(text: string): Locator {
    return this.page.locator('.notification-toast', { hasText: text });
  }
}
