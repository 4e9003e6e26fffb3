import * as vscode from 'vscode';
import type { LanguageServer } from './languageServer.ts';

/** Marks files that must not be loaded in the Explorer, and wherever else files are listed. */
export function registerDecorations(server: LanguageServer): vscode.Disposable[] {
  const changed = new vscode.EventEmitter<vscode.Uri[]>();
  let dangerous = new Map<string, vscode.Uri>();
  const decoration: vscode.FileDecoration = {
    badge: '!',
    tooltip: 'Dangerous: do not load this file (Weighbridge)',
    color: new vscode.ThemeColor('list.errorForeground'),
  };
  const provider: vscode.FileDecorationProvider = {
    onDidChangeFileDecorations: changed.event,
    provideFileDecoration: (uri) => (dangerous.has(uri.toString()) ? decoration : undefined),
  };
  return [
    changed,
    vscode.window.registerFileDecorationProvider(provider),
    server.onStatus(({ dangerousFiles }) => {
      const before = dangerous;
      dangerous = new Map(dangerousFiles.map((each) => vscode.Uri.parse(each)).map((uri) => [uri.toString(), uri]));
      const differing = [
        ...[...dangerous].filter(([key]) => !before.has(key)),
        ...[...before].filter(([key]) => !dangerous.has(key)),
      ];
      if (differing.length > 0) changed.fire(differing.map(([, uri]) => uri));
    }),
  ];
}
