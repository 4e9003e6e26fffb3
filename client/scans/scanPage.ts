import * as vscode from 'vscode';
import type { BackdoorReport } from '../../server/lsp/protocol.ts';
import { webviewPage } from '../webviewPage.ts';
import type { FromScanPage, ToScanPage } from './messages.ts';

interface Shown {
  panel: vscode.WebviewPanel;
  report: BackdoorReport;
}

/** The pages that show what scans for backdoors came to; one a model. */
export class ScanPages implements vscode.Disposable {
  readonly #dist: vscode.Uri;
  readonly #shown = new Map<string, Shown>();

  constructor(extension: vscode.Uri) {
    this.#dist = vscode.Uri.joinPath(extension, 'dist');
  }

  show(report: BackdoorReport): void {
    const { uri, name } = report;
    const before = this.#shown.get(uri);
    if (before) {
      before.report = report;
      before.panel.reveal();
      void before.panel.webview.postMessage(messageOf(report));
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      'weighbridge.scan',
      `Backdoors: ${name}`,
      { viewColumn: vscode.ViewColumn.Active },
      { enableScripts: true, localResourceRoots: [this.#dist], enableFindWidget: true },
    );
    this.#shown.set(uri, { panel, report });
    panel.webview.onDidReceiveMessage((said: FromScanPage) => this.#receive(uri, said));
    panel.onDidDispose(() => this.#shown.delete(uri));
    panel.webview.html = webviewPage(panel.webview, this.#dist, {
      name: 'scan',
      title: 'Backdoor scan',
      waiting: 'Reading the results...',
      pictures: true,
    });
  }

  dispose(): void {
    for (const { panel } of this.#shown.values()) panel.dispose();
  }

  async #receive(uri: string, said: FromScanPage): Promise<void> {
    const shown = this.#shown.get(uri);
    if (!shown) return;
    switch (said.type) {
      case 'ready':
        await shown.panel.webview.postMessage(messageOf(shown.report));
        return;
      case 'again':
        await vscode.commands.executeCommand('weighbridge.scanBackdoors', vscode.Uri.parse(uri));
        return;
      case 'export':
        await save(shown.report, said.as);
        return;
    }
  }
}

const messageOf = ({ name, content }: BackdoorReport): ToScanPage => ({ type: 'report', report: { name, content } });

async function save(report: BackdoorReport, as: 'html' | 'json'): Promise<void> {
  const model = vscode.Uri.parse(report.uri);
  const target = await vscode.window.showSaveDialog({
    defaultUri: model.with({ path: `${model.path}.backdoor-report.${as}` }),
    filters: as === 'html' ? { HTML: ['html'] } : { JSON: ['json'] },
  });
  if (target) await vscode.workspace.fs.writeFile(target, Buffer.from(as === 'html' ? report.html : report.json));
}
