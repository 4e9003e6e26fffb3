import { createHash } from 'node:crypto';
import type { Json } from '../formats/facts.ts';
import { canonicalJson } from '../signing/canonicalJson.ts';
import type { GateDecision, PolicySource } from './gate.ts';
import type { PolicyReason } from './outcome.ts';
import { fieldsOf, textOf } from './yamlDocument.ts';

/** What makes a decision one that can be checked: who was judged, by which policies, on which evidence. */
export interface DecisionContext {
  /** RFC 3339. */
  decidedAt: string;
  subject: string | null;
  model: { path: string; digest: string | null };
  /** SHA-256 over the policies, hexadecimal. */
  policySha256: string;
  /** SHA-256 over the evidence document in canonical form (RFC 8785), hexadecimal. */
  evidenceSha256: string;
}

export function contextOf(
  input: Json,
  sources: readonly PolicySource[],
  { now, subject, path }: { now: number; subject: string | null; path: string | null },
): DecisionContext {
  const model = fieldsOf(fieldsOf(input)['model']);
  return {
    decidedAt: new Date(now).toISOString(),
    subject,
    model: { path: path ?? textOf(model['path']) ?? '', digest: textOf(model['digest']) },
    policySha256: digestOfPolicies(sources),
    evidenceSha256: createHash('sha256').update(canonicalJson(input)).digest('hex'),
  };
}

function digestOfPolicies(sources: readonly PolicySource[]): string {
  const hash = createHash('sha256');
  for (const { modules, data } of sources) {
    for (const { file, text } of modules) hash.update(JSON.stringify([file, text]));
    if (data) hash.update(canonicalJson(data));
  }
  return hash.digest('hex');
}

/** What the audit log keeps of a decision. */
export function recordOf(decision: GateDecision, context: DecisionContext): Record<string, Json> {
  const short = ({ rule, message }: PolicyReason) => ({ rule, message });
  return {
    kind: 'gate',
    gate: decision.gate,
    decision: decision.decision,
    decidedAt: context.decidedAt,
    subject: context.subject,
    model: { ...context.model },
    policySha256: context.policySha256,
    evidenceSha256: context.evidenceSha256,
    reasons: decision.deny.map(short),
    excepted: decision.excepted.map(({ reason, exception }) => ({ ...short(reason), owner: exception.owner })),
    obligations: decision.decision === 'allow' ? decision.obligations.map((each) => ({ ...each })) : [],
  };
}
