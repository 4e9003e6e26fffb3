import * as vscode from 'vscode';
import { commands, type ConvertAllOutcome, type ConvertOutcome } from '../server/lsp/protocol.ts';
import type { LanguageServer, Outcome } from './languageServer.ts';
import { plainMessage } from './plainMessage.ts';

const open = 'Open';
const trash = 'Move Original to Trash';

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
  const left = outcome.left.length > 0 ? ` Left behind: ${listed(outcome.left.map(({ key }) => key))}.` : '';
  const tensors = outcome.tensors === 1 ? '1 tensor' : `${outcome.tensors.toLocaleString('en')} tensors`;
  const chosen = await vscode.window.showInformationMessage(
    plainMessage(
      `Wrote ${name(output)}: ${tensors}, compared with the original.${left} ${name(source)} is still there.`,
    ),
    open,
    trash,
  );
  if (chosen === open) await vscode.commands.executeCommand('vscode.open', output);
  if (chosen === trash) await moveToTrash(source);
}

async function tellAll({ converted, skipped, cancelled }: ConvertAllOutcome): Promise<void> {
  if (converted.length === 0 && skipped.length === 0) {
    const nothing = cancelled ? 'Nothing was converted.' : 'There is no checkpoint here that can be converted whole.';
    await vscode.window.showInformationMessage(plainMessage(nothing));
    return;
  }
  const checkpoints = converted.length === 1 ? '1 checkpoint' : `${converted.length.toLocaleString('en')} checkpoints`;
  const first = skipped[0];
  const rest = first
    ? ` ${skipped.length} left as they are (${name(vscode.Uri.parse(first.uri))}: ${first.reason})`
    : '';
  const message = `Converted ${checkpoints} to safetensors; the originals are still there.${rest}`;
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
    const remove = 'Delete';
    const chosen = await vscode.window.showWarningMessage(
      plainMessage(`This machine has no trash for ${name(uri)}. Delete it for good?`),
      { modal: true },
      remove,
    );
    if (chosen === remove) await vscode.workspace.fs.delete(uri);
  }
}

function listed(keys: string[]): string {
  return keys.length > 3 ? `${keys.slice(0, 3).join(', ')} and ${keys.length - 3} more` : keys.join(', ');
}

function name(uri: vscode.Uri): string {
  return uri.path.slice(uri.path.lastIndexOf('/') + 1);
}
