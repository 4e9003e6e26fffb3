import type { Json } from '../formats/facts.ts';
import type { PolicyAnnotations, PolicyDecision, PolicyDecisionRule } from './compiler/protocol.ts';

/** One thing that a policy says, and the rule that said it. */
export interface PolicyReason {
  /** `package/name` of the document, such as `mlsecops.deployment/deny`. */
  decision: string;
  package: string;
  /** The rule's id: of its annotations, of the message object, or the name behind `deny_`; else the name. */
  rule: string;
  message: string;
  file: string;
  line: number;
  endLine: number;
  title: string | null;
  severity: 'error' | 'warning';
  annotations: PolicyAnnotations | null;
  /** What a message object says beside its message. */
  details: Record<string, Json>;
}

/** What a set of policies says of a document. */
export interface PolicyOutcome {
  /** True when nothing denies. */
  allow: boolean;
  deny: PolicyReason[];
  warn: PolicyReason[];
  /** Denials that an `exception` rule of the policies takes back (conftest's convention). */
  excepted: PolicyReason[];
  /** What has to follow, as the policies wrote it. */
  obligations: Json[];
}

/**
 * Reads the values of decisions by conftest's conventions. What a decision says is fail-closed: a value of an unexpected
 * kind denies, and so does an `allow` that is not true.
 */
export function outcomeOf(decisions: readonly PolicyDecision[], values: Record<string, Json>): PolicyOutcome {
  const outcome: PolicyOutcome = { allow: true, deny: [], warn: [], excepted: [], obligations: [] };
  for (const decision of decisions) {
    const value = values[decision.key];
    if (decision.name === 'exception') continue;
    if (decision.name === 'obligations') {
      if (value !== undefined) outcome.obligations.push(...listOf(value));
    } else if (decision.name === 'allow') {
      if (value !== true) outcome.deny.push(refusal(decision, value));
    } else {
      const isWarning = decision.name === 'warn' || decision.name.startsWith('warn_');
      const reasons = value === undefined ? [] : reasonsOf(decision, value, values);
      const exempt = !isWarning && isExempt(decision, decisions, values);
      (isWarning ? outcome.warn : exempt ? outcome.excepted : outcome.deny).push(...reasons);
    }
  }
  // The set that a compiled policy hands back has no order.
  for (const list of [outcome.deny, outcome.warn, outcome.excepted]) list.sort(byPlace);
  outcome.obligations.sort((a, b) => byText(JSON.stringify(a), JSON.stringify(b)));
  outcome.allow = outcome.deny.length === 0;
  return outcome;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byPlace = (a: PolicyReason, b: PolicyReason): number =>
  byText(a.file, b.file) || a.line - b.line || byText(a.message, b.message);

function refusal(decision: PolicyDecision, value: Json | undefined): PolicyReason {
  const message = `${decision.package}.allow is ${value === undefined ? 'undefined' : JSON.stringify(value)}, and not true`;
  return reason(decision, decision.rules[0], message, {});
}

function reasonsOf(decision: PolicyDecision, value: Json, values: Record<string, Json>): PolicyReason[] {
  return listOf(value).map((said) => {
    const from = decision.rules.find((rule) => {
      const own = values[rule.key];
      return own !== undefined && listOf(own).some((each) => isSame(each, said));
    });
    if (typeof said === 'string') return reason(decision, from, said, {});
    if (said !== null && typeof said === 'object' && !Array.isArray(said)) {
      const { msg, message, ...details } = said;
      const text = typeof msg === 'string' ? msg : typeof message === 'string' ? message : JSON.stringify(said);
      return reason(decision, from, text, details);
    }
    return reason(decision, from, said === true ? titleOf(decision, from) : JSON.stringify(said), {});
  });
}

/** What a decision document holds: `false` and nothing say nothing. */
function listOf(value: Json): Json[] {
  if (value === false || value === null) return [];
  if (Array.isArray(value)) return value;
  return [value];
}

const isSame = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);

function titleOf(decision: PolicyDecision, rule: PolicyDecisionRule | undefined): string {
  return rule?.annotations?.title ?? `${decision.package}.${decision.name} is true`;
}

function reason(
  decision: PolicyDecision,
  rule: PolicyDecisionRule | undefined,
  message: string,
  details: Record<string, Json>,
): PolicyReason {
  const at = rule ?? decision.rules[0];
  const custom = rule?.annotations?.custom ?? {};
  const named = [details['id'], custom['id'], custom['short_name']].find((each) => typeof each === 'string');
  const suffix = /^(?:deny|violation|warn)_(.+)$/.exec(decision.name)?.[1];
  return {
    decision: decision.key,
    package: decision.package,
    rule: named ?? suffix ?? decision.name,
    message,
    file: at?.file ?? '',
    line: at?.line ?? 1,
    endLine: at?.endLine ?? 1,
    title: rule?.annotations?.title ?? null,
    severity: decision.name.startsWith('warn') ? 'warning' : 'error',
    annotations: rule?.annotations ?? null,
    details,
  };
}

/**
 * conftest's exceptions: `exception contains rules if { ...; rules := ["name"] }` takes back `deny_name` and
 * `violation_name`; an empty name stands for plain `deny` and `violation`.
 */
function isExempt(
  decision: PolicyDecision,
  decisions: readonly PolicyDecision[],
  values: Record<string, Json>,
): boolean {
  const exception = decisions.find((each) => each.name === 'exception' && each.package === decision.package);
  const lists = exception ? values[exception.key] : undefined;
  if (!Array.isArray(lists)) return false;
  const name = decision.name.replace(/^(?:deny|violation)_?/, '');
  return lists.some((list) => Array.isArray(list) && list.includes(name));
}
