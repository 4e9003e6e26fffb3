import * as vscode from 'vscode';
import { commands, type VerbArguments, type VerbOutcome } from '../server/lsp/protocol.ts';
import type { LanguageServer } from './languageServer.ts';
import { plainMessage } from './plainMessage.ts';

const scheme = 'weighbridge-result';

/** Commands that ask a few questions, and then do what the command line does: impact, incidents, drift and attacks. */
export function registerVerbs(server: LanguageServer): vscode.Disposable[] {
  const results = new Map<string, string>();
  const register = (name: string, ask: () => Promise<Asked | undefined>) =>
    vscode.commands.registerCommand(`weighbridge.${name}`, async () => {
      const folder = vscode.workspace.workspaceFolders?.[0];
      if (!folder) {
        await vscode.window.showInformationMessage(vscode.l10n.t('Open a folder first: this works in one.'));
        return;
      }
      const asked = await ask();
      if (!asked) return;
      const { opens, title, ...verb } = asked;
      const outcome = await server.command<VerbOutcome>(commands.runVerb, { ...verb, uri: folder.uri.toString() });
      if (!outcome) return;
      if (opens) {
        await vscode.window.showInformationMessage(plainMessage(outcome.text.trim()));
        return;
      }
      const uri = vscode.Uri.from({ scheme, path: `/${title}` });
      results.set(uri.toString(), outcome.text);
      changed.fire(uri);
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { preview: true });
    });
  const changed = new vscode.EventEmitter<vscode.Uri>();
  return [
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => results.get(uri.toString()) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => results.delete(uri.toString())),
    register('showImpact', showImpact),
    register('newIncident', newIncident),
    register('recordDrift', recordDrift),
    register('checkDrift', checkDrift),
    register('redteam', redteam),
  ];
}

/** What to run, and what its result is called. `opens`: it writes a file, and its words are a message. */
type Asked = Pick<VerbArguments, 'verb' | 'args'> & { title: string; opens?: true };

const query = (title: string) =>
  askText(
    title,
    vscode.l10n.t('A name, name@version, package URL, address, signer, or digest of at least eight digits'),
  );

async function showImpact(): Promise<Asked | undefined> {
  const wanted = await query(vscode.l10n.t('Show impact of'));
  return wanted === undefined ? undefined : { verb: 'impact', args: ['--', wanted], title: 'Impact.txt' };
}

async function newIncident(): Promise<Asked | undefined> {
  const wanted = await query(vscode.l10n.t('What is in doubt?'));
  return wanted === undefined ? undefined : { verb: 'incident', args: ['new', '--', wanted], title: '', opens: true };
}

async function recordDrift(): Promise<Asked | undefined> {
  const target = await askTarget();
  const probes = target && (await askFile(vscode.l10n.t('Probes: JSON Lines'), ['jsonl', 'json']));
  if (!target || probes === undefined) return undefined;
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  const out = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Baseline of drift'),
    filters: { JSON: ['json'] },
    ...(folder ? { defaultUri: vscode.Uri.joinPath(folder.uri, 'drift.baseline.json') } : {}),
  });
  if (!out) return undefined;
  // The dialog has asked whether a file that is there may be replaced.
  return {
    verb: 'drift',
    args: ['record', ...target, '--probes', probes, '--out', out.fsPath, '--overwrite'],
    title: '',
    opens: true,
  };
}

async function checkDrift(): Promise<Asked | undefined> {
  const target = await askTarget();
  const probes = target && (await askFile(vscode.l10n.t('Probes: JSON Lines'), ['jsonl', 'json']));
  const baseline = probes === undefined ? undefined : await askFile(vscode.l10n.t('Baseline of drift'), ['json']);
  if (!target || probes === undefined || baseline === undefined) return undefined;
  return { verb: 'drift', args: ['check', ...target, '--probes', probes, '--baseline', baseline], title: 'Drift.txt' };
}

async function redteam(): Promise<Asked | undefined> {
  const endpoint = await askEndpoint();
  if (!endpoint) return undefined;
  const choices = [
    { label: vscode.l10n.t('Compare with a baseline...'), with: true },
    { label: vscode.l10n.t('Record: there is no baseline yet'), with: false },
  ];
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Red-team endpoint'),
    placeHolder: vscode.l10n.t('200 attacks are sent to the address that you named, and nowhere else'),
  });
  if (!chosen) return undefined;
  const baseline = chosen.with ? await askFile(vscode.l10n.t('Result of the model in production'), ['json']) : null;
  if (baseline === undefined) return undefined;
  return {
    verb: 'redteam',
    args: [...endpoint, ...(baseline === null ? [] : ['--baseline', baseline])],
    title: 'Red-teaming.txt',
  };
}

/** A deployed model, or a file that is run on this machine. */
async function askTarget(): Promise<string[] | undefined> {
  const choices = [
    {
      label: vscode.l10n.t('$(globe) A deployed model'),
      detail: vscode.l10n.t('By its address; the key comes from WEIGHBRIDGE_ENDPOINT_KEY'),
      file: false,
    },
    {
      label: vscode.l10n.t('$(file-binary) An ONNX file'),
      detail: vscode.l10n.t('Run on this machine, in a process of its own'),
      file: true,
    },
  ];
  const chosen = await vscode.window.showQuickPick(choices, { title: vscode.l10n.t('What is asked?') });
  if (!chosen) return undefined;
  if (!chosen.file) return askEndpoint();
  const file = await askFile(vscode.l10n.t('ONNX file'), ['onnx']);
  return file === undefined ? undefined : ['--onnx', file];
}

async function askEndpoint(): Promise<string[] | undefined> {
  const endpoint = await askText(vscode.l10n.t('Address of an OpenAI-compatible API'), 'http://127.0.0.1:8000/v1');
  if (endpoint === undefined) return undefined;
  const model = await vscode.window.showInputBox({
    title: vscode.l10n.t('Name of the model there'),
    prompt: vscode.l10n.t('Leave it empty where there is only one'),
    ignoreFocusOut: true,
  });
  if (model === undefined) return undefined;
  return ['--endpoint', endpoint, ...(model === '' ? [] : ['--model', model])];
}

async function askText(title: string, placeHolder: string): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title,
    placeHolder,
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? vscode.l10n.t('Something is needed here.') : undefined),
  });
  return text?.trim();
}

async function askFile(openLabel: string, extensions: string[]): Promise<string | undefined> {
  const [file] =
    (await vscode.window.showOpenDialog({ openLabel, title: openLabel, filters: { [openLabel]: extensions } })) ?? [];
  return file?.fsPath;
}
