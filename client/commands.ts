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
        const target = await targetOf(given, 'Scan', true);
        if (target) tellScan(await server.command<ScanOutcome>(commands.scanPath, { uri: target.toString() }));
      }),
    ),
    register('inspect', async (given?: Given) => {
      const target = await targetOf(given, 'Inspect', false);
      if (target) await vscode.commands.executeCommand('vscode.openWith', target, inspectorViewType);
    }),
    register('convert', async (given?: Given) => {
      const target = await targetOf(given, 'Convert', false);
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
    title: 'Accept this finding',
    prompt: 'Why is it acceptable? The reason is kept in the baseline, for whoever reads it next.',
    placeHolder: 'Reviewed: written by our own training job, never leaves this repository',
    validateInput: (text) => (text.trim() === '' ? 'A reason is needed.' : undefined),
  });
  if (reason !== undefined) await server.command(commands.addToBaseline, { ...args, reason: reason.trim() });
}

async function changeSeverity(server: LanguageServer, args: Omit<SetSeverityArguments, 'setting'>): Promise<void> {
  const choices: (vscode.QuickPickItem & { setting: SetSeverityArguments['setting'] })[] = [
    { label: '$(error) Error', detail: 'Must not be loaded; fails a scan in CI', setting: 'error' },
    { label: '$(warning) Warning', detail: 'Suspicious, or a control is missing', setting: 'warning' },
    { label: '$(info) Information', detail: 'Good to know', setting: 'info' },
    { label: '$(circle-slash) Off', detail: 'This rule says nothing any more', setting: 'off' },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: `Severity of ${args.ruleId}`,
    placeHolder: 'Written to weighbridge.yaml, for everyone who works on this repository',
  });
  if (chosen) await server.command(commands.setSeverity, { ...args, setting: chosen.setting });
}

function tellScan(outcome: ScanOutcome | undefined): void {
  if (!outcome) return;
  const { error, warning } = outcome.counts;
  const files = `${outcome.artifacts.toLocaleString('en')} model file${outcome.artifacts === 1 ? '' : 's'}`;
  const found = error + warning === 0 ? 'nothing to worry about' : `${error} errors, ${warning} warnings`;
  const text = outcome.cancelled ? 'Weighbridge: the scan was stopped' : `Weighbridge: ${files}, ${found}`;
  vscode.window.setStatusBarMessage(text, 5000);
}
