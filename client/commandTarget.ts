import * as vscode from 'vscode';

/** What a command is about: from the Explorer, from a link of a hover, from a row of the tree of models, from a quick fix. */
export type Given = vscode.Uri | string | { resource: vscode.Uri } | { uri: string };

export function uriOf(given: Given | undefined): vscode.Uri | undefined {
  if (typeof given === 'string') return vscode.Uri.parse(given);
  if (given === undefined || given instanceof vscode.Uri) return given;
  return 'resource' in given ? given.resource : vscode.Uri.parse(given.uri);
}

/** What was given, or else the file that the active tab shows, or else what a person chooses. */
export async function targetOf(
  given: Given | undefined,
  label: string,
  folders: boolean,
): Promise<vscode.Uri | undefined> {
  return uriOf(given) ?? activeFile() ?? (await askForFile(label, folders));
}

/** The file that the active tab shows, be it a text or the inspector. */
export function activeFile(): vscode.Uri | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputText) return input.uri;
  return undefined;
}

async function askForFile(label: string, folders: boolean): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    openLabel: label,
    canSelectFiles: true,
    canSelectFolders: folders,
  });
  return chosen?.[0];
}
