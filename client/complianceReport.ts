import * as vscode from 'vscode';
import { commands, type ComplianceReportOutcome } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';
import { plainMessage } from './plainMessage.ts';

type Report = ComplianceReportOutcome['reports'][number];

/** The compliance report of the workspace: a page without a script, which can be written to a file. */
export function registerComplianceReport(server: LanguageServer): vscode.Disposable[] {
  return [
    vscode.commands.registerCommand('weighbridge.openReport', async () => {
      const outcome = await server.command<ComplianceReportOutcome>(commands.complianceReport);
      for (const report of outcome?.reports ?? []) show(report);
    }),
    vscode.commands.registerCommand('weighbridge.exportReport', async () => {
      const outcome = await server.command<ComplianceReportOutcome>(commands.complianceReport);
      for (const report of outcome?.reports ?? []) await save(report);
    }),
  ];
}

function show(report: Report): void {
  const panel = vscode.window.createWebviewPanel(
    'weighbridge.complianceReport',
    vscode.l10n.t('Compliance: {0}', report.name),
    vscode.ViewColumn.Active,
    // The page brings its own policy, which lets nothing load and nothing run.
    { enableScripts: false, localResourceRoots: [], enableFindWidget: true, retainContextWhenHidden: true },
  );
  panel.webview.html = report.html;
}

async function save(report: Report): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Compliance report of {0}', report.name),
    filters: { HTML: ['html'], Markdown: ['md'], JSON: ['json'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder.uri, 'compliance-report.html') } : {}),
  });
  if (!target) return;
  const text = target.path.endsWith('.md')
    ? report.markdown
    : target.path.endsWith('.json')
      ? report.json
      : report.html;
  await vscode.workspace.fs.writeFile(target, Buffer.from(text));
  const open = vscode.l10n.t('Open');
  const name = target.path.slice(target.path.lastIndexOf('/') + 1);
  const chosen = await vscode.window.showInformationMessage(plainMessage(vscode.l10n.t('Wrote {0}.', name)), open);
  if (chosen === open) await vscode.commands.executeCommand('vscode.open', target);
}
