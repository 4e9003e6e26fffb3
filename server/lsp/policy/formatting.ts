import { CodeActionKind, type CodeAction, type CodeActionParams, type TextEdit } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { PolicyEngine } from '../../policy/policyEngine.ts';
import { titles } from '../actionTitles.ts';
import { codeV0 } from './check.ts';

/**
 * Lays a policy out as OPA does, in the version that it is written in.
 * @returns nothing for a text that does not parse: its errors are told already.
 */
export function formatPolicy(engine: PolicyEngine, document: TextDocument, signal?: AbortSignal): Promise<TextEdit[]> {
  return laidOut(engine, 'format', document, signal);
}

/** For what is written in Rego v0: the same in v1. */
export async function policyActions(
  engine: PolicyEngine,
  document: TextDocument,
  { context, range }: CodeActionParams,
): Promise<CodeAction[]> {
  if (context.only && !context.only.some((kind) => kind === '' || kind === CodeActionKind.QuickFix)) return [];
  const here = context.diagnostics.filter(
    ({ code, range: at }) => code === codeV0 && at.start.line <= range.end.line && range.start.line <= at.end.line,
  );
  if (here.length === 0) return [];
  const edits = await laidOut(engine, 'rewrite', document);
  if (edits.length === 0) return [];
  return [
    {
      title: titles.rewriteV0,
      kind: CodeActionKind.QuickFix,
      isPreferred: true,
      diagnostics: here,
      edit: { changes: { [document.uri]: edits } },
    },
  ];
}

async function laidOut(
  engine: PolicyEngine,
  operation: 'format' | 'rewrite',
  document: TextDocument,
  signal?: AbortSignal,
): Promise<TextEdit[]> {
  const before = document.getText();
  const modules = [{ file: 'policy.rego', text: before }];
  const { text } = await engine.ask({ operation, modules }, signal);
  if (text === undefined || text === before) return [];
  return [difference(document, before, text)];
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
