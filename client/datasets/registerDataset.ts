import * as vscode from 'vscode';
import {
  commands,
  datasets,
  type AddKnownCleanOutcome,
  type DatasetEntry,
  type RegisterDatasetArguments,
  type RegisterDatasetOutcome,
  type VerifyDatasetsOutcome,
} from '../../server/lsp/protocol.ts';
import { targetOf, uriOf, type Given } from '../commandTarget.ts';
import type { LanguageServer } from '../languageServer.ts';
import { plainMessage } from '../plainMessage.ts';

/** What the lightbulb hands over: which data, and what to take over from. */
type Asked = Pick<RegisterDatasetArguments, 'uri' | 'update' | 'from'>;

export function registerDatasetCommands(server: LanguageServer): vscode.Disposable[] {
  const register = (name: string, run: (...args: never[]) => unknown) =>
    vscode.commands.registerCommand(`weighbridge.${name}`, run);
  return [
    register('registerDataset', async (given?: Given | Asked) => {
      const asked = isAsked(given) ? given : await whatToRegister(server, given);
      if (asked) await registerDataset(server, asked);
    }),
    register('verifyDatasets', async () => {
      const outcome = await server.command<VerifyDatasetsOutcome>(commands.verifyDatasets);
      if (outcome) tellVerified(outcome);
    }),
    register('addKnownClean', async (given?: Given) => {
      const target = await targetOf(given, vscode.l10n.t('List as Known to Be Clean'), false);
      if (target) await server.command<AddKnownCleanOutcome>(commands.addKnownClean, { uri: target.toString() });
    }),
  ];
}

function isAsked(given: Given | Asked | undefined): given is Asked {
  return typeof given === 'object' && !(given instanceof vscode.Uri) && 'uri' in given && typeof given.uri === 'string';
}

/** What was given; else one of those that configs use and nobody registered, or what a person chooses. */
async function whatToRegister(server: LanguageServer, given: Given | undefined): Promise<Asked | undefined> {
  const named = uriOf(given);
  if (named) return { uri: named.toString() };
  const entries = (await server.ask<DatasetEntry[]>(datasets, {})) ?? [];
  const open = entries.filter(({ standing }) => standing === 'unregistered' || standing === 'described');
  const other = { label: vscode.l10n.t('$(folder-opened) Another file or folder...'), uri: null };
  const choices = open.map(({ label, uri, text }) => ({ label: `$(table) ${label}`, detail: text, uri }));
  const chosen =
    choices.length === 0
      ? other
      : await vscode.window.showQuickPick([...choices, other], {
          title: vscode.l10n.t('Register Dataset'),
          placeHolder: vscode.l10n.t('Which data?'),
        });
  if (!chosen) return undefined;
  if (chosen.uri !== null) return { uri: chosen.uri };
  const dialog = { openLabel: vscode.l10n.t('Register'), canSelectFiles: true, canSelectFolders: true };
  const [picked] = (await vscode.window.showOpenDialog(dialog)) ?? [];
  return picked && { uri: picked.toString() };
}

/** Writes what can be known at once, then asks for the rest: who stops in between has a record that says what is open. */
async function registerDataset(server: LanguageServer, asked: Asked): Promise<void> {
  const first = await server.command<RegisterDatasetOutcome>(commands.registerDataset, { ...asked });
  if (!first) return;
  if (first.state === 'exists') {
    const again = vscode.l10n.t('Register Again');
    const open = vscode.l10n.t('Open Record');
    const chosen = await vscode.window.showWarningMessage(plainMessage(first.text), again, open);
    if (chosen === again) await registerDataset(server, { ...asked, update: true });
    if (chosen === open) await vscode.window.showTextDocument(vscode.Uri.parse(first.recordUri));
    return;
  }
  const fields = await askFor(first.missing);
  const last =
    Object.keys(fields).length === 0
      ? first
      : await server.command<RegisterDatasetOutcome>(commands.registerDataset, {
          uri: asked.uri,
          update: true,
          fields,
        });
  const done = last?.state === 'registered' ? last : first;
  const at = new vscode.Position(done.line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(done.recordUri), { selection: new vscode.Range(at, at) });
  const open = done.missing.length;
  vscode.window.setStatusBarMessage(
    open === 0
      ? `Weighbridge: ${vscode.l10n.t('registered, and the record is complete')}`
      : `Weighbridge: ${vscode.l10n.t('registered; {0} parts of the record are still open', open)}`,
    5000,
  );
}

type Fields = NonNullable<RegisterDatasetArguments['fields']>;

interface Question {
  part: string;
  prompt: string;
  placeHolder: string;
  take: (answer: string, fields: Fields) => void;
}

const questions: Question[] = [
  {
    part: 'source',
    prompt: vscode.l10n.t(
      'Where did the data come from? Best an address with a commit or a version in it. Leave it empty if nobody knows yet.',
    ),
    placeHolder: 'https://example.org/reviews/v3/train.csv',
    take: (answer, fields) => (fields.source = answer),
  },
  {
    part: 'ingestedBy',
    prompt: vscode.l10n.t('Who took it in: a person or a job? Leave it empty if nobody knows yet.'),
    placeHolder: vscode.l10n.t('Ada Lovelace <ada@example.org>'),
    take: (answer, fields) => (fields.by = answer),
  },
  {
    part: 'validatedAt',
    prompt: vscode.l10n.t('How was it validated, just now? Leave it empty if it was not.'),
    placeHolder: vscode.l10n.t('weighbridge dataset scan; read 200 rows'),
    take: (answer, fields) => (fields.validated = answer),
  },
  {
    part: 'transforms',
    prompt: vscode.l10n.t(
      'What was done to it since it left its source? Steps with ";" between them, or "none". Leave it empty if nobody knows yet.',
    ),
    placeHolder: vscode.l10n.t('deduplicate.py; lower-case'),
    take: (answer, fields) =>
      (fields.transforms = answer.toLowerCase() === 'none' ? [] : answer.split(';').map((step) => step.trim())),
  },
];

/** Asks for each part that nobody has said; Escape ends the questions, and keeps the answers so far. */
async function askFor(missing: readonly string[]): Promise<Fields> {
  const fields: Fields = {};
  const open = questions.filter(({ part }) => missing.includes(part));
  for (const [index, { prompt, placeHolder, take }] of open.entries()) {
    const title = vscode.l10n.t('Register Dataset ({0} of {1})', index + 1, open.length);
    const answer = await vscode.window.showInputBox({ title, prompt, placeHolder, ignoreFocusOut: true });
    if (answer === undefined) break;
    if (answer.trim() !== '') take(answer.trim(), fields);
  }
  return fields;
}

function tellVerified({ datasets, mismatches, unregistered }: VerifyDatasetsOutcome): void {
  const all =
    datasets === 1 ? vscode.l10n.t('1 dataset') : vscode.l10n.t('{0} datasets', datasets.toLocaleString('en'));
  if (mismatches === 0) {
    const rest =
      unregistered > 0 ? vscode.l10n.t('{0} of them unregistered', unregistered) : vscode.l10n.t('all as recorded');
    vscode.window.setStatusBarMessage(`Weighbridge: ${datasets === 0 ? all : `${all}, ${rest}`}`, 5000);
    return;
  }
  const wrong =
    mismatches === 1
      ? vscode.l10n.t('1 of {0} is not what was recorded. The Datasets view says which.', all)
      : vscode.l10n.t('{0} of {1} are not what was recorded. The Datasets view says which.', mismatches, all);
  void vscode.window.showWarningMessage(plainMessage(wrong));
}
