import type { Severity } from '../rules/finding.ts';
import { plain, type Colours } from './colour.ts';
import { jsonText, tool } from './json.ts';
import { count } from './printable.ts';
import type { ReportedFinding, ReportedScan } from './reportedFindings.ts';
import { findingLines } from './text.ts';

/** What one scan found that another one, of an older state of the same files, did not. */
export interface ComparedReports {
  /** In the order of the newer report. */
  added: ReportedFinding[];
  fixed: ReportedFinding[];
  unchanged: number;
  /** Of what was added. */
  counts: Record<Severity, number>;
  /** How many paths the newer scan could not read. */
  errors: number;
  /** The version that made the older report, where that is another one: its rules found other things. */
  otherVersion: string | null;
}

/** Findings are the same when rule, file, entry and evidence are: lines may move. */
export function compareReports(base: ReportedScan, head: ReportedScan): ComparedReports {
  const [before, after] = [base, head].map(({ findings }) => new Set(findings.map((each) => each.fingerprint)));
  const added = head.findings.filter((each) => !before?.has(each.fingerprint));
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  for (const { severity } of added) counts[severity]++;
  return {
    added,
    fixed: base.findings.filter((each) => !after?.has(each.fingerprint)),
    unchanged: head.findings.length - added.length,
    counts,
    errors: head.errors,
    otherVersion: base.version === head.version ? null : base.version,
  };
}

/** `2 new findings (1 error, 1 info)`, or `no new findings`. */
export function addedInWords({ added, counts }: ComparedReports): string {
  if (added.length === 0) return 'no new findings';
  const parts = [
    counts.error > 0 ? count(counts.error, 'error') : '',
    counts.warning > 0 ? count(counts.warning, 'warning') : '',
    counts.info > 0 ? `${counts.info} info` : '',
  ];
  return `${count(added.length, 'new finding')} (${parts.filter(Boolean).join(', ')})`;
}

/** What else there is to say: one clause each. */
export function notesOf({ fixed, unchanged, errors, otherVersion }: ComparedReports): string[] {
  return [
    fixed.length > 0 ? `${fixed.length} fixed` : '',
    unchanged > 0 ? `${unchanged} as before` : '',
    errors > 0 ? `${count(errors, 'path')} could not be read` : '',
    otherVersion === null ? '' : `compared with a report of version ${otherVersion}, whose rules may differ`,
  ].filter(Boolean);
}

/** For a person at a terminal. */
export function comparisonText(compared: ComparedReports, colours: Colours = plain): string {
  const lines = findingLines(compared.added, colours);
  if (lines.length > 0) lines.push('');
  const words = addedInWords(compared);
  const notes = notesOf(compared);
  lines.push(`${words.charAt(0).toUpperCase()}${words.slice(1)}${notes.length > 0 ? `; ${notes.join('; ')}` : ''}.`);
  return `${lines.join('\n')}\n`;
}

/** For programs. */
export function comparisonJson({ added, fixed, unchanged, counts, errors }: ComparedReports): string {
  return jsonText({
    schemaVersion: 1,
    tool,
    summary: { new: counts, fixed: fixed.length, unchanged, errors },
    new: added,
    fixed,
  });
}
