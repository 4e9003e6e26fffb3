import { posix } from 'node:path';
import type { Finding, Severity } from './finding.ts';
import type { Report, RuleMeta } from './rule.ts';

/** Findings of one rule and severity that are listed of one file; the others are counted. No person reads that many, and no report should have to hold them. */
export const mostListed = 1_000;

/** What a rule tells is put among the findings, with the rule's id and the file's path. */
export function reporter(meta: RuleMeta, path: string, findings: Finding[]): (report: Report) => void {
  const listed = new Map<Severity, { count: number; rest: Finding | null }>();
  return (report) => {
    const severity = report.severity ?? meta.severity;
    let of = listed.get(severity);
    if (of === undefined) listed.set(severity, (of = { count: 0, rest: null }));
    of.count++;
    if (of.rest !== null) return tellRest(of.rest, of.count - mostListed);
    const finding: Finding = {
      ruleId: meta.id,
      severity,
      message: report.message,
      path: report.artifact === undefined ? path : posix.join(path, report.artifact),
      location: { entry: null, byteOffset: null, line: null, column: null, ...report.location },
      evidence: report.evidence ?? {},
      ...(meta.offByDefault && { offByDefault: true }),
      fixes: report.fixes ?? [],
      ...(report.edits && { edits: report.edits }),
      ...(report.asked && { asked: report.asked }),
      ...(report.related && { related: report.related }),
    };
    if (of.count <= mostListed || report.artifact !== undefined) return void findings.push(finding);
    const { ruleId, location } = finding;
    of.rest = { ruleId, severity, message: '', path, location, evidence: {}, fixes: [] };
    findings.push(of.rest);
    tellRest(of.rest, 1);
  };
}

/** One finding stands for all that are not listed, at the place of the first of them. */
function tellRest(rest: Finding, count: number): void {
  rest.message = `${count} more findings of this rule in this file are not listed. Resolve those that are, and scan again.`;
  rest.evidence = { notListed: count };
}
