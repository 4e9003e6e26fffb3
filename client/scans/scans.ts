import * as vscode from 'vscode';
import { commands, type BackdoorReport, type ScanBackdoorsArguments } from '../../server/lsp/protocol.ts';
import { targetOf, type Given } from '../commandTarget.ts';
import type { LanguageServer } from '../languageServer.ts';
import { ScanPages } from './scanPage.ts';

type Asked = Omit<ScanBackdoorsArguments, 'uri'>;

/** Scans that run a model: what has to be asked first, and what is shown afterwards. */
export function registerScans(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable[] {
  const pages = new ScanPages(context.extensionUri);
  const found = vscode.languages.createDiagnosticCollection('weighbridge-scans');
  return [
    pages,
    found,
    vscode.commands.registerCommand('weighbridge.scanBackdoors', async (given?: Given) => {
      const model = await targetOf(given, 'Scan', false);
      if (!model) return;
      const asked = await askForSamples(context, model);
      if (!asked) return;
      const uri = model.toString();
      const report = await server.command<BackdoorReport>(commands.scanBackdoors, { uri, ...asked });
      if (!report) return;
      found.set(model, problemOf(report));
      pages.show(report);
    }),
    // What was found is about the bytes that were run.
    watchModels((uri) => found.delete(uri)),
  ];
}

function watchModels(changed: (uri: vscode.Uri) => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.onnx');
  watcher.onDidChange(changed);
  watcher.onDidDelete(changed);
  return watcher;
}

function problemOf({ verdict, reasons }: BackdoorReport): vscode.Diagnostic[] {
  if (verdict === 'clean') return [];
  const severity = verdict === 'backdoor' ? vscode.DiagnosticSeverity.Error : vscode.DiagnosticSeverity.Warning;
  const advice = verdict === 'backdoor' ? ' Do not use this model.' : '';
  const problem = new vscode.Diagnostic(new vscode.Range(0, 0, 0, 0), `${reasons.join(' ')}${advice}`, severity);
  problem.source = 'weighbridge';
  problem.code = `scan/${verdict}`;
  return [problem];
}

/** Asks for samples, and what their pixels are for the model. What was said of a model the last time comes first. */
async function askForSamples(context: vscode.ExtensionContext, model: vscode.Uri): Promise<Asked | undefined> {
  const key = `backdoor-samples:${model.toString()}`;
  const last = context.workspaceState.get<Asked>(key);
  const browse = { label: '$(folder-opened) Browse...', detail: 'Another file, or a folder of pictures' };
  const files = await vscode.workspace.findFiles('**/*.{npz,npy}', undefined, 50);
  const known = [...new Set([...(last ? [last.samples] : []), ...files.map(String)])];
  const items = known.map((uri) => ({ label: vscode.workspace.asRelativePath(vscode.Uri.parse(uri)), uri }));
  const chosen = await vscode.window.showQuickPick<vscode.QuickPickItem & { uri?: string }>([...items, browse], {
    title: 'Samples of the model',
    // A view that is being opened takes the focus; what was asked stays.
    ignoreFocusOut: true,
    placeHolder: 'Some hundred clean samples with labels: .npz with x and y, .npy, CSV, or a folder of pictures',
  });
  if (!chosen) return undefined;
  const samples = chosen.uri ?? (await browseForSamples())?.toString();
  if (samples === undefined) return undefined;
  const range = await askForRange();
  if (range === undefined) return undefined;
  await context.workspaceState.update(key, { samples, range: range.value });
  return { samples, range: range.value };
}

async function browseForSamples(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    openLabel: 'Use as Samples',
    canSelectFiles: true,
    canSelectFolders: true,
  });
  return chosen?.[0];
}

async function askForRange(): Promise<{ value: Asked['range'] } | undefined> {
  const choices: (vscode.QuickPickItem & { value: Asked['range'] })[] = [
    { label: 'As given', detail: 'preprocessor_config.json beside the model, or the samples themselves', value: null },
    { label: '0 to 1', detail: 'Black is 0 for the model, white is 1', value: [0, 1] },
    { label: '0 to 255', detail: 'Pixels as they are', value: [0, 255] },
    { label: '-1 to 1', detail: 'Black is -1 for the model, white is 1', value: [-1, 1] },
  ];
  return vscode.window.showQuickPick(choices, {
    title: 'Range of inputs',
    ignoreFocusOut: true,
    placeHolder: 'What are black and white for the model? A wrong range makes every verdict meaningless',
  });
}
