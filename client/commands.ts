import * as vscode from 'vscode';
import {
  commands,
  type AddToBaselineArguments,
  type PinArguments,
  type ScanOutcome,
  type SetSeverityArguments,
} from '../server/lsp/protocol.ts';
import { targetOf, type Given } from './commandTarget.ts';
import { inspectorViewType } from './inspector/inspectorEditor.ts';
import type { LanguageServer } from './languageServer.ts';
import { pin } from './pin.ts';

/**
 * The palette's commands. Those of the server's that need no question are called by the server's own names.
 * @param extension publisher and name, by which the editor knows the walkthrough.
 */
export function registerCommands(
  server: LanguageServer,
  log: vscode.LogOutputChannel,
  extension: string,
): vscode.Disposable[] {
  const register = (name: string, run: (...args: never[]) => unknown) =>
    vscode.commands.registerCommand(`weighbridge.${name}`, run);
  return [
    register('scanWorkspace', async () => {
      tellScan(await server.command<ScanOutcome>(commands.scanWorkspace));
    }),
    ...['scan', 'scanFile', 'scanFolder'].map((name) =>
      register(name, async (given?: Given) => {
        const target = await targetOf(given, vscode.l10n.t('Scan'), true);
        if (target) tellScan(await server.command<ScanOutcome>(commands.scanPath, { uri: target.toString() }));
      }),
    ),
    register('inspect', async (given?: Given) => {
      const target = await targetOf(given, vscode.l10n.t('Inspect'), false);
      if (target) await vscode.commands.executeCommand('vscode.openWith', target, inspectorViewType);
    }),
    register('convert', async (given?: Given) => {
      const target = await targetOf(given, vscode.l10n.t('Convert'), false);
      if (target) await server.command(commands.convert, { uri: target.toString() });
    }),
    register('convertAll', () => server.command(commands.convertAll)),
    register('acceptFinding', (args: AddToBaselineArguments) => acceptFinding(server, args)),
    register('changeSeverity', (args: Omit<SetSeverityArguments, 'setting'>) => changeSeverity(server, args)),
    register('pin', (args: PinArguments) => pin(args)),
    register('restartServer', () => server.restart()),
    register('showLog', () => log.show()),
    register('openWalkthrough', () =>
      vscode.commands.executeCommand('workbench.action.openWalkthrough', `${extension}#start`, false),
    ),
  ];
}

async function acceptFinding(server: LanguageServer, args: AddToBaselineArguments): Promise<void> {
  const reason = await vscode.window.showInputBox({
    title: vscode.l10n.t('Accept this finding'),
    prompt: vscode.l10n.t('Why is it acceptable? The reason is kept in the baseline, for whoever reads it next.'),
    placeHolder: vscode.l10n.t('Reviewed: written by our own training job, never leaves this repository'),
    validateInput: (text) => (text.trim() === '' ? vscode.l10n.t('A reason is needed.') : undefined),
  });
  if (reason !== undefined) await server.command(commands.addToBaseline, { ...args, reason: reason.trim() });
}

async function changeSeverity(server: LanguageServer, args: Omit<SetSeverityArguments, 'setting'>): Promise<void> {
  const choices: (vscode.QuickPickItem & { setting: SetSeverityArguments['setting'] })[] = [
    {
      label: vscode.l10n.t('$(error) Error'),
      detail: vscode.l10n.t('Must not be loaded; fails a scan in CI'),
      setting: 'error',
    },
    {
      label: vscode.l10n.t('$(warning) Warning'),
      detail: vscode.l10n.t('Suspicious, or a control is missing'),
      setting: 'warning',
    },
    { label: vscode.l10n.t('$(info) Information'), detail: vscode.l10n.t('Good to know'), setting: 'info' },
    {
      label: vscode.l10n.t('$(circle-slash) Off'),
      detail: vscode.l10n.t('This rule says nothing any more'),
      setting: 'off',
    },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Severity of {0}', args.ruleId),
    placeHolder: vscode.l10n.t('Written to weighbridge.yaml, for everyone who works on this repository'),
  });
  if (chosen) await server.command(commands.setSeverity, { ...args, setting: chosen.setting });
}

function tellScan(outcome: ScanOutcome | undefined): void {
  if (!outcome) return;
  const { error, warning } = outcome.counts;
  const files =
    outcome.artifacts === 1
      ? vscode.l10n.t('1 model file')
      : vscode.l10n.t('{0} model files', outcome.artifacts.toLocaleString('en'));
  const found =
    error + warning === 0
      ? vscode.l10n.t('nothing to worry about')
      : vscode.l10n.t('{0} errors, {1} warnings', error, warning);
  const text = outcome.cancelled ? vscode.l10n.t('the scan was stopped') : `${files}, ${found}`;
  vscode.window.setStatusBarMessage(`Weighbridge: ${text}`, 5000);
}
