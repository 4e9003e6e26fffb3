import type { ComplianceFacts } from '../../engine/complianceFacts.ts';
import type { Finding, Severity } from '../../rules/finding.ts';
import { rules } from '../../rules/index.ts';
import { controls, type ControlState, type Judged } from './controls.ts';

export interface ComplianceReport {
  /** Of the workspace. */
  name: string;
  /** RFC 3339. */
  at: string;
  controls: (Judged & { id: string; title: string; rules: string[]; findings: number })[];
  counts: Record<ControlState, number>;
  /** Open findings by area of rules, the most first. */
  areas: { area: string; error: number; warning: number; info: number }[];
  severities: Record<Severity, number>;
  frameworks: Framework[];
  /** How much of each list the bills of materials fill. */
  meters: { file: string; title: string; present: number; total: number; missing: string[] }[];
  /** What could not be read, so that nothing is said of it. */
  unread: { path: string; message: string }[];
}

export interface Framework {
  name: string;
  /** What rules map to, with how many rules speak of it and how many findings are open. */
  rows: { id: string; rules: number; findings: number }[];
}

const frameworks = [
  { name: 'NIST AI RMF 1.0', of: 'nistAiRmf' },
  { name: 'EU AI Act', of: 'euAiAct' },
  { name: 'OWASP (Machine Learning 2023, LLM 2025)', of: 'owasp' },
  { name: 'MITRE ATLAS', of: 'atlas' },
] as const;

/**
 * The twelve controls with what shows them, and the frameworks by the metadata of the rules. It says what can be seen in a workspace, and never
 * that a law is fulfilled.
 */
export function complianceReport(name: string, facts: ComplianceFacts, at: Date): ComplianceReport {
  const { findings, errors } = facts.report;
  const judged = controls.map((control) => {
    const open = findings.filter(({ ruleId }) => control.rules.test(ruleId));
    const speaking = rules.filter(({ meta }) => control.rules.test(meta.id)).map(({ meta }) => meta.id);
    const { id, title } = control;
    return { id, title, ...control.judge(facts, open), rules: speaking, findings: open.length };
  });
  const counts: Record<ControlState, number> = { met: 0, 'not-met': 0, unseen: 0 };
  for (const { state } of judged) counts[state]++;
  return {
    name,
    at: at.toISOString(),
    controls: judged,
    counts,
    areas: areasOf(findings),
    severities: { ...facts.report.counts },
    frameworks: frameworks.map(({ name: framework, of }) => ({ name: framework, rows: rowsOf(findings, of) })),
    meters: facts.aiboms.flatMap(({ file, coverage }) =>
      coverage.map(({ title, present, total, elements }) => ({
        file,
        title,
        present,
        total,
        missing: elements.filter((element) => !element.present).map((element) => element.title),
      })),
    ),
    unread: errors,
  };
}

function areasOf(findings: readonly Finding[]): ComplianceReport['areas'] {
  const areas = new Map<string, { error: number; warning: number; info: number }>();
  for (const { ruleId, severity } of findings) {
    const area = ruleId.slice(0, ruleId.indexOf('/'));
    const counts = areas.get(area) ?? { error: 0, warning: 0, info: 0 };
    counts[severity]++;
    areas.set(area, counts);
  }
  return [...areas]
    .map(([area, counts]) => ({ area, ...counts }))
    .sort((a, b) => b.error - a.error || b.warning - a.warning || b.info - a.info || (a.area < b.area ? -1 : 1));
}

function rowsOf(findings: readonly Finding[], of: (typeof frameworks)[number]['of']): Framework['rows'] {
  const open = new Map<string, number>();
  for (const { ruleId } of findings) open.set(ruleId, (open.get(ruleId) ?? 0) + 1);
  const rows = new Map<string, { rules: number; findings: number }>();
  for (const { meta } of rules) {
    for (const id of new Set(meta[of])) {
      const row = rows.get(id) ?? { rules: 0, findings: 0 };
      row.rules++;
      row.findings += open.get(meta.id) ?? 0;
      rows.set(id, row);
    }
  }
  const natural = new Intl.Collator('en', { numeric: true });
  return [...rows].sort(([a], [b]) => natural.compare(a, b)).map(([id, row]) => ({ id, ...row }));
}
