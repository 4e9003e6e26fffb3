import type {
  CodeAction,
  CodeActionParams,
  CodeLens,
  CompletionItem,
  CompletionParams,
  Hover,
  HoverParams,
} from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { pathOfUri } from '../address.ts';
import type { ServerContext } from '../context.ts';
import { isPolicy } from '../openDocuments.ts';
import { policyActions } from './formatting.ts';
import { inputCompletions, inputHover } from './inputHelp.ts';
import { policyCommands } from './protocol.ts';
import { ruleLenses } from './ruleResults.ts';

/** A policy that is open in the editor. */
export interface OpenPolicy {
  /** Absolute. */
  path: string;
  document: TextDocument;
}

export function openPolicy({ documents }: ServerContext, uri: string): OpenPolicy | null {
  const path = pathOfUri(uri);
  const document = path !== null && isPolicy(path) ? documents.get(path) : undefined;
  return path !== null && document ? { path, document } : null;
}

export async function policyHover(
  { textDocument, position }: HoverParams,
  context: ServerContext,
): Promise<Hover | null> {
  const policy = openPolicy(context, textDocument.uri);
  if (!policy) return null;
  const model = await context.policies.shownModel(policy.path);
  return inputHover(policy.document, position, model, context.session.showsMarkdown);
}

/** @returns null for what is no policy. */
export async function policyCompletion(
  { textDocument, position }: CompletionParams,
  context: ServerContext,
): Promise<CompletionItem[] | null> {
  const policy = openPolicy(context, textDocument.uri);
  if (!policy) return null;
  const model = await context.policies.shownModel(policy.path);
  return inputCompletions(policy.document, position, model, context.session.showsMarkdown);
}

export async function policyFixes(params: CodeActionParams, context: ServerContext): Promise<CodeAction[]> {
  const policy = openPolicy(context, params.textDocument.uri);
  return policy ? policyActions(context.policies.typing, policy.document, params) : [];
}

/** Above each rule that decides: evaluate it. Tests stand in the Testing view, and nothing is offered that trust would have to allow. */
export async function policyLenses(uri: string, context: ServerContext): Promise<CodeLens[]> {
  const { session, policies } = context;
  const policy = openPolicy(context, uri);
  if (!policy || !session.trusted || policy.path.endsWith('_test.rego')) return [];
  const facts = await policies.factsOf(policy.path);
  if (!facts) return [];
  const isOffered = session.hasCommand('weighbridge.evaluatePolicy');
  const command = isOffered ? 'weighbridge.evaluatePolicy' : policyCommands.evaluatePolicy;
  return ruleLenses(uri, facts, await policies.resultsFor(policy.path), command);
}
