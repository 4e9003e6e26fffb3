import * as vscode from 'vscode';
import type { DangerInUse } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';
import { plainMessage, sentences } from './plainMessage.ts';

/** The one interruption: something of this workspace loads what must not be loaded. One message, one next step. */
export function registerDangerInUse(server: LanguageServer): vscode.Disposable[] {
  return [server.onDangerInUse((danger) => void tell(danger))];
}

async function tell({ files }: DangerInUse): Promise<void> {
  const [first] = files;
  if (!first) return;
  const { usedBy } = first;
  const text = vscode.Uri.parse(usedBy.uri);
  const place = vscode.l10n.t('{0}, line {1}', vscode.workspace.asRelativePath(text), usedBy.line.toLocaleString('en'));
  const model = vscode.workspace.asRelativePath(vscode.Uri.parse(first.uri));
  const more =
    files.length > 1
      ? vscode.l10n.t('{0} more files like it are used here.', (files.length - 1).toLocaleString('en'))
      : '';
  const show = vscode.l10n.t('Show Where It Is Used');
  const chosen = await vscode.window.showWarningMessage(
    plainMessage(sentences(vscode.l10n.t('{0} uses {1}.', place, model), first.message, more)),
    show,
  );
  if (chosen !== show) return;
  const start = new vscode.Position(usedBy.line - 1, 0);
  await vscode.window.showTextDocument(text, { selection: new vscode.Range(start, start) });
}
