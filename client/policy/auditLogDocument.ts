import * as vscode from 'vscode';
import { auditLogs, type AuditLogText } from '../../server/lsp/policy/protocol.ts';
import type { LanguageServer } from '../languageServer.ts';

const scheme = 'weighbridge-audit';

/** The log of decisions as a text that cannot be edited. It stays up to date while it is open. */
export function registerAuditLog(server: LanguageServer): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const refresh = () => {
    for (const { uri } of vscode.workspace.textDocuments) if (uri.scheme === scheme) changed.fire(uri);
  };
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      const logs = (await server.ask<AuditLogText[]>(auditLogs, {})) ?? [];
      return (
        logs.find((log) => documentOf(log).toString() === uri.toString())?.text ??
        vscode.l10n.t('There is no audit log.\n')
      );
    },
  };
  return [
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, provider),
    server.onGatesChanged(refresh),
    vscode.commands.registerCommand('weighbridge.openAuditLog', () => open(server, refresh)),
  ];
}

async function open(server: LanguageServer, refresh: () => void): Promise<void> {
  const logs = (await server.ask<AuditLogText[]>(auditLogs, {})) ?? [];
  const [first] = logs;
  if (!first) {
    await vscode.window.showInformationMessage(
      vscode.l10n.t('This workspace keeps no audit log: decisions are recorded where there is a weighbridge.yaml.'),
    );
    return;
  }
  const choices = logs.map((log) => ({ label: vscode.workspace.asRelativePath(vscode.Uri.parse(log.uri)), log }));
  const chosen = logs.length === 1 ? first : (await vscode.window.showQuickPick(choices))?.log;
  if (!chosen) return;
  refresh();
  await vscode.window.showTextDocument(documentOf(chosen), { preview: true });
}

/** The name of the tab is that of the log. */
function documentOf({ uri }: AuditLogText): vscode.Uri {
  return vscode.Uri.parse(uri).with({ scheme, authority: '' });
}
