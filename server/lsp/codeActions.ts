import {
  CodeActionKind,
  type CodeAction,
  type CodeActionParams,
  type Diagnostic,
  type Range,
  type TextEdit as LspTextEdit,
} from 'vscode-languageserver/node';
import { basename } from 'node:path';
import { recordName } from '../datasets/record/record.ts';
import { markOf } from './findingMark.ts';
import { answerMark, type Finding, type RuleSetting, type TextEdit } from '../rules/finding.ts';
import { textLanguage } from '../formats/text/parse.ts';
import { remarkFor } from '../rules/suppress.ts';
import { titles } from './actionTitles.ts';
import { aibomActions } from './aibom/aibomActions.ts';
import { uriOfPath } from './address.ts';
import { severityEdit } from './configurationChange.ts';
import { diagnosticSource, rangeOf } from './diagnostics.ts';
import type { Folder } from './folder.ts';
import type { ServerContext } from './context.ts';
import { commands, type PinArguments } from './protocol.ts';
import { artifactOf } from './usages.ts';

export const fixAllKind = `${CodeActionKind.SourceFixAll}.weighbridge`;

/** What a finding gets its actions from. */
interface Place {
  /** Of the text that is shown: a file, or a cell of a notebook. */
  uri: string;
  /** Of the file that it stands in. */
  file: string;
  folder: Folder;
  context: ServerContext;
}

/**
 * Quick fixes for the findings at a place. Works for every address, open or not, so that a client can ask for a binary
 * file, too.
 */
export async function codeActions(params: CodeActionParams, context: ServerContext): Promise<CodeAction[]> {
  const { uri } = params.textDocument;
  const { session } = context;
  const found = await context.documents.findingsAt(uri);
  if (!found) return [];
  const { path, folder, findings: all } = found;
  const place = { uri, file: uriOfPath(path), folder, context };
  const only = params.context.only;
  if (only?.some((kind) => within(fixAllKind, kind))) return session.trusted ? fixAll(place, all) : [];
  if (only && !only.some((kind) => within(CodeActionKind.QuickFix, kind))) return [];

  // A binary file has no places to stand on: all of its findings are here.
  const here = all.filter((finding) => finding.location.line === null || overlap(rangeOf(finding), params.range));
  const actions: CodeAction[] = [];
  for (const finding of here) {
    for (const action of actionsFor(finding, place)) {
      actions.push({ ...action, diagnostics: diagnosticsOf(finding, params.context.diagnostics) });
    }
  }
  if (session.trusted) actions.push(...fixAllOfRules(place, here, all));
  const convertible = here.some((finding) => finding.fixes.includes('convert-to-safetensors'));
  if (session.trusted && convertible) {
    actions.push({
      title: titles.convertAll,
      kind: CodeActionKind.QuickFix,
      command: { title: titles.convertAll, command: commands.convertAll, arguments: [] },
    });
  }
  return unique([...actions, ...(await aibomActions(params, context))]);
}

/** In the order in which a person would try them: cure, then accept, then turn down, then read. */
function actionsFor(finding: Finding, place: Place): CodeAction[] {
  if (!place.context.session.trusted) return [showRule(finding)];
  return [
    ...conversions(finding, place),
    ...edits(finding, place),
    ...asked(finding, place),
    ...signatures(finding, place),
    ...datasets(finding, place),
    ...aiboms(finding, place),
    ...records(finding, place),
    accept(finding, place),
    ...remark(finding, place),
    ...severities(finding, place),
    showRule(finding),
  ];
}

function conversions(finding: Finding, { uri, file, folder, context: { session } }: Place): CodeAction[] {
  const artifact = artifactOf(finding, folder);
  const target = artifact === undefined ? file : folder.uri(artifact);
  const actions: CodeAction[] = [];
  if (finding.fixes.includes('convert-and-use') && session.appliesEdits) {
    const use = { uri, fingerprint: markOf(finding) };
    actions.push({ ...quickFix(titles.convertAndUse, commands.convertAndUse, use), isPreferred: true });
  }
  if (finding.fixes.includes('convert-to-safetensors')) {
    actions.push({
      ...quickFix(titles.convert, commands.convert, { uri: target }),
      isPreferred: artifact === undefined,
    });
  }
  if (finding.fixes.includes('convert-tensors-only')) {
    const reason = folder.scanner.results().get(artifact ?? finding.path)?.artifact?.conversion?.reason;
    const title = titles.convertTensorsOnly(reason ?? 'leaves everything else behind');
    actions.push(quickFix(title, commands.convert, { uri: target, tensorsOnly: true }));
  }
  return actions;
}

/** Edits that need nothing but the edit. `convert-and-use` has an edit, too, but it must wait for the conversion. */
function edits(finding: Finding, { uri }: Place): CodeAction[] {
  const plain = (finding.edits ?? []).filter((edit) => edit.fix !== 'convert-and-use');
  return plain.map((edit) => ({
    title: edit.title,
    kind: CodeActionKind.QuickFix,
    isPreferred: edit.kind === 'fix',
    edit: { changes: { [uri]: edit.changes.map(toLspEdit) } },
  }));
}

