import * as vscode from 'vscode';
import {
  commands,
  type CompareBehaviourArguments,
  type ModelScanArguments,
  type ModelScanReport,
} from '../../server/lsp/protocol.ts';
import { targetOf, type Given } from '../commandTarget.ts';
import type { LanguageServer } from '../languageServer.ts';
import { ScanPages } from './scanPage.ts';

type Asked = Omit<ModelScanArguments, 'uri'>;

/** Scans that run a model: what has to be asked first, and what is shown afterwards. */
export function registerScans(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable[] {
  const pages = new ScanPages(context.extensionUri);
  const run = async (command: string, argument: ModelScanArguments | CompareBehaviourArguments): Promise<void> => {
    const report = await server.command<ModelScanReport>(command, argument);
    if (report) pages.show(report);
  };
  const onModel = (label: string, command: string) => async (given?: Given) => {
    const model = await targetOf(given, label, false);
    const asked = model && (await askForSamples(context, model));
    if (asked) await run(command, { uri: model.toString(), ...asked });
  };
  const { registerCommand } = vscode.commands;
  return [
    pages,
    registerCommand('weighbridge.scanBackdoors', onModel(vscode.l10n.t('Scan'), commands.scanBackdoors)),
    registerCommand('weighbridge.testRobustness', onModel(vscode.l10n.t('Test'), commands.testRobustness)),
    registerCommand('weighbridge.compareBehaviour', async (given?: Given) => {
      const model = await targetOf(given, vscode.l10n.t('Compare'), false);
      const production = model && (await askForProduction(context, model));
      const asked = production && (await askForSamples(context, model));
      if (asked) await run(commands.compareBehaviour, { uri: model.toString(), production, ...asked });
    }),
  ];
}

/** Asks which model the candidate is to replace. What was said of it the last time comes first. */
async function askForProduction(context: vscode.ExtensionContext, candidate: vscode.Uri): Promise<string | undefined> {
  const key = `production-model:${candidate.toString()}`;
  const last = context.workspaceState.get<string>(key);
  const files = await vscode.workspace.findFiles('**/*.onnx', undefined, 50);
  const others = files.map(String).filter((uri) => uri !== candidate.toString());
  const chosen = await askForFile([...new Set([...(last === undefined ? [] : [last]), ...others])], {
    title: vscode.l10n.t('Model in production'),
    placeHolder: vscode.l10n.t('The model that this one is to replace: both are asked the same samples'),
    browse: {
      label: vscode.l10n.t('Compare with This Model'),
      detail: vscode.l10n.t('Another ONNX file'),
      folders: false,
    },
  });
  if (chosen !== undefined) await context.workspaceState.update(key, chosen);
  return chosen;
}

interface FileQuestion {
  title: string;
  placeHolder: string;
  /** What the dialog's button says, what the choice of it says, and whether folders may be chosen. */
  browse: { label: string; detail: string; folders: boolean };
}

/** Asks for one of the known files, or for another. @returns its URI. */
async function askForFile(
  known: readonly string[],
  { title, placeHolder, browse }: FileQuestion,
): Promise<string | undefined> {
  const items = known.map((uri) => ({ label: vscode.workspace.asRelativePath(vscode.Uri.parse(uri)), uri }));
  const other = { label: vscode.l10n.t('$(folder-opened) Browse...'), detail: browse.detail };
  const chosen = await vscode.window.showQuickPick<vscode.QuickPickItem & { uri?: string }>([...items, other], {
    title,
    placeHolder,
    // A view that is being opened takes the focus; what was asked stays.
    ignoreFocusOut: true,
  });
  if (!chosen || chosen.uri !== undefined) return chosen?.uri;
  const found = await vscode.window.showOpenDialog({
    openLabel: browse.label,
    canSelectFiles: true,
    canSelectFolders: browse.folders,
  });
  return found?.[0]?.toString();
}

/** Asks for samples, and what pixels are for a model that takes pictures. What was said of a model the last time comes first. */
async function askForSamples(context: vscode.ExtensionContext, model: vscode.Uri): Promise<Asked | undefined> {
  const key = `backdoor-samples:${model.toString()}`;
  const last = context.workspaceState.get<Asked>(key);
  const ofTexts = await readsTexts(model);
  const files = await vscode.workspace.findFiles(
    `**/*.{${ofTexts ? 'csv,tsv,jsonl,parquet' : 'npz,npy'}}`,
    undefined,
    50,
  );
  const samples = await askForFile([...new Set([...(last ? [last.samples] : []), ...files.map(String)])], {
    title: vscode.l10n.t('Samples of the model'),
    placeHolder: ofTexts
      ? vscode.l10n.t(
          'Some hundred clean texts with labels: CSV, JSON Lines or Parquet with the columns text and label',
        )
      : vscode.l10n.t('Some hundred clean samples with labels: .npz with x and y, .npy, CSV, or a folder of pictures'),
    browse: {
      label: vscode.l10n.t('Use as Samples'),
      detail: ofTexts ? vscode.l10n.t('Another file') : vscode.l10n.t('Another file, or a folder of pictures'),
      folders: !ofTexts,
    },
  });
  if (samples === undefined) return undefined;
  const range = ofTexts ? { value: null } : await askForRange();
  if (range === undefined) return undefined;
  await context.workspaceState.update(key, { samples, range: range.value });
  return { samples, range: range.value };
}

/** A classifier of texts has its tokenizer beside it, or above its folder `onnx`. */
async function readsTexts(model: vscode.Uri): Promise<boolean> {
  for (const up of ['..', '../..']) {
    try {
      await vscode.workspace.fs.stat(vscode.Uri.joinPath(model, up, 'tokenizer.json'));
      return true;
    } catch {
      // Not there.
    }
  }
  return false;
}

async function askForRange(): Promise<{ value: Asked['range'] } | undefined> {
  const choices: (vscode.QuickPickItem & { value: Asked['range'] })[] = [
    {
      label: vscode.l10n.t('As given'),
      detail: vscode.l10n.t('preprocessor_config.json beside the model, or the samples themselves'),
      value: null,
    },
    { label: vscode.l10n.t('0 to 1'), detail: vscode.l10n.t('Black is 0 for the model, white is 1'), value: [0, 1] },
    { label: vscode.l10n.t('0 to 255'), detail: vscode.l10n.t('Pixels as they are'), value: [0, 255] },
    { label: vscode.l10n.t('-1 to 1'), detail: vscode.l10n.t('Black is -1 for the model, white is 1'), value: [-1, 1] },
  ];
  return vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Range of inputs'),
    ignoreFocusOut: true,
    placeHolder: vscode.l10n.t('What are black and white for the model? A wrong range makes every verdict meaningless'),
  });
}
