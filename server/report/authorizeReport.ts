import type { AuditHead } from '../policy/auditLog.ts';
import type { JobEvidence } from '../policy/authorization.ts';
import type { PolicyOutcome, PolicyReason } from '../policy/outcome.ts';
import type { Colours } from './colour.ts';
import { jsonText, tool } from './json.ts';
import { junitReport } from './junit.ts';
import { markdownCell } from './markdownCell.ts';
import { policySarif } from './policySarif.ts';
import { printable } from './printable.ts';

/** Whether somebody may submit a job, and what was written down of it. */
export interface AuthorizedJob {
  subject: { id: string; roles: string[] };
  job: JobEvidence;
  /** Of the submission, relative to the working directory, with `/`. */
  path: string;
  outcome: PolicyOutcome;
  /** RFC 3339. */
  decidedAt: string;
  /** The end of the audit log; null where none is kept. */
  audit: AuditHead | null;
}

const decisionOf = ({ allow }: PolicyOutcome): 'allow' | 'deny' => (allow ? 'allow' : 'deny');

export function authorizeJson({ subject, job, outcome, decidedAt, audit }: AuthorizedJob): string {
  const reasons = outcome.deny.map(({ rule, message, file: policy, line }) => ({ rule, message, policy, line }));
  return jsonText({ schemaVersion: 1, tool, decision: decisionOf(outcome), subject, job, reasons, decidedAt, audit });
}

export function authorizeText({ subject, path, outcome }: AuthorizedJob, colours: Colours): string {
  const verdict = colours.severity(outcome.allow ? 'info' : 'error', decisionOf(outcome));
  const lines = outcome.deny.map(({ message, rule }) => `  ${printable(message)}  ${colours.faint(`[${rule}]`)}`);
  return [`${printable(subject.id)}, ${printable(path)}: ${verdict}`, ...lines, ''].join('\n');
}

export function authorizeJUnit({ outcome }: AuthorizedJob): string {
  const failed = ({ rule, message }: PolicyReason) => ({
    className: 'authorize',
    name: rule,
    failure: { message, text: message },
  });
  const passed = [{ className: 'authorize', name: 'the subject may submit the job' }];
  return junitReport('weighbridge authorize', outcome.allow ? passed : outcome.deny.map(failed));
}

/** Each reason at the submission, with the line of the policy as the related place. */
export function authorizeSarif({ subject, path, outcome }: AuthorizedJob): string {
  const titles = new Map(outcome.deny.map(({ rule, title }) => [rule, title ?? rule]));
  return policySarif(
    [...titles].map(([id, title]) => ({ id, title })).sort((a, b) => (a.id < b.id ? -1 : 1)),
    outcome.deny.map(({ rule, severity, message, file, line }) => ({
      rule,
      level: severity,
      message: `${subject.id}: ${message}`,
      path,
      place: null,
      related: [{ message: 'The rule of the policy.', path: file, line }],
    })),
  );
}

export function authorizeMarkdown({ subject, path, outcome }: AuthorizedJob): string {
  const roles = subject.roles.length > 0 ? subject.roles.join(', ') : 'no role';
  return [
    `## ${markdownCell(subject.id)} ${outcome.allow ? 'may' : 'may not'} submit ${markdownCell(path)}`,
    '',
    `Roles: ${markdownCell(roles)}.`,
    ...(outcome.allow
      ? []
      : [
          '',
          '| reason | rule | policy |',
          '| --- | --- | --- |',
          ...outcome.deny.map(
            ({ message, rule, file, line }) =>
              `| ${markdownCell(message)} | ${markdownCell(rule)} | ${markdownCell(file)}:${line} |`,
          ),
        ]),
    '',
  ].join('\n');
}
