import * as vscode from 'vscode';
import { signature, type SignatureParams, type SignatureReport } from '../../server/lsp/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';
import { webviewPage } from '../webviewPage.ts';
import type { FromSignaturePage, ToSignaturePage } from './messages.ts';

interface Shown {
  panel: vscode.WebviewPanel;
  /** What the server knew last, to tell whether anything changed since. */
  known: string;
  message: ToSignaturePage;
}

/** The pages that say everything about one signature; one a model. */
export class SignaturePages implements vscode.Disposable {
  readonly #dist: vscode.Uri;
  readonly #server: LanguageServer;
  readonly #shown = new Map<string, Shown>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(extension: vscode.Uri, server: LanguageServer) {
    this.#dist = vscode.Uri.joinPath(extension, 'dist');
    this.#server = server;
    const refresh = () => {
      for (const uri of this.#shown.keys()) void this.#refresh(uri);
    };
    this.#subscriptions = [server.onModelsChanged(refresh), vscode.workspace.onDidGrantWorkspaceTrust(refresh)];
  }

  /** Shows what is known of the signature over a file or a folder. */
  async show(target: vscode.Uri): Promise<void> {
    const params: SignatureParams = { uri: target.toString() };
    const report = await this.#server.ask<SignatureReport | null>(signature, params);
    this.#open(report?.uri ?? params.uri, messageOf(report ?? null, target), JSON.stringify(report ?? null));
  }

  /** Shows what a verification came to just now. */
  async showReport(report: SignatureReport): Promise<void> {
    const known = await this.#server.ask<SignatureReport | null>(signature, { uri: report.uri });
    this.#open(report.uri, { type: 'report', report }, JSON.stringify(known ?? null));
  }

  dispose(): void {
    for (const { panel } of this.#shown.values()) panel.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #open(uri: string, message: ToSignaturePage, known: string): void {
    const before = this.#shown.get(uri);
    if (before) {
      Object.assign(before, { message, known });
      before.panel.reveal();
      void before.panel.webview.postMessage(message);
      return;
    }
    const name = message.type === 'report' ? message.report.name : lastName(uri);
    const panel = vscode.window.createWebviewPanel(
      'weighbridge.signature',
      vscode.l10n.t('Signature: {0}', name),
      vscode.ViewColumn.Active,
      {
        enableScripts: true,
        localResourceRoots: [this.#dist],
        enableFindWidget: true,
      },
    );
    this.#shown.set(uri, { panel, known, message });
    panel.webview.onDidReceiveMessage((said: FromSignaturePage) => this.#receive(uri, said));
    panel.onDidDispose(() => this.#shown.delete(uri));
    panel.webview.html = webviewPage(panel.webview, this.#dist, {
      name: 'signature',
      title: vscode.l10n.t('Model signature'),
      waiting: vscode.l10n.t('Reading the signature...'),
    });
  }

  /** A page follows the server; what was verified for once stays until the model or its signature changes. */
  async #refresh(uri: string): Promise<void> {
    const report = (await this.#server.ask<SignatureReport | null>(signature, { uri })) ?? null;
    const shown = this.#shown.get(uri);
    const known = JSON.stringify(report);
    if (!shown || shown.known === known) return;
    Object.assign(shown, { known, message: messageOf(report, vscode.Uri.parse(uri)) });
    void shown.panel.webview.postMessage(shown.message);
  }

  async #receive(uri: string, said: FromSignaturePage): Promise<void> {
    const target = vscode.Uri.parse(uri);
    switch (said.type) {
      case 'ready': {
        const shown = this.#shown.get(uri);
        if (shown) await shown.panel.webview.postMessage(shown.message);
        return;
      }
      case 'verify':
        await vscode.commands.executeCommand('weighbridge.verifyModel', target);
        return;
      case 'verifyWith':
        await vscode.commands.executeCommand('weighbridge.verifyModelWith', target);
        return;
      case 'sign':
        await vscode.commands.executeCommand('weighbridge.signModel', { uri });
        return;
      case 'trust':
        await vscode.commands.executeCommand('workbench.trust.manage');
        return;
      case 'open':
        await vscode.commands.executeCommand(
          'vscode.open',
          said.path === '.' ? target : vscode.Uri.joinPath(target, said.path),
        );
        return;
    }
  }
}

function messageOf(report: SignatureReport | null, target: vscode.Uri): ToSignaturePage {
  if (report) return { type: 'report', report };
  return { type: 'unsigned', name: lastName(target.toString()), mayWrite: vscode.workspace.isTrusted };
}

function lastName(uri: string): string {
  const { path } = vscode.Uri.parse(uri);
  return path.slice(path.lastIndexOf('/') + 1);
}
