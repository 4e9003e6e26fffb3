import type { Json } from '../formats/facts.ts';
import type { AuditHead } from '../policy/auditLog.ts';
import type { DecisionContext } from '../policy/decisionRecord.ts';
import type { GateDecision, GateRule } from '../policy/gate.ts';
import type { PolicyReason } from '../policy/outcome.ts';
import type { Colours } from './colour.ts';
import { jsonText, tool } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownCell } from './markdownCell.ts';
import { policySarif } from './policySarif.ts';
import { count, printable } from './printable.ts';

/** A decision, and what was written down of it. */
export interface DecidedGate {
  decision: GateDecision;
  context: DecisionContext;
  /** The end of the audit log; null where none is kept. */
  audit: ({ log: string } & AuditHead) | null;
  /** Only where an explanation was asked for. */
  evidence: Json | null;
}

const reasonJson = ({ rule, message, file, line }: PolicyReason) => ({ rule, message, policy: file, line });

export function gateJson({ decision, context, audit, evidence }: DecidedGate): string {
  return jsonText({
    schemaVersion: 1,
    tool,
    gate: decision.gate,
    decision: decision.decision,
    reasons: decision.deny.map(reasonJson),
    missingEvidence: decision.missingEvidence,
    warnings: decision.warn.map(reasonJson),
    excepted: decision.excepted.map(({ reason, exception }) => ({ ...reasonJson(reason), exception })),
    expiredExceptions: decision.expired,
    obligations: decision.decision === 'allow' ? decision.obligations : [],
    model: context.model,
    subject: context.subject,
    decidedAt: context.decidedAt,
    policySha256: context.policySha256,
    evidenceSha256: context.evidenceSha256,
    audit,
    rules: decision.rules,
    ...(evidence === null ? {} : { evidence }),
  });
}

const marks: Record<GateRule['state'], string> = {
  met: 'met',
  'not-met': 'not met',
  'no-evidence': 'no evidence',
  excepted: 'excepted',
  warned: 'warning',
};

export function gateText({ decision, context, audit, evidence }: DecidedGate, colours: Colours): string {
  const denied = decision.decision === 'deny';
  const verdict = colours.severity(denied ? 'error' : 'info', decision.decision);
  const lines = [
    `${decision.gate}: ${verdict}  ${printable(context.model.path)}  ${context.model.digest ?? ''}`.trimEnd(),
  ];
  const place = ({ file, line, rule }: PolicyReason) =>
    colours.faint(`[${printable(rule)}] ${printable(file)}:${line}`);
  for (const each of decision.deny) {
    lines.push(`  ${colours.severity('error', 'denied ')}  ${printable(each.message)}  ${place(each)}`);
  }
  for (const each of decision.warn) {
    lines.push(`  ${colours.severity('warning', 'warning')}  ${printable(each.message)}  ${place(each)}`);
  }
  for (const { reason, exception } of decision.excepted) {
    const until = `${printable(exception.owner)} until ${printable(exception.expires)}: ${printable(exception.reason)}`;
    lines.push(`  excepted  ${printable(reason.message)}  (${until})`);
  }
  if (!denied)
    for (const { text, due } of decision.obligations) lines.push(`  owed      ${printable(text)}, by ${due}`);
  if (evidence !== null) lines.push(...explanation(decision, evidence));
  if (audit)
    lines.push(colours.faint(`  recorded as entry ${audit.sequence} of ${printable(audit.log)}, head ${audit.hash}`));
  return `${lines.join('\n')}\n`;
}

function explanation({ rules }: GateDecision, evidence: Json): string[] {
  const width = Math.max(0, ...rules.map(({ state }) => marks[state].length));
  return [
    '',
    'Rules:',
    ...rules.map(({ id, title, policy, line, state }) =>
      `  ${marks[state].padEnd(width)}  ${printable(id)}  ${printable(title ?? '')}  ${printable(policy)}:${line}`.trimEnd(),
    ),
    '',
    'Evidence:',
    ...JSON.stringify(evidence, null, 2)
      .split('\n')
      .map((line) => `  ${printable(line)}`),
    '',
  ];
}

export function gateMarkdown({ decision, context }: DecidedGate): string {
  const reasons = [
    ...decision.deny.map((each) => ['denied', each] as const),
    ...decision.warn.map((each) => ['warning', each] as const),
    ...decision.excepted.map(({ reason }) => ['excepted', reason] as const),
  ];
  const met = decision.rules.filter(({ state }) => state === 'met').length;
  return [
    `## ${markdownCell(decision.gate)}: ${decision.decision}`,
    '',
    `\`${markdownCell(context.model.path)}\` ${context.model.digest ?? ''}`.trimEnd(),
    '',
    ...(reasons.length === 0
      ? [`All ${count(decision.rules.length, 'rule')} are met.`]
      : [
          '| | reason | rule | policy |',
          '| --- | --- | --- | --- |',
          ...reasons.map(
            ([kind, { message, rule, file, line }]) =>
              `| ${kind} | ${markdownCell(message)} | ${markdownCell(rule)} | ${markdownCell(file)}:${line} |`,
          ),
          '',
          `${met} of ${count(decision.rules.length, 'rule')} met.`,
        ]),
    ...(decision.decision === 'allow' && decision.obligations.length > 0
      ? ['', ...decision.obligations.map(({ text, due }) => `- Owed: ${markdownCell(text)}, by ${due}`)]
      : []),
    '',
  ].join('\n');
}

/** One case a rule: what CI shows as tests. */
export function gateJUnit({ decision }: DecidedGate): string {
  return junitReport(
    `weighbridge gate ${decision.gate}`,
    decision.rules.map(({ id, title, policy, line, state }) => {
      const said = decision.deny.filter((each) => each.file === policy && each.line === line);
      const text = said.map(({ message }) => message).join('\n');
      return {
        className: decision.gate,
        name: title === null ? id : `${id}: ${title}`,
        ...(state === 'not-met' || state === 'no-evidence'
          ? { failure: { message: said[0]?.message ?? state, text: `${text}\n${policy}:${line}` } }
          : {}),
      };
    }),
  );
}

/** Each denial at the model, with the line of the policy as the related place. */
export function gateSarif({ decision, context }: DecidedGate): string {
  const titles = new Map([...decision.deny, ...decision.warn].map(({ rule, title }) => [rule, title ?? rule]));
  const path = context.model.path === '' ? decision.gate : context.model.path;
  return policySarif(
    [...titles].map(([id, title]) => ({ id, title })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    [...decision.deny, ...decision.warn].map(({ rule, severity, message, file, line }) => ({
      rule,
      level: severity,
      message: `${decision.gate}: ${message}`,
      path,
      place: null,
      related: [{ message: 'The rule of the policy.', path: file, line }],
    })),
  );
}
