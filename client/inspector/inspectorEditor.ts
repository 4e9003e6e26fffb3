import * as vscode from 'vscode';
import {
  archive,
  commands,
  disassemble,
  graph,
  histogram,
  inspect,
  tensors,
  type InspectResult,
} from '../../server/lsp/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';
import type { FromWebview, Question, ToWebview } from './messages.ts';
import { webviewPage } from '../webviewPage.ts';

export const inspectorViewType = 'weighbridge.inspector';

const methods: Record<Question, string> = { tensors, disassembly: disassemble, histogram, archive, graph };

/** The same editor for files whose names say little: offered, but not the default. */
const optionalViewType = 'weighbridge.inspector.option';

/** Shows what a model file is, instead of "cannot open binary file". Read-only; nothing is loaded by opening it. */
export class InspectorEditor implements vscode.CustomReadonlyEditorProvider {
  readonly #extension: vscode.Uri;
  readonly #server: LanguageServer;

  private constructor(extension: vscode.Uri, server: LanguageServer) {
    this.#extension = extension;
    this.#server = server;
  }

  static register(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable {
    const editor = new InspectorEditor(context.extensionUri, server);
    const registrations = [inspectorViewType, optionalViewType].map((viewType) =>
      vscode.window.registerCustomEditorProvider(viewType, editor, {
        supportsMultipleEditorsPerDocument: true,
        webviewOptions: { enableFindWidget: true },
      }),
    );
    return vscode.Disposable.from(...registrations);
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => undefined };
  }

  resolveCustomEditor(document: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const { webview } = panel;
    const dist = vscode.Uri.joinPath(this.#extension, 'dist');
    webview.options = { enableScripts: true, localResourceRoots: [dist] };
    const uri = document.uri.toString();
    const post = (message: ToWebview) => webview.postMessage(message);
    const subscriptions = [
      webview.onDidReceiveMessage((message: FromWebview) => this.#receive(uri, message, post)),
      this.#server.onArtifactChanged(({ uris }) => {
        if (uris.some((each) => vscode.Uri.parse(each).toString() === uri)) void this.#show(uri, post);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#show(uri, post)),
    ];
    panel.onDidDispose(() => subscriptions.forEach((each) => void each.dispose()));
    webview.html = webviewPage(webview, dist, {
      name: 'inspector',
      title: vscode.l10n.t('Model Inspector'),
      waiting: vscode.l10n.t('Reading the file...'),
    });
  }

  async #show(uri: string, post: (message: ToWebview) => unknown): Promise<void> {
    try {
      post({ type: 'inspection', result: await this.#server.request<InspectResult>(inspect, { uri }) });
    } catch (error) {
      post({ type: 'failed', message: messageOf(error) });
    }
  }

  async #receive(uri: string, message: FromWebview, post: (message: ToWebview) => unknown): Promise<void> {
    switch (message.type) {
      case 'ready':
        return this.#show(uri, post);
      case 'ask':
        return this.#ask(uri, message, post);
      case 'convert':
        await this.#server.command(commands.convert, { uri, tensorsOnly: message.tensorsOnly });
        return;
      case 'compare':
        await vscode.commands.executeCommand('weighbridge.compare', vscode.Uri.parse(uri));
        return;
      case 'accept':
        await vscode.commands.executeCommand('weighbridge.acceptFinding', { uri, fingerprint: message.fingerprint });
        return;
      case 'showRule':
        await this.#server.command(commands.showRule, { ruleId: message.ruleId });
        return;
      case 'trust':
        await vscode.commands.executeCommand('workbench.trust.manage');
        return;
    }
  }

  async #ask(
    uri: string,
    { id, question, params }: Extract<FromWebview, { type: 'ask' }>,
    post: (message: ToWebview) => unknown,
  ): Promise<void> {
    try {
      post({ type: 'answer', id, result: await this.#server.request(methods[question], { ...params, uri }) });
    } catch (error) {
      post({ type: 'refused', id, message: messageOf(error) });
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
