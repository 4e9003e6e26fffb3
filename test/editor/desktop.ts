import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { installExtensions, startCodeServer, type CodeServerOptions, type RunningCodeServer } from './codeServer.mjs';
import { installedExtension } from './installedExtension.ts';

/** How a server of VS Code is started. */
export interface Started extends Pick<CodeServerOptions, 'settings' | 'trusted'> {
  /** Weighbridge has ONNX Runtime along, for scans that run a model. */
  native?: boolean;
  /** Packaged extensions to install instead of the Weighbridge that suites share. */
  packages?: string[];
}

/** What a window of VS Code is opened on, and how. */
export interface Opened extends Started {
  /** A folder or a `.code-workspace` file. */
  folder: string;
  /** That extensions speak; the editor itself has English only. Default: English. */
  language?: string;
}

/**
 * A browser, and servers of VS Code for its windows: one for each way to start it. Windows share nothing else: each has a
 * storage of its own in the browser, where VS Code keeps what it remembers of its user and of a folder.
 */
export class Desktop {
  #browser: Promise<Browser> | undefined;
  readonly #servers = new Map<string, Promise<RunningCodeServer>>();
  readonly #installed: string[] = [];

  /** @returns the page of a window that shows the folder's files. Closing the page closes the window. */
  async open({ folder, language, ...started }: Opened): Promise<Page> {
    const [browser, server] = await Promise.all([(this.#browser ??= launch()), this.#serverFor(started)]);
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(120_000);
    // As the messages of a language pack begin.
    if (language) await page.addInitScript(`globalThis._VSCODE_NLS_LANGUAGE = '${language}';`);
    await page.goto(server.addressOf(folder));
    return page;
  }

  /** Closes every window, and ends the servers with all that they started. */
  async close(): Promise<void> {
    // What could not be started has been told by `open`.
    const ends = (started: Promise<RunningCodeServer>) =>
      started.then(
        (server) => server.stop(),
        () => undefined,
      );
    const closes = this.#browser?.then(
      (browser) => browser.close(),
      () => undefined,
    );
    await Promise.all([closes, ...[...this.#servers.values()].map(ends)]);
    for (const folder of this.#installed) rmSync(folder, { recursive: true, force: true });
  }

  #serverFor(started: Started): Promise<RunningCodeServer> {
    const key = JSON.stringify(started);
    const server = this.#servers.get(key) ?? this.#start(started);
    this.#servers.set(key, server);
    return server;
  }

  async #start({ native, packages, ...options }: Started): Promise<RunningCodeServer> {
    if (!packages) return startCodeServer({ ...options, extensions: (await installedExtension(native)).extensions });
    const extensions = mkdtempSync(path.join(tmpdir(), 'weighbridge-extensions-'));
    this.#installed.push(extensions);
    await installExtensions(packages, extensions);
    return startCodeServer({ ...options, extensions });
  }
}

const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
