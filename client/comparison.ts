import * as vscode from 'vscode';
import {
  commands,
  modelFiles,
  models,
  type DescribeOutcome,
  type ModelDirectory,
  type ModelFile,
} from '../server/lsp/protocol.ts';
import { targetOf, type Given } from './commandTarget.ts';
import type { LanguageServer } from './languageServer.ts';

const scheme = 'weighbridge-description';

/** Directories of models whose files are offered; others are reached by the dialog for files. */
const directoriesOffered = 100;

/**
 * Compares two model files in the editor's own view for differences: each is described by the server, one fact a line,
 * with a digest for every tensor.
 */
export function registerComparison(server: LanguageServer): vscode.Disposable[] {
  const described = new Map<string, string>();
  return [
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      provideTextDocumentContent: (uri) => described.get(uri.toString()) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => described.delete(uri.toString())),
    vscode.commands.registerCommand('weighbridge.compare', async (given?: Given) => {
      const first = await targetOf(given, vscode.l10n.t('Compare'), false);
      const second = first && (await askForOther(server, first));
      if (!first || !second) return;
      const sides: vscode.Uri[] = [];
      for (const file of [first, second]) {
        const outcome = await server.command<DescribeOutcome>(commands.describe, { uri: file.toString() });
        if (!outcome) return;
        const side = file.with({ scheme, path: `${file.path}.txt` });
        described.set(side.toString(), outcome.text);
        sides.push(side);
      }
      await vscode.commands.executeCommand('vscode.diff', ...sides, `${nameOf(first)} ↔ ${nameOf(second)}`);
    }),
  ];
}

/** One of the workspace's models, or any file. */
async function askForOther(server: LanguageServer, first: vscode.Uri): Promise<vscode.Uri | undefined> {
  const directories = ((await server.ask<ModelDirectory[]>(models, {})) ?? []).slice(0, directoriesOffered);
  const files = await Promise.all(directories.map(({ uri }) => server.ask<ModelFile[]>(modelFiles, { uri })));
  const rows = files.flatMap((inDirectory, index) =>
    (inDirectory ?? [])
      .filter(({ uri }) => vscode.Uri.parse(uri).toString() !== first.toString())
      .map(({ uri, name, format }) => ({
        label: name,
        description: directories[index]?.label ?? '',
        detail: format,
        file: vscode.Uri.parse(uri),
      })),
  );
  const browse = { label: vscode.l10n.t('$(folder-opened) Choose another file...'), file: null };
  const chosen = await vscode.window.showQuickPick<vscode.QuickPickItem & { file: vscode.Uri | null }>(
    [...rows, browse],
    {
      title: vscode.l10n.t('Compare {0} with', nameOf(first)),
      placeHolder: vscode.l10n.t('Format, imports, metadata, and the values of every tensor'),
    },
  );
  if (!chosen || chosen.file) return chosen?.file ?? undefined;
  const [file] = (await vscode.window.showOpenDialog({ openLabel: vscode.l10n.t('Compare') })) ?? [];
  return file;
}

function nameOf({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
