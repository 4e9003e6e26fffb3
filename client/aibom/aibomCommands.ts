import * as vscode from 'vscode';
import { commands, findAibom, models, type AibomOutcome, type ModelDirectory } from '../../server/lsp/protocol.ts';
import { activeFile, uriOf, type Given } from '../commandTarget.ts';
import type { LanguageServer } from '../languageServer.ts';
import { AibomEditor, aibomViewType } from './aibomEditor.ts';
import { plainMessage } from '../plainMessage.ts';

const told = new Set<string>([commands.generateAibom, commands.updateAibom, commands.fillAibom]);

/** Bills of materials: the commands, and the view. */
export function registerAiboms(context: vscode.ExtensionContext, server: LanguageServer): vscode.Disposable[] {
  const register = (name: string, run: (given?: Given) => Promise<void>) =>
    vscode.commands.registerCommand(`weighbridge.${name}`, run);
  const ask = (name: string, command: string, title: string) =>
    register(name, async (given) => {
      const target = await whichModel(server, given, title);
      if (target) await server.command(command, { uri: target.toString() });
    });
  return [
    AibomEditor.register(context, server),
    ask('generateAibom', commands.generateAibom, vscode.l10n.t('Generate AIBOM')),
    ask('updateAibom', commands.updateAibom, vscode.l10n.t('Update AIBOM')),
    ask('fillAibom', commands.fillAibom, vscode.l10n.t('Fill AIBOM from Model Card')),
    ask('openSideFile', commands.openSideFile, vscode.l10n.t('Fill In What No File Says')),
    register('showAibom', (given) => show(server, given)),
    server.onOutcome(({ command, result }) => {
      if (told.has(command) && result) void tell(result as AibomOutcome);
    }),
  ];
}

/** What was given; or the model of the active file; or the only one there is; or the one that a person chooses. */
async function whichModel(
  server: LanguageServer,
  given: Given | undefined,
  title: string,
): Promise<vscode.Uri | undefined> {
  const named = uriOf(given);
  if (named) return named;
  const known = (await server.ask<ModelDirectory[]>(models, {})) ?? [];
  const active = activeFile()?.toString();
  const around = known.filter(({ uri }) => active?.startsWith(`${uri}/`)).sort((a, b) => b.uri.length - a.uri.length);
  const [own] = around;
  if (own) return vscode.Uri.parse(own.uri);
  const [only, ...others] = known;
  if (only && others.length === 0) return vscode.Uri.parse(only.uri);
  const other = { label: vscode.l10n.t('$(folder-opened) Another folder...'), uri: '' };
  const choices = known.map(({ uri, label, aibom, formats }) => ({
    label: `$(package) ${label}`,
    description: [
      formats.join(', '),
      aibom === 'present' ? vscode.l10n.t('has an AIBOM') : vscode.l10n.t('no AIBOM'),
    ].join(' · '),
    uri,
  }));
  const chosen =
    known.length === 0
      ? other
      : await vscode.window.showQuickPick([...choices, other], {
          title,
          placeHolder: vscode.l10n.t('Of which model?'),
        });
  if (!chosen) return undefined;
  if (chosen.uri !== '') return vscode.Uri.parse(chosen.uri);
  const [folder] = (await vscode.window.showOpenDialog({ title, canSelectFiles: false, canSelectFolders: true })) ?? [];
  return folder;
}

/** A bill of materials itself, or that of a model. */
async function show(server: LanguageServer, given: Given | undefined): Promise<void> {
  const target = uriOf(given) ?? activeFile();
  if (target?.path.toLowerCase().endsWith('.json')) return openView(target);
  const model = target ?? (await whichModel(server, undefined, vscode.l10n.t('Show AIBOM')));
  if (!model) return;
  const uri = await server.ask<string | null>(findAibom, { uri: model.toString() });
  if (uri) return openView(vscode.Uri.parse(uri));
  const generate = vscode.l10n.t('Generate AIBOM');
  const text = vscode.l10n.t(
    'No bill of materials stands beside {0}.',
    model.path.slice(model.path.lastIndexOf('/') + 1),
  );
  const offered = vscode.workspace.isTrusted ? [generate] : [];
  if ((await vscode.window.showInformationMessage(plainMessage(text), ...offered)) === generate)
    await server.command(commands.generateAibom, { uri: model.toString() });
}

async function openView(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, aibomViewType);
}

async function tell({ uri, text, notes, state }: AibomOutcome): Promise<void> {
  const document = vscode.Uri.parse(uri);
  const [view, asText] = [vscode.l10n.t('Show'), vscode.l10n.t('Open as Text')];
  const more =
    notes.length === 0
      ? ''
      : ` ${notes.length === 1 ? (notes[0] ?? '') : vscode.l10n.t('{0} notes stand in it.', notes.length)}`;
  const buttons = state === 'unchanged' ? [view] : [view, asText];
  const chosen = await vscode.window.showInformationMessage(plainMessage(`${text}${more}`), ...buttons);
  if (chosen === view) await openView(document);
  if (chosen === asText) await vscode.window.showTextDocument(document);
}
