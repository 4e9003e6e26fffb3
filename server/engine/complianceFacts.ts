import { existsSync, readFileSync, statSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { coverageOf, type Coverage } from '../aibom/coverage/coverage.ts';
import { BomDocument } from '../aibom/validate/document.ts';
import { isCycloneDx } from '../aibom/findAibom.ts';
import { defaultMarksFile } from '../datasets/review/marks.ts';
import { onDisk } from '../files/diskPath.ts';
import { headFile, verifyAuditLog } from '../policy/auditLog.ts';
import { auditsIn } from '../policy/evidence/audits.ts';
import type { AuditEvidence } from '../policy/evidence/document.ts';
import type { Configuration } from './configuration.ts';
import { discover } from './discover.ts';
import type { ScanReport } from './report.ts';

/** What a compliance report rests on: a scan, and the records that lie in the workspace. Nothing is asked of a person. */
export interface ComplianceFacts {
  report: ScanReport;
  /** Records that say where data comes from, relative to the base. */
  registers: string[];
  /** Results of other commands, by kind. */
  results: { kind: ResultKind; file: string; verdict: string }[];
  /** Bills of materials, with how much of each list they fill. */
  aiboms: { file: string; coverage: Coverage[] }[];
  runbooks: string[];
  /** Marks of reviewed rows. */
  reviews: string[];
  /** Alert rules that watch the metrics of drift. */
  driftAlerts: string[];
  rolesFile: string | null;
  decisions: { gate: string; allowed: number; denied: number }[];
  /** What is wrong with the log of decisions; null for nothing, and where there is none. */
  logProblem: string | null;
  openAudits: AuditEvidence[];
}

export type ResultKind = 'dataset-scan' | 'backdoor' | 'robustness' | 'regression' | 'redteam' | 'drift-baseline';

/** Larger files are no results of ours. */
const largestResult = 16 << 20;
const beginning = 4096;

/**
 * Gathers what can be seen of a workspace.
 * @param base absolute. @param now milliseconds.
 */
export async function complianceFacts(
  report: ScanReport,
  base: string,
  configuration: Configuration,
  now: number,
  signal?: AbortSignal,
): Promise<ComplianceFacts> {
  const { files } = await discover([base], configuration, signal);
  const { roles, auditLog } = configuration.policy;
  const facts: ComplianceFacts = {
    report,
    registers: [],
    results: [],
    aiboms: [],
    runbooks: [],
    reviews: [],
    driftAlerts: [],
    rolesFile: roles !== null && existsSync(roles) ? inBase(base, roles) : null,
    ...decisionsOf(auditLog, now),
  };
  for (const path of files) look(path, inBase(base, path), facts);
  return facts;
}

function inBase(base: string, path: string): string {
  return relative(base, path).split(sep).join('/');
}

function look(path: string, file: string, facts: ComplianceFacts): void {
  const name = posix.basename(file);
  if (/^(?:provenance|croissant|datapackage|dataset_infos)\.json$|\.dvc$|^dvc\.lock$/.test(name))
    facts.registers.push(file);
  if (/\.md$/i.test(name) && /(?:^|\/)(?:incidents?|runbooks?)\/|runbook|incident[-_ ]?response/i.test(file))
    facts.runbooks.push(file);
  if (name === defaultMarksFile) facts.reviews.push(file);
  const size = statSync(onDisk(path), { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || size > largestResult) return;
  if (/\.ya?ml$/i.test(name) && textOf(path).includes('ml_drift_alarm')) facts.driftAlerts.push(file);
  if (!name.toLowerCase().endsWith('.json')) return;
  if (isCycloneDx(path)) {
    const document = BomDocument.read(textOf(path));
    if (document instanceof BomDocument) facts.aiboms.push({ file, coverage: coverageOf(document.root) });
    return;
  }
  const result = resultOf(path);
  if (result) facts.results.push({ ...result, file });
}

/** By what the results of our own commands say first. */
function resultOf(path: string): { kind: ResultKind; verdict: string } | null {
  const text = textOf(path);
  const head = text.slice(0, beginning);
  if (!/"schemaVersion"/.test(head)) return null;
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
  const said = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : 'undecided';
  if (fields['kind'] === 'drift-baseline') return { kind: 'drift-baseline', verdict: said(fields['recordedAt']) };
  if ('suiteSha256' in fields && 'decision' in fields) return { kind: 'redteam', verdict: said(fields['decision']) };
  if ('detectionLimit' in fields && Array.isArray(fields['findings']))
    return { kind: 'dataset-scan', verdict: `${fields['findings'].length} findings` };
  if ('verdict' in fields && ('neuralCleanse' in fields || 'strip' in fields))
    return { kind: 'backdoor', verdict: said(fields['verdict']) };
  if ('mcnemarP' in fields) return { kind: 'regression', verdict: `agreement ${said(fields['agreement'])}` };
  if ('cleanAccuracy' in fields && 'attacks' in fields)
    return { kind: 'robustness', verdict: `clean accuracy ${said(fields['cleanAccuracy'])}` };
  return null;
}

function textOf(path: string): string {
  try {
    return readFileSync(onDisk(path), 'utf8');
  } catch {
    // It has gone since, or may not be read: the scan says so.
    return '';
  }
}

function decisionsOf(
  log: string | null,
  now: number,
): Pick<ComplianceFacts, 'decisions' | 'logProblem' | 'openAudits'> {
  const none = { decisions: [], logProblem: null, openAudits: [] };
  if (log === null || (!existsSync(log) && !existsSync(headFile(log)))) return none;
  const { intact, entries, problems } = verifyAuditLog(log);
  if (!intact) return { ...none, logProblem: problems[0]?.message ?? 'it is damaged' };
  const gates = new Map<string, { allowed: number; denied: number }>();
  for (const { record } of entries) {
    if (record['kind'] !== 'gate' || typeof record['gate'] !== 'string') continue;
    const counts = gates.get(record['gate']) ?? { allowed: 0, denied: 0 };
    if (record['decision'] === 'allow') counts.allowed++;
    else counts.denied++;
    gates.set(record['gate'], counts);
  }
  return {
    decisions: [...gates].sort(([a], [b]) => (a < b ? -1 : 1)).map(([gate, counts]) => ({ gate, ...counts })),
    logProblem: null,
    openAudits: auditsIn(entries, now),
  };
}
