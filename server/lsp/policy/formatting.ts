import { CodeActionKind, type CodeAction, type CodeActionParams, type TextEdit } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { PolicyEngine } from '../../policy/policyEngine.ts';
import { titles } from '../actionTitles.ts';
import { codeV0 } from './check.ts';

/**
 * Lays a policy out as OPA does, in the version that it is written in.
 * @returns nothing for a text that does not parse: its errors are told already.
 */
export async function formatPolicy(
  engine: PolicyEngine,
  document: TextDocument,
  signal?: AbortSignal,
): Promise<TextEdit[]> {
  const before = document.getText();
  const { text } = await engine.ask({ operation: 'format', modules: [{ file: 'policy.rego', text: before }] }, signal);
  return text === undefined || text === before ? [] : [difference(document, before, text)];
}

/** For what is written in Rego v0: the same in v1. Clients need not send the warning along. */
export async function policyActions(
  engine: PolicyEngine,
  document: TextDocument,
  { context, range }: CodeActionParams,
): Promise<CodeAction[]> {
  if (context.only && !context.only.some((kind) => kind === '' || kind === CodeActionKind.QuickFix)) return [];
  const before = document.getText();
  const { text, diagnostics } = await engine.ask({
    operation: 'rewrite',
    modules: [{ file: 'policy.rego', text: before }],
  });
  const warning = diagnostics.find(({ code }) => code === codeV0);
  if (!warning || text === undefined || text === before) return [];
  if (warning.line - 1 > range.end.line || warning.endLine - 1 < range.start.line) return [];
  return [
    {
      title: titles.rewriteV0,
      kind: CodeActionKind.QuickFix,
      isPreferred: true,
      diagnostics: context.diagnostics.filter(({ code }) => code === codeV0),
      edit: { changes: { [document.uri]: [difference(document, before, text)] } },
    },
  ];
}

/** What differs, in whole lines: the rest of the text, and what stands in its margin, stays where it is. */
function difference(document: TextDocument, before: string, after: string): TextEdit {
  const old = before.split(/(?<=\n)/);
  const now = after.split(/(?<=\n)/);
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same++;
  let end = 0;
  while (end < old.length - same && end < now.length - same && old.at(-1 - end) === now.at(-1 - end)) end++;
  const start = old.slice(0, same).join('').length;
  const stop = before.length - old.slice(old.length - end).join('').length;
  return {
    range: { start: document.positionAt(start), end: document.positionAt(stop) },
    newText: now.slice(same, now.length - end).join(''),
  };
}
