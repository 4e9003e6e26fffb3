import type { Finding, Severity } from '../rules/finding.ts';
import type { Configuration } from './configuration.ts';

/** Severities from the mildest. */
export const severityWeight: Record<Severity, number> = { info: 1, warning: 2, error: 3 };

/** What the configuration makes of findings: severities set, silenced rules and allowed imports left out. */
export function applyConfiguration(findings: readonly Finding[], { rules }: Pick<Configuration, 'rules'>): Finding[] {
  const result: Finding[] = [];
  for (const { offByDefault = false, ...finding } of findings) {
    const { ruleId, severity } = finding;
    const rule = rules[ruleId];
    const area = rules[`${ruleId.slice(0, ruleId.indexOf('/'))}/*`];
    // A team that sets an area means the rules that it has met: one that is off by default waits for its own name.
    const setting = rule?.severity ?? (offByDefault ? 'off' : (area?.severity ?? severity));
    if (setting === 'off') continue;
    if (isAllowed(finding, rule?.allow) || isAllowed(finding, area?.allow)) continue;
    result.push(setting === severity ? finding : { ...finding, severity: setting });
  }
  return result;
}

function isAllowed({ evidence }: Finding, patterns: readonly string[] | undefined): boolean {
  const { module, name } = evidence;
  if (!patterns?.length || typeof module !== 'string' || typeof name !== 'string') return false;
  const full = `${module}.${name}`;
  return patterns.some((pattern) =>
    pattern.endsWith('.*') ? full.startsWith(pattern.slice(0, -1)) : full === pattern,
  );
}

/** By path, place, rule and message, each compared by code units: the same on every machine. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compare(a.path, b.path) ||
    (a.location.line ?? 0) - (b.location.line ?? 0) ||
    (a.location.column ?? 0) - (b.location.column ?? 0) ||
    compare(a.location.entry ?? '', b.location.entry ?? '') ||
    (a.location.byteOffset ?? -1) - (b.location.byteOffset ?? -1) ||
    compare(a.ruleId, b.ruleId) ||
    compare(a.message, b.message)
  );
}

/** By code units. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
