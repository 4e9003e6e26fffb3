import * as vscode from 'vscode';
import {
  gates,
  policyCommands,
  whoMaySubmit,
  type EvaluatePolicyArguments,
  type EvaluatePolicyOutcome,
  type GateParams,
  type GateState,
  type JobAnswer,
  type JobParams,
  type ModelGates,
  type RecordOutcome,
} from '../../server/lsp/policy/protocol.ts';
import { targetOf, type Given } from '../commandTarget.ts';
import type { LanguageServer } from '../languageServer.ts';
import { plainMessage } from '../plainMessage.ts';
import { shellWord, typeInTerminal } from './commandTerminal.ts';
import type { GateViewRow } from './gatesView.ts';

/** The commands about gates and policies; each works from the palette and from where it makes sense. */
export function registerPolicyCommands(server: LanguageServer): vscode.Disposable[] {
  const register = (name: string, run: (given?: never) => unknown) =>
    vscode.commands.registerCommand(`weighbridge.${name}`, run);
  return [
    register('evaluateGate', (given?: GateViewRow | Given) => evaluate(server, given)),
    register('evaluatePolicy', (given?: Given) => evaluatePolicy(server, given)),
    register('checkJob', (given?: Given) => checkJob(server, given)),
    register('openPolicyLine', async (given?: GateViewRow) => {
      if (given?.kind === 'rule') await openLine(given.row.policyUri, given.row.line);
    }),
    register('openEvidence', async (given?: GateViewRow) => {
      if (given?.kind !== 'rule' || given.row.evidenceUri === null) return;
      await vscode.commands.executeCommand('vscode.open', vscode.Uri.parse(given.row.evidenceUri));
    }),
    register('produceEvidence', async (given?: GateViewRow) => {
      if (given?.kind === 'rule') await produce(given);
    }),
  ];
}

async function evaluate(server: LanguageServer, given: GateViewRow | Given | undefined): Promise<void> {
  const params = await gateFrom(server, given);
  if (!params) return;
  const state = await server.command<GateState>(policyCommands.evaluateGate, params);
  if (!state) return;
  const show = vscode.l10n.t('Show Rules');
  const record = vscode.l10n.t('Record Decision');
  const name = vscode.workspace.asRelativePath(vscode.Uri.parse(params.uri));
  const choices = vscode.workspace.isTrusted && state.state !== 'failed' ? [show, record] : [show];
  const text = plainMessage(`${params.gate}, ${name}: ${state.text}`);
  const { showInformationMessage, showWarningMessage } = vscode.window;
  const chosen = await (state.state === 'allow' ? showInformationMessage : showWarningMessage)(text, ...choices);
  if (chosen === show) await vscode.commands.executeCommand('weighbridge.gates.focus');
  if (chosen !== record) return;
  const recorded = await server.command<RecordOutcome>(policyCommands.recordDecision, params);
  if (!recorded) return;
  const open = vscode.l10n.t('Open Audit Log');
  const said = vscode.l10n.t('Recorded as entry {0} of {1}: {2}.', recorded.sequence, recorded.log, recorded.decision);
  if ((await vscode.window.showInformationMessage(plainMessage(said), open)) === open) {
    await vscode.commands.executeCommand('weighbridge.openAuditLog');
  }
}

/** The gate that is meant: that of a row, or what a person chooses. */
async function gateFrom(
  server: LanguageServer,
  given: GateViewRow | Given | undefined,
): Promise<GateParams | undefined> {
  if (given !== undefined && typeof given === 'object' && 'kind' in given && given.kind === 'gate') {
    return { uri: given.uri, gate: given.gate };
  }
  const model = await modelFrom(server, addressOf(given), vscode.l10n.t('Evaluate Gate'));
  if (!model) return undefined;
  const choices = model.gates.map(({ gate, state, text }) => ({
    label: gate,
    description: state === 'not-evaluated' ? '' : text,
  }));
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Evaluate Gate'),
    placeHolder: vscode.l10n.t('Which gate?'),
  });
  return chosen && { uri: model.uri, gate: chosen.label };
}

function addressOf(given: GateViewRow | Given | undefined): string | undefined {
  if (given === undefined || typeof given === 'string') return given;
  if (given instanceof vscode.Uri) return given.toString();
  if ('resource' in given) return given.resource.toString();
  return 'uri' in given ? given.uri : undefined;
}

