import { posix } from 'node:path';
import type { DatasetScan } from '../datasets/scan/facts.ts';
import type { DirectorySubject } from './directory.ts';
import type { Finding } from './finding.ts';
import { withEmbedded } from './embedded.ts';
import { rules } from './index.ts';
import type { ArtifactContext, Report, Rule, RuleMeta } from './rule.ts';
import type { TextSubject } from './text.ts';

/** What all rules of artifacts and their parts say of one artifact. Severities are the rules' own. */
export function judgeArtifact(artifact: ArtifactContext): Finding[] {
  const findings: Finding[] = [];
  const kinds = new Set<Rule['subject']>(artifact.inspection.parts.map(({ kind }) => kind));
  kinds.add('artifact');
  for (const rule of rules) {
    if (!kinds.has(rule.subject)) continue;
    const report = reporter(rule.meta, artifact.path, findings);
    if (rule.subject === 'artifact') rule.check(artifact, report);
    else checkParts(rule, artifact, report);
  }
  return distinct(findings);
}

/** Where the same bytes are read in two ways, what both show is one finding. */
function distinct(findings: readonly Finding[]): Finding[] {
  const said = new Set<string>();
  return findings.filter(({ ruleId, message, location }) => {
    const key = `${ruleId}\0${location.entry ?? ''}\0${location.byteOffset ?? ''}\0${message}`;
    return !said.has(key) && said.add(key);
  });
}

/** What all rules of text say of one file. */
export function judgeText(text: TextSubject): Finding[] {
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (rule.subject === 'text') rule.check(text, reporter(rule.meta, text.path, findings));
    else if ('checkText' in rule) rule.checkText?.(text, reporter(rule.meta, text.path, findings));
  }
  return 'embedded' in text && text.embedded ? withEmbedded(text, text.embedded, findings, judgeText) : findings;
}

/** What all rules of datasets say of one scan. */
export function judgeDataset(scan: DatasetScan): Finding[] {
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (rule.subject === 'dataset') rule.check(scan, reporter(rule.meta, scan.path, findings));
  }
  return findings;
}

/** What all rules of directories say of one. The findings' path is the directory's, or that of the artifact that they are about. */
export function judgeDirectory(directory: DirectorySubject): Finding[] {
  const findings: Finding[] = [];
  for (const rule of rules) {
    if (rule.subject === 'directory') rule.check(directory, reporter(rule.meta, directory.path, findings));
  }
  return findings;
}

function checkParts(rule: Rule, artifact: ArtifactContext, report: (report: Report) => void): void {
  for (const part of artifact.inspection.parts) {
    // TypeScript cannot see that the kind picks the rule's own type; the comparison does.
    if (rule.subject === part.kind)
      (rule.check as (part: unknown, report: unknown, artifact: unknown) => void)(part, report, artifact);
  }
}

function reporter(meta: RuleMeta, path: string, findings: Finding[]): (report: Report) => void {
  return (report) => {
    findings.push({
      ruleId: meta.id,
      severity: report.severity ?? meta.severity,
      message: report.message,
      path: report.artifact === undefined ? path : posix.join(path, report.artifact),
      location: { entry: null, byteOffset: null, line: null, column: null, ...report.location },
      evidence: report.evidence ?? {},
      fixes: report.fixes ?? [],
      ...(report.edits && { edits: report.edits }),
      ...(report.asked && { asked: report.asked }),
      ...(report.related && { related: report.related }),
    });
  };
}
