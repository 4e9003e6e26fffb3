import * as vscode from 'vscode';
import { commands, type ConvertAllOutcome, type ConvertOutcome } from '../server/lsp/protocol.ts';
import type { LanguageServer, Outcome } from './languageServer.ts';
import { plainMessage, sentences } from './plainMessage.ts';

const open = vscode.l10n.t('Open');
const trash = vscode.l10n.t('Move Original to Trash');

/** Says what a conversion came to, wherever it was asked for, and offers what comes next. */
export function registerConversions(server: LanguageServer): vscode.Disposable[] {
  return [server.onOutcome((outcome) => void tell(outcome))];
}

async function tell({ command, result }: Outcome): Promise<void> {
  if (!result) return;
  if (command === commands.convert || command === commands.convertAndUse) await tellOne(result as ConvertOutcome);
  if (command === commands.convertAll) await tellAll(result as ConvertAllOutcome);
}

async function tellOne(outcome: ConvertOutcome): Promise<void> {
  const output = vscode.Uri.parse(outcome.output);
  const source = vscode.Uri.parse(outcome.source);
  const left =
    outcome.left.length > 0 ? vscode.l10n.t('Left behind: {0}.', listed(outcome.left.map(({ key }) => key))) : '';
  const tensors =
    outcome.tensors === 1
      ? vscode.l10n.t('1 tensor')
      : vscode.l10n.t('{0} tensors', outcome.tensors.toLocaleString('en'));
  const chosen = await vscode.window.showInformationMessage(
    plainMessage(
      sentences(
        vscode.l10n.t('Wrote {0}: {1}, compared with the original.', name(output), tensors),
        left,
        vscode.l10n.t('{0} is still there.', name(source)),
      ),
    ),
    open,
    trash,
  );
  if (chosen === open) await vscode.commands.executeCommand('vscode.open', output);
  if (chosen === trash) await moveToTrash(source);
}

async function tellAll({ converted, skipped, cancelled }: ConvertAllOutcome): Promise<void> {
  if (converted.length === 0 && skipped.length === 0) {
    const nothing = cancelled
      ? vscode.l10n.t('Nothing was converted.')
      : vscode.l10n.t('There is no checkpoint here that can be converted whole.');
    await vscode.window.showInformationMessage(plainMessage(nothing));
    return;
  }
  const checkpoints =
    converted.length === 1
      ? vscode.l10n.t('1 checkpoint')
      : vscode.l10n.t('{0} checkpoints', converted.length.toLocaleString('en'));
  const first = skipped[0];
  const rest = first
    ? vscode.l10n.t('{0} left as they are ({1}: {2})', skipped.length, name(vscode.Uri.parse(first.uri)), first.reason)
    : '';
  const message = sentences(
    vscode.l10n.t('Converted {0} to safetensors; the originals are still there.', checkpoints),
    rest,
  );
  const chosen = await vscode.window.showInformationMessage(
    plainMessage(message),
    ...(converted.length > 0 ? [trash] : []),
  );
  if (chosen === trash) for (const { source } of converted) await moveToTrash(vscode.Uri.parse(source));
}

/** Not every machine has a trash (a remote one has none); then a person decides anew, and knowing that. */
async function moveToTrash(uri: vscode.Uri): Promise<void> {
  try {
    await vscode.workspace.fs.delete(uri, { useTrash: true });
  } catch {
    const remove = vscode.l10n.t('Delete');
    const chosen = await vscode.window.showWarningMessage(
      plainMessage(vscode.l10n.t('This machine has no trash for {0}. Delete it for good?', name(uri))),
      { modal: true },
      remove,
    );
    if (chosen === remove) await vscode.workspace.fs.delete(uri);
  }
}

function listed(keys: string[]): string {
  return keys.length > 3
    ? vscode.l10n.t('{0} and {1} more', keys.slice(0, 3).join(', '), keys.length - 3)
    : keys.join(', ');
}

function name(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
