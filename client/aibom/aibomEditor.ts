import * as vscode from 'vscode';
import { aibom, commands } from '../../server/lsp/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';
import { webviewPage } from '../webviewPage.ts';
import type { AibomView, FromAibomPage, ToAibomPage } from './messages.ts';
import { modelPath } from './modelPath.ts';
import { plainMessage } from '../plainMessage.ts';

export const aibomViewType = 'weighbridge.aibom';

/** Keystrokes come in bursts: the view follows once they pause. */
const settleMs = 300;

/** Shows a bill of materials so that people can read it. It stays true to the text while that is edited. */
export class AibomEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #dist: vscode.Uri;
  readonly #server: LanguageServer;

  private constructor(extension: vscode.Uri, server: LanguageServer) {
    this.#dist = vscode.Uri.joinPath(extension, 'dist');
    this.#server = server;
  }

  static register(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable {
    return vscode.window.registerCustomEditorProvider(aibomViewType, new AibomEditor(context.extensionUri, server), {
      supportsMultipleEditorsPerDocument: true,
      webviewOptions: { enableFindWidget: true },
    });
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor({ uri }: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [this.#dist] };
    const page = new Page(uri, this.#server, (message) => webview.postMessage(message));
    const same = (other: vscode.Uri) => other.toString() === uri.toString();
    const subscriptions = [
      webview.onDidReceiveMessage((said: FromAibomPage) => page.receive(said)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (same(document.uri)) page.showSoon();
      }),
      this.#server.onAibomChanged(({ uris }) => {
        if (uris.some((each) => same(vscode.Uri.parse(each)))) page.showSoon();
      }),
      this.#server.onModelsChanged(() => page.showSoon()),
      vscode.workspace.onDidGrantWorkspaceTrust(() => page.showSoon()),
      page,
    ];
    panel.onDidDispose(() => subscriptions.forEach((each) => void each.dispose()));
    webview.html = webviewPage(webview, this.#dist, {
      name: 'aibom',
      title: vscode.l10n.t('AI bill of materials'),
      waiting: vscode.l10n.t('Reading the bill of materials...'),
    });
  }
}

/** One open view. */
class Page implements vscode.Disposable {
  readonly #uri: vscode.Uri;
  readonly #server: LanguageServer;
  readonly #post: (message: ToAibomPage) => unknown;
  #shown = '';
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;

  constructor(uri: vscode.Uri, server: LanguageServer, post: (message: ToAibomPage) => unknown) {
    this.#uri = uri;
    this.#server = server;
    this.#post = post;
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  showSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#show(), settleMs);
  }

  async receive(said: FromAibomPage): Promise<void> {
    const uri = this.#uri.toString();
    switch (said.type) {
      case 'ready':
        this.#shown = '';
        return this.#show();
      case 'update':
        await this.#server.command(commands.updateAibom, { uri });
        return;
      case 'fill':
        await this.#server.command(commands.fillAibom, { uri });
        return;
      case 'sideFile':
        await this.#server.command(commands.openSideFile, { uri });
        return;
      case 'trust':
        await vscode.commands.executeCommand('workbench.trust.manage');
        return;
      case 'text': {
        const at = new vscode.Position(Math.max(0, (said.line ?? 1) - 1), 0);
        const options = said.line === undefined ? {} : { selection: new vscode.Range(at, at) };
        await vscode.window.showTextDocument(this.#uri, { ...options, viewColumn: vscode.ViewColumn.Beside });
        return;
      }
      case 'open':
        return this.#open(said.path);
    }
  }

  /** The path is what a document says, which anybody may have written. */
  async #open(named: string): Promise<void> {
    const path = modelPath(named);
    if (path === null) {
      await vscode.window.showWarningMessage(
        plainMessage(vscode.l10n.t("{0} leads out of the model's folder, so it is not opened.", named.slice(0, 200))),
      );
      return;
    }
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.joinPath(this.#uri, '..', path));
  }

  async #show(): Promise<void> {
    const asked = ++this.#asked;
    let message: ToAibomPage;
    try {
      message = { type: 'view', view: await this.#server.request<AibomView>(aibom, { uri: this.#uri.toString() }) };
    } catch (error) {
      message = { type: 'failed', message: error instanceof Error ? error.message : String(error) };
    }
    // A later question has a later answer; and what is shown already is not drawn again under the reader's eyes.
    const text = JSON.stringify(message);
    if (asked !== this.#asked || text === this.#shown) return;
    this.#shown = text;
    this.#post(message);
  }
}
