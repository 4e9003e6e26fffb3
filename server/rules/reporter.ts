import { posix } from 'node:path';
import type { Finding } from './finding.ts';
import type { Report, RuleMeta } from './rule.ts';

/** What a rule tells is put among the findings, with the rule's id and the file's path. */
export function reporter(meta: RuleMeta, path: string, findings: Finding[]): (report: Report) => void {
  return (report) => {
    findings.push({
      ruleId: meta.id,
      severity: report.severity ?? meta.severity,
      message: report.message,
      path: report.artifact === undefined ? path : posix.join(path, report.artifact),
      location: { entry: null, byteOffset: null, line: null, column: null, ...report.location },
      evidence: report.evidence ?? {},
      ...(meta.offByDefault && { offByDefault: true }),
      fixes: report.fixes ?? [],
      ...(report.edits && { edits: report.edits }),
      ...(report.asked && { asked: report.asked }),
      ...(report.related && { related: report.related }),
    });
  };
}
