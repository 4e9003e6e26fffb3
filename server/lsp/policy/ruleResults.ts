import { InlayHintKind, type CodeLens, type InlayHint, type Range } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Json } from '../../formats/facts.ts';
import type { PolicyFileFacts, PolicyModule } from '../../policy/compiler/protocol.ts';
import type { PolicyReason } from '../../policy/outcome.ts';
import type { PolicyEngine } from '../../policy/policyEngine.ts';
import { printable } from '../../report/printable.ts';

/** What one rule came to. */
export interface RuleResult {
  /** 1-based: where its head stands. */
  line: number;
  kind: 'denies' | 'warns' | 'silent' | 'value';
  /** What it says, or its value as JSON. */
  said: string[];
}

/** What the rules of one file came to for one model. */
export interface FileResults {
  /** How the model is called. */
  model: string;
  deny: string[];
  warn: string[];
  rules: RuleResult[];
}

/** Rules that decide, and that a person may want to see the result of. */
const deciding = /^(?:deny|violation|warn)(?:_\w+)?$|^allow$/;

/** Longer results, in characters, are cut beside the rule; the tooltip has them whole. */
const longestLabel = 90;

/**
 * Evaluates the rules of one module on a document: its decisions as a gate does, and other rules for their values.
 * @param set the modules that belong together. @throws {PolicyError} and what evaluating throws.
 */
export async function evaluateFile(
  engine: PolicyEngine,
  set: readonly PolicyModule[],
  facts: PolicyFileFacts,
  input: Json,
  about: { model: string; data: Json | null },
): Promise<FileResults> {
  const { file, package: name } = facts;
  const decides = facts.rules.some((rule) => deciding.test(rule.name));
  const rules: RuleResult[] = [];
  let deny: PolicyReason[] = [];
  let warn: PolicyReason[] = [];
  if (decides) {
    const policies = await engine.compile(set, [name]);
    const outcome = await engine.evaluate(policies, input, { packages: new Set([name]), data: about.data });
    ({ deny, warn } = outcome);
    for (const { line } of facts.rules.filter((rule) => deciding.test(rule.name))) {
      const at = (reasons: readonly PolicyReason[]) =>
        reasons.filter((reason) => reason.file === file && reason.line === line).map(({ message }) => message);
      const denied = at(outcome.deny);
      const warned = at(outcome.warn);
      if (denied.length > 0) rules.push({ line, kind: 'denies', said: denied });
      else if (warned.length > 0) rules.push({ line, kind: 'warns', said: warned });
      else rules.push({ line, kind: 'silent', said: [] });
    }
  }
  const values = await valuesOf(engine, set, name, input, about.data);
  // Of a rule in several parts, the value stands beside the first.
  const told = new Set<string>();
  for (const { name: rule, line, test } of facts.rules) {
    if (test || deciding.test(rule) || told.has(rule) || !(rule in values)) continue;
    told.add(rule);
    rules.push({ line, kind: 'value', said: [JSON.stringify(values[rule])] });
  }
  const messages = (reasons: readonly PolicyReason[]) => reasons.map(({ message }) => message);
  return { model: about.model, deny: messages(deny), warn: messages(warn), rules };
}

async function valuesOf(
  engine: PolicyEngine,
  modules: readonly PolicyModule[],
  name: string,
  input: Json,
  data: Json | null,
): Promise<Record<string, Json>> {
  const query = `data${name
    .split('.')
    .map((part) => `[${JSON.stringify(part)}]`)
    .join('')}`;
  const { result } = await engine.ask({ operation: 'evaluate', modules, input, query, ...(data ? { data } : {}) });
  return result !== null && typeof result === 'object' && !Array.isArray(result) ? result : {};
}

/** The result beside each rule. */
export function resultHints(document: TextDocument, { model, rules }: FileResults, within: Range): InlayHint[] {
  return rules
    .filter(({ line }) => line - 1 >= within.start.line && line - 1 <= within.end.line && line <= document.lineCount)
    .map(({ line, kind, said }) => {
      const start = { line: line - 1, character: 0 };
      const text = document.getText({ start, end: { line, character: 0 } }).replace(/[\r\n]+$/, '');
      return {
        position: { line: line - 1, character: text.length },
        kind: InlayHintKind.Parameter,
        paddingLeft: true,
        label: labelOf(kind, said),
        tooltip: tooltipOf(kind, said, model),
      };
    });
}

function labelOf(kind: RuleResult['kind'], said: readonly string[]): string {
  const [first = ''] = said;
  const more = said.length > 1 ? ` (and ${said.length - 1} more)` : '';
  const cut = first.length > longestLabel ? `${first.slice(0, longestLabel)}...` : first;
  switch (kind) {
    case 'denies':
      return printable(`✗ denies: ${cut}${more}`);
    case 'warns':
      return printable(`! warns: ${cut}${more}`);
    case 'silent':
      return '✓ says nothing';
    case 'value':
      return printable(`= ${cut}`);
  }
}

function tooltipOf(kind: RuleResult['kind'], said: readonly string[], model: string): string {
  const rows = kind === 'silent' ? ['The rule does not fire.'] : said;
  return [`For ${model}:`, ...rows].map(printable).join('\n').slice(0, 4000);
}

/** Above each rule that decides: evaluate it against a model. */
export function ruleLenses(
  uri: string,
  facts: PolicyFileFacts,
  results: FileResults | null,
  command: string,
): CodeLens[] {
  return facts.rules
    .filter((rule) => deciding.test(rule.name))
    .map(({ line }) => {
      const at = { line: line - 1, character: 0 };
      const title = results === null ? 'Evaluate against model...' : `Evaluated against ${printable(results.model)}`;
      return { range: { start: at, end: at }, command: { title, command, arguments: [{ uri }] } };
    });
}
