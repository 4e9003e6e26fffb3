import * as vscode from 'vscode';
import {
  commands,
  type DatasetCopyOutcome,
  type MarkRecordsArguments,
  type MarkRecordsOutcome,
  type ScanDatasetArguments,
  type ScanDatasetOutcome,
} from '../../server/lsp/protocol.ts';
import { targetOf, type Given } from '../commandTarget.ts';
import type { LanguageServer } from '../languageServer.ts';
import { DatasetPages, nameOf } from './datasetPage.ts';
import { plainMessage } from '../plainMessage.ts';

const dataFiles = '*.{jsonl,ndjson,json,csv,tsv,tab,parquet,txt,gz,zst}';
const filters = { Data: ['jsonl', 'ndjson', 'json', 'csv', 'tsv', 'tab', 'parquet', 'txt', 'gz', 'zst'] };
/** Files beside the data that are offered as its accepted version. */
const mostOffered = 50;

/** Scanning data for poisoning: the commands, the page, and what has to be asked of a person. */
export function registerDatasets(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable[] {
  const pages = new DatasetPages(context.extensionUri, server);
  const register = <A>(name: string, run: (given?: A) => Promise<void>) =>
    vscode.commands.registerCommand(`weighbridge.${name}`, run);
  return [
    pages,
    register<Given>('scanDataset', async (given) => {
      const target = await targetOf(given, vscode.l10n.t('Scan for Poisoning'), false);
      if (target) await scan(server, pages, target);
    }),
    register<Given>('showDatasetScan', async (given) => {
      const target = await targetOf(given, vscode.l10n.t('Show Scan of'), false);
      if (target) await pages.show(target);
    }),
    register<Omit<MarkRecordsArguments, 'reason'>>('markRecord', async (given) => {
      if (given) await markRecord(server, pages, given);
    }),
    register<Given>('exportClean', async (given) => {
      const target = await targetOf(given, vscode.l10n.t('Export Clean Records of'), false);
      if (target) await writeCopy(target, 'clean', (copy) => server.command(commands.exportClean, copy));
    }),
    register<{ uri: string; field?: string }>('redactColumn', async (given) => {
      if (!given) return;
      const { field } = given;
      await writeCopy(vscode.Uri.parse(given.uri), 'redacted', (copy) =>
        server.command(commands.redactColumn, { ...copy, ...(field !== undefined && { field }) }),
      );
    }),
  ];
}

async function scan(server: LanguageServer, pages: DatasetPages, target: vscode.Uri): Promise<void> {
  const baseline = await askForBaseline(target);
  if (baseline === undefined) return;
  const args: ScanDatasetArguments = { uri: target.toString(), ...(baseline && { baseline: baseline.toString() }) };
  const outcome = await server.command<ScanDatasetOutcome>(commands.scanDataset, args);
  if (outcome) await pages.show(target);
}

/** @returns null for a scan without an accepted version, undefined when the person turns away. */
async function askForBaseline(target: vscode.Uri): Promise<vscode.Uri | null | undefined> {
  const folder = vscode.Uri.joinPath(target, '..');
  const beside = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, dataFiles), null, mostOffered);
  const other = {
    label: vscode.l10n.t('$(folder-opened) Another file...'),
    detail: vscode.l10n.t('An accepted version that stands elsewhere'),
    uri: folder,
  };
  const choices: (vscode.QuickPickItem & { uri: vscode.Uri | null })[] = [
    ...beside
      .filter((uri) => uri.toString() !== target.toString())
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map((uri) => ({
        label: `$(file) ${nameOf(uri)}`,
        detail: vscode.l10n.t('Rows that are not in it are new'),
        uri,
      })),
    other,
    {
      label: vscode.l10n.t('$(search) Without an accepted version'),
      detail: vscode.l10n.t('Finds what the file shows by itself; a trigger in few rows is not found this way'),
      uri: null,
    },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Scan {0} for Poisoning', nameOf(target)),
    placeHolder: vscode.l10n.t('Which version was accepted before?'),
  });
  if (chosen !== other) return chosen?.uri;
  return (
    await vscode.window.showOpenDialog({ openLabel: vscode.l10n.t('Compare'), filters, defaultUri: folder })
  )?.[0];
}

async function markRecord(
  server: LanguageServer,
  pages: DatasetPages,
  { uri, lines, mark }: Omit<MarkRecordsArguments, 'reason'>,
): Promise<void> {
  const many =
    lines.length === 1
      ? vscode.l10n.t('the record on line {0}', lines.join())
      : vscode.l10n.t('{0} records', lines.length);
  const reason =
    mark === null
      ? ''
      : await vscode.window.showInputBox({
          title: vscode.l10n.t('Mark {0} as {1}', many, mark),
          prompt: vscode.l10n.t('Why? The reason is kept beside the mark, for whoever reads it next.'),
          placeHolder:
            mark === 'clean'
              ? vscode.l10n.t('A product name that is new this week')
              : vscode.l10n.t('Carries the trigger cf'),
          validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('A reason is needed.') : undefined),
        });
  if (reason === undefined) return;
  const outcome = await server.command<MarkRecordsOutcome>(commands.markRecords, { uri, lines, mark, reason });
  if (!outcome) return;
  await pages.refresh(uri);
  vscode.window.setStatusBarMessage(
    `Weighbridge: ${mark === null ? vscode.l10n.t('{0}: no longer marked', many) : vscode.l10n.t('{0}: marked as {1}', many, mark)}`,
    5000,
  );
}

async function writeCopy(
  target: vscode.Uri,
  what: 'clean' | 'redacted',
  work: (copy: { uri: string; output: string; overwrite: boolean }) => Promise<DatasetCopyOutcome | undefined>,
): Promise<void> {
  const name = nameOf(target).replace(/\.(?:gz|zst|bz2|xz|lz4)$/i, '');
  const dot = name.lastIndexOf('.');
  const extension = dot < 0 ? '' : name.slice(dot);
  const suggested = `${dot < 0 ? name : name.slice(0, dot)}.${what}${extension.toLowerCase() === '.parquet' ? '.jsonl' : extension}`;
  const output = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(target, '..', suggested),
    saveLabel: vscode.l10n.t('Write Copy'),
  });
  if (!output) return;
  // The dialog has asked whether a file that is there may be replaced.
  const done = await work({ uri: target.toString(), output: output.toString(), overwrite: true });
  if (!done) return;
  const open = vscode.l10n.t('Open');
  if (
    (await vscode.window.showInformationMessage(plainMessage(vscode.l10n.t('Wrote {0}.', done.text)), open)) === open
  ) {
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.parse(done.output));
  }
}
