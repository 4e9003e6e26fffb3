import * as vscode from 'vscode';
import type { PinArguments } from '../server/lsp/protocol.ts';

const wanted = {
  commit: {
    pattern: /^[0-9a-f]{40}$/i,
    prompt: vscode.l10n.t('The full commit, forty hexadecimal digits: whoever reviewed it knows it.'),
    wrong: vscode.l10n.t('A full commit has forty hexadecimal digits.'),
  },
  digest: {
    pattern: /^sha256:[0-9a-f]{64}$/,
    prompt: vscode.l10n.t('The digest, as "docker buildx imagetools inspect" shows it: sha256:...'),
    wrong: vscode.l10n.t('A digest is sha256: and sixty-four hexadecimal digits.'),
  },
};

/** Asks for a commit or a digest, and writes it where it belongs. */
export async function pin(args: PinArguments): Promise<void> {
  const { pattern, prompt, wrong } = wanted[args.wanted];
  const uri = vscode.Uri.parse(args.uri);
  const { version } = await vscode.workspace.openTextDocument(uri);
  const answer = await vscode.window.showInputBox({
    title: vscode.l10n.t('Pin {0}', args.of),
    prompt,
    ignoreFocusOut: true,
    validateInput: (text) => (pattern.test(text.trim()) ? undefined : wrong),
  });
  if (answer === undefined) return;
  const document = await vscode.workspace.openTextDocument(uri);
  if (document.version !== version) {
    void vscode.window.showWarningMessage(vscode.l10n.t('The file was changed meanwhile: ask for the fix again.'));
    return;
  }
  const edit = new vscode.WorkspaceEdit();
  for (const { range, newText } of args.changes) {
    const place = new vscode.Range(range.start.line, range.start.character, range.end.line, range.end.character);
    edit.replace(uri, place, newText.replaceAll(args.mark, answer.trim()));
  }
  await vscode.workspace.applyEdit(edit);
}
