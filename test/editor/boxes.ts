import path from 'node:path';
import type { Locator, Page } from 'playwright-core';

/** The boxes of a window of VS Code in which one types: the palette, the list of files, and those that commands ask with. */
export abstract class Boxes {
  /** The page of the window. */
  abstract get page(): Page;

  /** A line of the list that a box offers. */
  choice(text = ''): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text });
  }

  /** Runs a command from the palette, which has those of extensions only once they are known, and learns of none while it is open. */
  async command(title: string): Promise<void> {
    const row = this.choice(title).first();
    const none = this.choice('No matching commands').first();
    await this.page.locator('.activitybar [aria-label^="Weighbridge"]').first().waitFor();
    for (let attempt = 1; ; attempt++) {
      await this.ask('F1', `>${title}`);
      try {
        await row.or(none).first().waitFor({ timeout: 15_000 });
        if (await none.isVisible()) throw new Error(`The palette has no command ${title}.`);
        await this.choose(row);
        return;
      } catch (error) {
        if (attempt === 40) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /** Titles that the palette shows for what is typed: those in view, so type enough that few are left. */
  async offered(typed: string, awaited: string): Promise<string[]> {
    await this.ask('F1', `>${typed}`);
    const rows = this.choice();
    await rows.filter({ hasText: awaited }).first().waitFor();
    const titles = await rows.allInnerTexts();
    await this.page.keyboard.press('Escape');
    return titles;
  }

  /**
   * Opens a file by its name; anew, should the list have taken the row away from under the pointer. Quotes leave out names that hold
   * only the letters: else a list that grows gives the row to one of them between its choice and the click.
   */
  async openFile(name: string): Promise<void> {
    const tab = this.page.locator('.tab.active', { hasText: path.basename(name) });
    const row = this.choice(path.basename(name)).first();
    for (let attempt = 1; ; attempt++) {
      await this.ask('Control+P', `"${name}"`);
      try {
        await this.choose(row);
        await tab.waitFor({ timeout: 15_000 });
        return;
      } catch (error) {
        if (attempt === 8) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  /**
   * Answers the box that asks for a text, and waits until it asks something else or goes: a busy editor can lose a key that it is
   * not ready for.
   * @param question some words of what it asks.
   */
  async answer(text: string, question = ''): Promise<void> {
    const box = this.page.locator('.quick-input-widget', { hasText: question });
    const input = box.locator('input').first();
    await input.waitFor();
    const parts = '.quick-input-title, .quick-input-message';
    const asked = (await box.locator(parts).allInnerTexts()).join('\n');
    for (let attempt = 1; ; attempt++) {
      await input.fill(text);
      await input.press('Enter');
      try {
        await this.page.waitForFunction(
          ({ parts, asked }) => {
            const widget = document.querySelector<HTMLElement>('.quick-input-widget');
            if (!widget || widget.style.display === 'none') return true;
            return [...widget.querySelectorAll<HTMLElement>(parts)].map((each) => each.innerText).join('\n') !== asked;
          },
          { parts, asked },
          { timeout: 5000 },
        );
        return;
      } catch (error) {
        if (attempt === 6) throw error;
      }
    }
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

  /**
   * Opens the box that a key opens, and types. A webview that is just being made swallows the key, or takes the focus so that the box
   * goes again: then it is opened anew, by turns with the pointer, which needs no focus.
   */
  protected async ask(key: string, text: string): Promise<void> {
    const input = this.page.locator('.quick-input-widget input').first();
    for (let attempt = 1; ; attempt++) {
      try {
        // It may only have been slow.
        if (attempt > 1 && (await input.isVisible())) await input.focus({ timeout: 2000 });
        else if (attempt % 2 === 1) await this.page.keyboard.press(key);
        else await this.page.locator('.command-center .command-center-center').first().click({ timeout: 2000 });
        await input.waitFor({ timeout: 3000 });
        await input.fill(text, { timeout: 2000 });
        return;
      } catch (error) {
        if (attempt === 24) throw error;
      }
    }
  }

  /** Clicks what a list or a menu offers until it is taken: a list that is being filled anew loses a click between its press and its release. */
  protected async choose(row: Locator): Promise<void> {
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