/** The model of an address, the only model of the workspace, or what a person chooses. */
async function modelFrom(
  server: LanguageServer,
  address: string | undefined,
  title: string,
): Promise<ModelGates | undefined> {
  const models = (await server.ask<ModelGates[]>(gates, {})) ?? [];
  const named = models.find(({ uri }) => address === uri || address?.startsWith(`${uri}/`));
  if (named) return named;
  if (models.length === 0) {
    await vscode.window.showInformationMessage(vscode.l10n.t('There is no model in this workspace.'));
    return undefined;
  }
  if (models.length === 1) return models[0];
  const choices = models.map((model) => ({ label: model.label, model }));
  return (await vscode.window.showQuickPick(choices, { title, placeHolder: vscode.l10n.t('Which model?') }))?.model;
}

async function evaluatePolicy(server: LanguageServer, given: Given | undefined): Promise<void> {
  const policy = await targetOf(given, vscode.l10n.t('Evaluate'), false);
  if (!policy) return;
  const model = await modelFrom(server, undefined, vscode.l10n.t('Evaluate Policy Against Model'));
  if (!model) return;
  const args: EvaluatePolicyArguments = { uri: policy.toString(), model: model.uri };
  const outcome = await server.command<EvaluatePolicyOutcome>(policyCommands.evaluatePolicy, args);
  if (!outcome) return;
  const { deny, warn } = outcome;
  const words = [count(deny.length, 'denial'), ...(warn.length > 0 ? [count(warn.length, 'warning')] : [])].join(', ');
  vscode.window.setStatusBarMessage(
    `$(law) ${outcome.model}: ${deny.length === 0 ? vscode.l10n.t('nothing is denied') : words}`,
    8000,
  );
}

const count = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

async function checkJob(server: LanguageServer, given: Given | undefined): Promise<void> {
  const job = await targetOf(given, vscode.l10n.t('Check'), false);
  if (!job) return;
  const params: JobParams = { uri: job.toString() };
  let answers: JobAnswer[];
  try {
    answers = await server.request<JobAnswer[]>(whoMaySubmit, params);
  } catch (error) {
    await vscode.window.showErrorMessage(plainMessage(error instanceof Error ? error.message : String(error)));
    return;
  }
  const choices = answers.map((answer) => ({
    label: `$(${answer.decision === 'allow' ? 'pass' : 'error'}) ${answer.subject}`,
    description: `${answer.decision === 'allow' ? vscode.l10n.t('may submit') : vscode.l10n.t('may not submit')}${rolesOf(answer)}`,
    detail: answer.reasons.map(({ message }) => message).join(' · '),
    answer,
  }));
  const chosen = await vscode.window.showQuickPick(choices, {
    title: vscode.l10n.t('Who may submit {0}', vscode.workspace.asRelativePath(job)),
    placeHolder: vscode.l10n.t('Choose somebody to see the rule of the policy'),
    matchOnDetail: true,
  });
  const reason = chosen?.answer.reasons[0];
  if (reason) await openLine(reason.policyUri, reason.line);
}

function rolesOf({ subject, roles }: JobAnswer): string {
  return roles.length === 0 || (roles.length === 1 && roles[0] === subject) ? '' : ` · ${roles.join(', ')}`;
}

async function openLine(uri: string, line: number): Promise<void> {
  const at = new vscode.Range(line - 1, 0, line - 1, 0);
  await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection: at });
}

/** Commands of the editor that produce evidence, by field; what has none is typed into a terminal. */
const producers: Record<string, string> = {
  'model.signature_verified': 'weighbridge.signModel',
  'model.aibom': 'weighbridge.generateAibom',
  'model.aibom_generated': 'weighbridge.generateAibom',
};

/** The same of evidence that comes from running a model, which has to be one ONNX file. */
const modelScans: Record<string, string> = {
  backdoor: 'weighbridge.scanBackdoors',
  robustness: 'weighbridge.testRobustness',
  regression: 'weighbridge.compareBehaviour',
};

async function produce({ row, uri }: GateViewRow & { kind: 'rule' }): Promise<void> {
  const [missing] = row.missing;
  if (!missing) return;
  const known = new Set(await vscode.commands.getCommands(true));
  const scan = /\.onnx$/i.test(uri) ? modelScans[missing.field.split('.')[0]!] : undefined;
  const command = producers[missing.field] ?? scan;
  if (command !== undefined && known.has(command)) {
    await vscode.commands.executeCommand(command, { uri });
    return;
  }
  const model = vscode.Uri.parse(uri);
  if (/^(?:weighbridge|pip-audit) /.test(missing.command)) {
    const path = vscode.workspace.asRelativePath(model, false);
    typeInTerminal(missing.command.replaceAll(/\bMODEL\b(?!\.)/g, shellWord(path)), model);
    return;
  }
  const policy = vscode.l10n.t('Open Policy');
  const text = `${row.title}: ${row.messages[0] ?? missing.command}`;
  if ((await vscode.window.showInformationMessage(plainMessage(text), policy)) === policy)
    await openLine(row.policyUri, row.line);
}
