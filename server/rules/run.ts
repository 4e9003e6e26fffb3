import type { DirectorySubject } from './directory.ts';
import type { Finding } from './finding.ts';
import { artifactRules } from './artifactRules.ts';
import { reporter } from './reporter.ts';
import type { ArtifactContext, Report, Rule } from './rule.ts';

/** What all rules of artifacts and their parts say of one artifact. Severities are the rules' own. */
export function judgeArtifact(artifact: ArtifactContext): Finding[] {
  const findings: Finding[] = [];
  const kinds = new Set<Rule['subject']>(artifact.inspection.parts.map(({ kind }) => kind));
  kinds.add('artifact');
  for (const rule of artifactRules) {
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

/** What all rules of directories say of one. The findings' path is the directory's, or that of the artifact that they are about. */
export function judgeDirectory(directory: DirectorySubject): Finding[] {
  const findings: Finding[] = [];
  for (const rule of artifactRules) {
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