/** Changes for which a person says which commit or digest: only an editor's own client can ask. */
function asked(finding: Finding, { uri, context: { session } }: Place): CodeAction[] {
  if (!session.hasCommand('weighbridge.pin')) return [];
  return (finding.asked ?? []).map(({ title, wanted, of, changes }) => {
    const argument: PinArguments = { uri, wanted, of, changes: changes.map(toLspEdit), mark: answerMark };
    return quickFix(title, 'weighbridge.pin', argument);
  });
}

/** What can be done about a signature. Signing asks for a key or a sign-in, which only an editor's own client can. */
function signatures(finding: Finding, { folder, context: { session } }: Place): CodeAction[] {
  const of = { uri: folder.uri(finding.path === '.' ? '' : finding.path) };
  const actions: CodeAction[] = [];
  if (finding.ruleId.startsWith('signing/') && session.hasCommand('weighbridge.showSignature')) {
    actions.push(quickFix(titles.showSignature, 'weighbridge.showSignature', of));
  }
  if (finding.fixes.includes('verify-again')) {
    actions.push(quickFix(titles.verifyAgain, commands.verifyModel, of));
  }
  if (finding.fixes.includes('sign-model') && session.hasCommand('weighbridge.signModel')) {
    actions.push(quickFix(titles.signModel, 'weighbridge.signModel', of));
  }
  return actions;
}

/** What can be done about data. Registering asks for what no file says, where the client can ask. */
function datasets(finding: Finding, { folder, context: { session } }: Place): CodeAction[] {
  const { data } = finding.evidence;
  if (typeof data !== 'string') return [];
  const uri = folder.uri(data);
  const register = session.hasCommand('weighbridge.registerDataset')
    ? 'weighbridge.registerDataset'
    : commands.registerDataset;
  const actions: CodeAction[] = [];
  if (finding.fixes.includes('import-record')) {
    const from = finding.ruleId === 'dataset/unregistered' ? finding.related?.[0]?.path : finding.path;
    if (from !== undefined) {
      actions.push(quickFix(titles.importRecord(basename(from)), register, { uri, from: folder.uri(from) }));
    }
  }
  if (finding.fixes.includes('register-dataset')) {
    const isRecord = basename(finding.path) === recordName;
    const title = isRecord ? titles.updateRecord : titles.registerDataset;
    actions.push(quickFix(title, register, { uri, ...(isRecord && { update: true }) }));
  }
  if (finding.fixes.includes('add-known-clean')) {
    actions.push(quickFix(titles.addKnownClean, commands.addKnownClean, { uri }));
  }
  return actions;
}

function aiboms(finding: Finding, { folder }: Place): CodeAction[] {
  if (!finding.fixes.includes('generate-aibom')) return [];
  const uri = folder.uri(finding.path === '.' ? '' : finding.path);
  return [{ ...quickFix(titles.generateAibom, commands.generateAibom, { uri }), isPreferred: true }];
}

/** What can be done about a record of data. A mark needs a reason, for which only an editor's own client can ask. */
function records(finding: Finding, { uri, context: { session } }: Place): CodeAction[] {
  const actions: CodeAction[] = [];
  const { field } = finding.location;
  const line = finding.evidence['recordLine'];
  if (finding.fixes.includes('redact-column') && field !== undefined) {
    const command = session.hasCommand('weighbridge.redactColumn') ? 'weighbridge.redactColumn' : commands.redactColumn;
    actions.push({ ...quickFix(titles.redact(field), command, { uri, field }), isPreferred: true });
  }
  if (typeof line === 'number' && session.hasCommand('weighbridge.markRecord')) {
    for (const mark of ['clean', 'poisoned'] as const) {
      const title = mark === 'clean' ? titles.markClean : titles.markPoisoned;
      actions.push(quickFix(title, 'weighbridge.markRecord', { uri, lines: [line], mark }));
    }
  }
  return actions;
}

function accept(finding: Finding, { uri, context: { session } }: Place): CodeAction {
  const command = session.hasCommand('weighbridge.acceptFinding')
    ? 'weighbridge.acceptFinding'
    : commands.addToBaseline;
  return quickFix(titles.accept(finding.ruleId), command, { uri, fingerprint: markOf(finding) });
}

/** Texts in which a line may be a remark. */
const remarked: ReadonlySet<string | null> = new Set([
  'yaml',
  'toml',
  'properties',
  'textproto',
  'python',
  'shell',
  'dockerfile',
  'nginx',
  'requirements',
]);

