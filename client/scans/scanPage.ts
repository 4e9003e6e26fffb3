import * as vscode from 'vscode';
import type { ModelScanReport } from '../../server/lsp/protocol.ts';
import { webviewPage } from '../webviewPage.ts';
import type { FromScanPage, ToScanPage } from './messages.ts';

interface Shown {
  panel: vscode.WebviewPanel;
  report: ModelScanReport;
}

/** The command that makes a report of a kind. */
const commandOf: Record<ModelScanReport['kind'], string> = {
  backdoor: 'weighbridge.scanBackdoors',
  robustness: 'weighbridge.testRobustness',
  regression: 'weighbridge.compareBehaviour',
};

/** The pages that show what scans came to; one a model and kind of scan. */
export class ScanPages implements vscode.Disposable {
  readonly #dist: vscode.Uri;
  readonly #shown = new Map<string, Shown>();

  constructor(extension: vscode.Uri) {
    this.#dist = vscode.Uri.joinPath(extension, 'dist');
  }

  show(report: ModelScanReport): void {
    const key = `${report.kind} ${report.uri}`;
    const before = this.#shown.get(key);
    if (before) {
      before.report = report;
      before.panel.reveal();
      void before.panel.webview.postMessage(messageOf(report));
      return;
    }
    const panel = vscode.window.createWebviewPanel(
      'weighbridge.scan',
      report.title,
      { viewColumn: vscode.ViewColumn.Active },
      { enableScripts: true, localResourceRoots: [this.#dist], enableFindWidget: true },
    );
    this.#shown.set(key, { panel, report });
    panel.webview.onDidReceiveMessage((said: FromScanPage) => this.#receive(key, said));
    panel.onDidDispose(() => this.#shown.delete(key));
    panel.webview.html = webviewPage(panel.webview, this.#dist, {
      name: 'scan',
      title: vscode.l10n.t('Scan'),
      waiting: vscode.l10n.t('Reading the results...'),
      pictures: true,
    });
  }

  dispose(): void {
    for (const { panel } of this.#shown.values()) panel.dispose();
  }

  async #receive(key: string, said: FromScanPage): Promise<void> {
    const shown = this.#shown.get(key);
    if (!shown) return;
    const { panel, report } = shown;
    switch (said.type) {
      case 'ready':
        await panel.webview.postMessage(messageOf(report));
        return;
      case 'again':
        await vscode.commands.executeCommand(commandOf[report.kind], vscode.Uri.parse(report.uri));
        return;
      case 'export':
        await save(report, said.as);
        return;
    }
  }
}

const messageOf = ({ name, content }: ModelScanReport): ToScanPage => ({ type: 'report', report: { name, content } });

async function save(report: ModelScanReport, as: 'html' | 'json'): Promise<void> {
  const model = vscode.Uri.parse(report.uri);
  const target = await vscode.window.showSaveDialog({
    defaultUri: model.with({ path: `${model.path}.${report.kind}-report.${as}` }),
    filters: as === 'html' ? { HTML: ['html'] } : { JSON: ['json'] },
  });
  if (target) await vscode.workspace.fs.writeFile(target, Buffer.from(as === 'html' ? report.html : report.json));
}
