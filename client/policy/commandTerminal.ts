import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';

/** Puts the `weighbridge` command at the end of the PATH of terminals, so that one that is installed comes first. */
export async function offerCommand(context: vscode.ExtensionContext): Promise<void> {
  const folder = join(context.globalStorageUri.fsPath, 'bin');
  const program = context.asAbsolutePath(join('dist', 'weighbridge.cjs'));
  const isWindows = process.platform === 'win32';
  const file = join(folder, isWindows ? 'weighbridge.cmd' : 'weighbridge');
  // The editor's own runtime is Node when it is told so.
  const text = isWindows
    ? // eslint-disable-next-line no-restricted-syntax -- a program, and no words for a person
      `@echo off\r\nset ELECTRON_RUN_AS_NODE=1\r\n"${process.execPath}" "${program}" %*\r\n`
    : `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec '${quoted(process.execPath)}' '${quoted(program)}' "$@"\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(file, text);
  if (!isWindows) await chmod(file, 0o755);
  const { environmentVariableCollection: variables } = context;
  variables.description = vscode.l10n.t('Adds the `weighbridge` command.');
  variables.append('PATH', `${delimiter}${folder}`);
}

const quoted = (text: string): string => text.replaceAll("'", `'\\''`);

/** Writes a command into a terminal of the folder that holds a file; a person reads it, completes it, and runs it. */
export function typeInTerminal(command: string, about: vscode.Uri): void {
  const folder = vscode.workspace.getWorkspaceFolder(about);
  const known = vscode.window.terminals.find(({ name, exitStatus }) => name === terminalName && !exitStatus);
  const terminal =
    known ?? vscode.window.createTerminal({ name: terminalName, ...(folder ? { cwd: folder.uri } : {}) });
  terminal.show();
  terminal.sendText(command, false);
}

const terminalName = 'Weighbridge';

/** A path as a shell takes it for one word. */
export function shellWord(path: string): string {
  if (/^[\w./-]+$/.test(path)) return path;
  return process.platform === 'win32' ? `"${path}"` : `'${quoted(path)}'`;
}
