import * as vscode from 'vscode';
import type { LanguageServer } from './languageServer.ts';

const dangerous: vscode.FileDecoration = {
  badge: '!',
  tooltip: 'Dangerous: do not load this file (Weighbridge)',
  color: new vscode.ThemeColor('list.errorForeground'),
};

/** Quiet, in the colour that the file has anyway: most models are unsigned, and few of them are an emergency. */
const unsigned: vscode.FileDecoration = {
  badge: '○',
  tooltip: 'Unsigned: nothing vouches for this model (Weighbridge)',
};

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
    server.onStatus(({ dangerousFiles, unsignedFiles }) => {
      const before = marks;
      marks = new Map();
      for (const [files, decoration] of [[unsignedFiles, unsigned] as const, [dangerousFiles, dangerous] as const]) {
        for (const uri of files.map((each) => vscode.Uri.parse(each))) marks.set(uri.toString(), { uri, decoration });
      }
      const differing = [...marks, ...before].filter(
        ([key]) => marks.get(key)?.decoration !== before.get(key)?.decoration,
      );
      if (differing.length > 0) changed.fire(differing.map(([, { uri }]) => uri));
    }),
  ];
}
