import * as vscode from 'vscode';
import type { SignatureStanding, SignatureState } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';

const dangerous: vscode.FileDecoration = {
  badge: '!',
  tooltip: vscode.l10n.t('Dangerous: do not load this file (Weighbridge)'),
  color: new vscode.ThemeColor('list.errorForeground'),
};

/** Quiet, in the colour that the file has anyway: most models are unsigned, and few of them are an emergency. */
const unsigned: vscode.FileDecoration = {
  badge: '○',
  tooltip: vscode.l10n.t('Unsigned: nothing vouches for this model (Weighbridge)'),
};

/** Each with its own sign, and its words in the tooltip: who signed, by what trust, over what. */
const badges: Record<SignatureState, string> = { trusted: '✓', outdated: '≠', untrusted: '?', invalid: '✕' };

function signed({ state, text }: SignatureStanding): vscode.FileDecoration {
  const color =
    state === 'outdated' || state === 'invalid' ? new vscode.ThemeColor('list.warningForeground') : undefined;
  return { badge: badges[state], tooltip: `${text} (Weighbridge)`, ...(color ? { color } : {}) };
}

/** Marks models in the Explorer, and wherever else files are listed. */
export function registerDecorations(server: LanguageServer): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<vscode.Uri[]>();
  let marks = new Map<string, { uri: vscode.Uri; decoration: vscode.FileDecoration }>();
  const provider: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri) => marks.get(uri.toString())?.decoration,
  };
  return [
    changed,
    vscode.window.registerFileDecorationProvider(provider),
    server.onStatus(({ dangerousFiles, unsignedFiles, signedFiles }) => {
      const before = marks;
      marks = new Map();
      const mark = (address: string, decoration: vscode.FileDecoration) => {
        const uri = vscode.Uri.parse(address);
        marks.set(uri.toString(), { uri, decoration });
      };
      for (const file of unsignedFiles) mark(file, unsigned);
      for (const file of signedFiles) mark(file.uri, signed(file));
      // Who signed a file does not matter where it must not be loaded.
      for (const file of dangerousFiles) mark(file, dangerous);
      const differing = [...marks, ...before].filter(
        ([key]) => JSON.stringify(marks.get(key)?.decoration) !== JSON.stringify(before.get(key)?.decoration),
      );
      if (differing.length > 0) changed.fire(differing.map(([, { uri }]) => uri));
    }),
  ];
}
