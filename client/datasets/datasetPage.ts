import * as vscode from 'vscode';
import {
  commands,
  datasetReport,
  datasetRows,
  type DatasetReport,
  type DatasetRowsResult,
} from '../../server/lsp/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';
import { webviewPage } from '../webviewPage.ts';
import type { FromDatasetPage, ToDatasetPage } from './messages.ts';
import { plainMessage } from '../plainMessage.ts';

/** The pages that show what scans for poisoning came to; one a data file. */
export class DatasetPages implements vscode.Disposable {
  readonly #dist: vscode.Uri;
  readonly #server: LanguageServer;
  readonly #shown = new Map<string, vscode.WebviewPanel>();

  constructor(extension: vscode.Uri, server: LanguageServer) {
    this.#dist = vscode.Uri.joinPath(extension, 'dist');
    this.#server = server;
  }

  /** Shows the last scan of a file, or shows it anew where the page is open. */
  async show(target: vscode.Uri): Promise<void> {
    const uri = target.toString();
    const open = this.#shown.get(uri);
    if (open) {
      open.reveal();
      await this.refresh(uri);
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      'weighbridge.dataset',
      vscode.l10n.t('Scan: {0}', nameOf(target)),
      { viewColumn: vscode.ViewColumn.Active },
      { enableScripts: true, localResourceRoots: [this.#dist], enableFindWidget: true, retainContextWhenHidden: true },
    );
    this.#shown.set(uri, panel);
    panel.webview.onDidReceiveMessage((said: FromDatasetPage) => this.#receive(target, said));
    panel.onDidDispose(() => this.#shown.delete(uri));
    panel.webview.html = webviewPage(panel.webview, this.#dist, {
      name: 'dataset',
      title: vscode.l10n.t('Scan for poisoning'),
      waiting: vscode.l10n.t('Reading the results...'),
    });
  }

  /** A page follows the marks that were given, and scans that were made anew. */
  async refresh(uri: string): Promise<void> {
    const panel = this.#shown.get(uri);
    if (!panel) return;
    const report = await this.#server.ask<DatasetReport | null>(datasetReport, { uri });
    const message: ToDatasetPage = report
      ? { type: 'report', report }
      : { type: 'unscanned', name: nameOf(vscode.Uri.parse(uri)) };
    await panel.webview.postMessage(message);
  }

  dispose(): void {
    for (const panel of this.#shown.values()) panel.dispose();
  }

  async #receive(target: vscode.Uri, said: FromDatasetPage): Promise<void> {
    const uri = target.toString();
    switch (said.type) {
      case 'ready':
        await this.refresh(uri);
        return;
      case 'rows':
        await this.#answer(uri, said);
        return;
      case 'scan':
        await vscode.commands.executeCommand('weighbridge.scanDataset', target);
        return;
      case 'export':
        await vscode.commands.executeCommand('weighbridge.exportClean', target);
        return;
      case 'mark':
        await vscode.commands.executeCommand('weighbridge.markRecord', { uri, lines: said.lines, mark: said.mark });
        return;
      case 'redact':
        await vscode.commands.executeCommand('weighbridge.redactColumn', { uri, field: said.field });
        return;
      case 'showRule':
        await this.#server.command(commands.showRule, { ruleId: said.ruleId });
        return;
      case 'jump':
        await jump(target, said.line);
        return;
    }
  }

  async #answer(uri: string, { id, params }: Extract<FromDatasetPage, { type: 'rows' }>): Promise<void> {
    const post = (message: ToDatasetPage) => this.#shown.get(uri)?.webview.postMessage(message);
    try {
      await post({
        type: 'rows',
        id,
        result: await this.#server.request<DatasetRowsResult>(datasetRows, { ...params, uri }),
      });
    } catch (error) {
      await post({ type: 'refused', id, message: error instanceof Error ? error.message : String(error) });
    }
  }
}

async function jump(target: vscode.Uri, line: number): Promise<void> {
  const at = new vscode.Position(Math.max(0, line - 1), 0);
  try {
    const document = await vscode.workspace.openTextDocument(target);
    await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at), preview: false });
  } catch {
    // Too large for an editor, or no text (Parquet).
    void vscode.window.showInformationMessage(
      plainMessage(vscode.l10n.t('{0} cannot be shown as text here; the record is number {1}.', nameOf(target), line)),
    );
  }
}

export function nameOf(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
