import { existsSync, readFileSync } from 'node:fs';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { TextDocumentEdit, WorkspaceEdit } from 'vscode-languageserver/node';
import { replaceFile } from '../files/replaceFile.ts';
import { configurationFileName } from '../engine/configuration.ts';
import type { RuleSetting } from '../rules/finding.ts';
import { replacement, withSeverity } from './configurationEdit.ts';
import type { Folder } from './folder.ts';
import type { ServerContext } from './context.ts';

/**
 * The change of `weighbridge.yaml` that gives a rule a severity.
 * @returns null where the file would have to be made and the client cannot do that by an edit.
 */
export function severityEdit(
  context: ServerContext,
  folder: Folder,
  ruleId: string,
  setting: RuleSetting,
): WorkspaceEdit | null {
  return configurationEdit(context, folder, (text) => withSeverity(text, ruleId, setting));
}

/** Changes the configuration: in the editor where it is open there, otherwise on disk, atomically. */
export async function changeConfiguration(
  context: ServerContext,
  folder: Folder,
  change: (text: string | null) => string,
): Promise<void> {
  const file = folder.absolute(configurationFileName);
  if (context.documents.isOpen(file)) {
    const edit = configurationEdit(context, folder, change);
    if (edit) await context.session.connection.workspace.applyEdit({ label: 'Change weighbridge.yaml', edit });
    return;
  }
  replaceFile(file, change(readText(context, folder)));
  folder.changed([file]);
  await folder.flush();
}

function configurationEdit(
  context: ServerContext,
  folder: Folder,
  change: (text: string | null) => string,
): WorkspaceEdit | null {
  const uri = context.documents.uriOf(folder.absolute(configurationFileName));
  const before = readText(context, folder);
  const after = change(before);
  if (before === null) {
    if (!context.session.canCreateByEdit) return null;
    const insert: TextDocumentEdit = {
      textDocument: { uri, version: null },
      edits: [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, newText: after }],
    };
    return { documentChanges: [{ kind: 'create', uri, options: { ignoreIfExists: true } }, insert] };
  }
  const { from, to, text } = replacement(before, after);
  const document = TextDocument.create(uri, 'yaml', 0, before);
  const range = { start: document.positionAt(from), end: document.positionAt(to) };
  return { changes: { [uri]: [{ range, newText: text }] } };
}

/** The open buffer wins over the file: an edit must fit what the user sees. */
function readText(context: ServerContext, folder: Folder): string | null {
  const file = folder.absolute(configurationFileName);
  return context.documents.get(file)?.getText() ?? (existsSync(file) ? readFileSync(file, 'utf8') : null);
}
