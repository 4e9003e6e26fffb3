import { distinct, fingerprint } from '../engine/baseline.ts';
import type { ScanReport } from '../engine/report.ts';
import type { Severity } from '../rules/finding.ts';
import { jsonText } from './json.ts';
import { printable } from './printable.ts';

/** GitLab's severities; it colours `critical` and `blocker` red. */
const severities: Record<Severity, string> = { error: 'critical', warning: 'major', info: 'info' };

/**
 * A scan as GitLab's code quality report (docs.gitlab.com/ci/testing/code_quality, "Code Quality report format"): a merge request
 * shows what is new in it, by fingerprint, and each finding at its line. A file without lines is named at its first.
 */
export function gitlabReport({ findings }: ScanReport): string {
  const marks = distinct(findings.map((finding) => fingerprint(finding)));
  return jsonText(
    findings.map(({ ruleId, severity, message, path, location }, index) => ({
      description: printable(message),
      check_name: ruleId,
      fingerprint: marks[index],
      severity: severities[severity],
      location: { path, lines: { begin: location.line ?? 1 } },
    })),
  );
}