/** A remark above the line, whose reason a person has yet to write: until then it accepts nothing. */
function remark({ ruleId, location }: Finding, { uri, context }: Place): CodeAction[] {
  const open = context.documents.at(uri);
  if (!open || location.line === null) return [];
  const { path, document } = open;
  // A line of a notebook's file is one of JSON; a line of its cells is one of Python.
  if (!remarked.has(textLanguage(path)) && !context.notebooks.isOpen(path)) return [];
  const line = location.line - 1;
  const written = document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
  const blank = /^[ \t]*/.exec(written)?.[0] ?? '';
  const start = { line, character: 0 };
  const edit = { range: { start, end: start }, newText: `${blank}${remarkFor(ruleId)}\n` };
  return [{ title: titles.addRemark(ruleId), kind: CodeActionKind.QuickFix, edit: { changes: { [uri]: [edit] } } }];
}

function severities(finding: Finding, { file, folder, context }: Place): CodeAction[] {
  const { session } = context;
  if (session.hasCommand('weighbridge.changeSeverity')) {
    const change = { uri: file, ruleId: finding.ruleId };
    return [quickFix(titles.changeSeverity(finding.ruleId), 'weighbridge.changeSeverity', change)];
  }
  const settings: RuleSetting[] = ['error', 'warning', 'info', 'off'];
  const actions: CodeAction[] = [];
  for (const setting of settings.filter((setting) => setting !== finding.severity)) {
    const title = titles.setSeverity(finding.ruleId, setting);
    const edit = severityEdit(context, folder, finding.ruleId, setting);
    if (edit) actions.push({ title, kind: CodeActionKind.QuickFix, edit });
    else actions.push(quickFix(title, commands.setSeverity, { uri: file, ruleId: finding.ruleId, setting }));
  }
  return actions;
}

function showRule(finding: Finding): CodeAction {
  return quickFix(titles.showRule(finding.ruleId), commands.showRule, { ruleId: finding.ruleId });
}

/** For each rule that speaks here and elsewhere in the file: the same fix wherever it is offered. */
function fixAllOfRules({ uri }: Place, here: readonly Finding[], all: readonly Finding[]): CodeAction[] {
  return [...new Set(here.map(({ ruleId }) => ruleId))].flatMap((ruleId) => {
    const fix = here.find((finding) => finding.ruleId === ruleId)?.edits?.[0]?.fix;
    if (fix === undefined || fix === 'convert-and-use') return [];
    const same = all
      .filter((finding) => finding.ruleId === ruleId)
      .flatMap((finding) => finding.edits?.find((edit) => edit.fix === fix) ?? []);
    if (same.length < 2) return [];
    const title = titles.fixAllOf(ruleId, same.length);
    return [{ title, kind: CodeActionKind.QuickFix, edit: { changes: { [uri]: together(same).map(toLspEdit) } } }];
  });
}

/** The changes of all of them, the first one wherever two touch the same text. */
function together(edits: readonly { changes: TextEdit[] }[]): TextEdit[] {
  const chosen: TextEdit[] = [];
  for (const { changes } of edits) {
    const clashes = changes.some((change) => chosen.some((other) => touches(change, other)));
    if (!clashes) chosen.push(...changes);
  }
  return chosen;
}

/** All edits that may be applied unasked. */
function fixAll({ uri }: Place, findings: Finding[]): CodeAction[] {
  const chosen = together(findings.flatMap(({ edits: own }) => own ?? []).filter(({ kind }) => kind === 'fix'));
  if (chosen.length === 0) return [];
  return [{ title: titles.fixAll, kind: fixAllKind, edit: { changes: { [uri]: chosen.map(toLspEdit) } } }];
}

function quickFix(title: string, command: string, argument: unknown): CodeAction {
  return { title, kind: CodeActionKind.QuickFix, command: { title, command, arguments: [argument] } };
}

export function toLspEdit(edit: TextEdit): LspTextEdit {
  return {
    range: {
      start: { line: edit.line - 1, character: edit.column - 1 },
      end: { line: edit.endLine - 1, character: edit.endColumn - 1 },
    },
    newText: edit.newText,
  };
}

function diagnosticsOf(finding: Finding, given: Diagnostic[]): Diagnostic[] {
  const mark = markOf(finding);
  return given.filter(({ source, data }) => source === diagnosticSource && data === mark);
}

function unique(actions: CodeAction[]): CodeAction[] {
  const seen = new Set<string>();
  return actions.filter(({ title, command, edit }) => {
    const key = JSON.stringify([title, command?.arguments, edit]);
    return !seen.has(key) && seen.add(key);
  });
}

/** LSP kinds are hierarchical: `source` asks for `source.fixAll.weighbridge`, too. */
function within(kind: string, asked: string): boolean {
  return asked === '' || kind === asked || kind.startsWith(`${asked}.`);
}

function overlap(a: Range, b: Range): boolean {
  return !isBefore(a.end, b.start) && !isBefore(b.end, a.start);
}

function isBefore(a: Range['start'], b: Range['start']): boolean {
  return a.line < b.line || (a.line === b.line && a.character < b.character);
}

function touches(a: TextEdit, b: TextEdit): boolean {
  const before = (x: TextEdit, y: TextEdit) => x.endLine < y.line || (x.endLine === y.line && x.endColumn <= y.column);
  const same = a.line === b.line && a.column === b.column;
  return same || (!before(a, b) && !before(b, a));
}
