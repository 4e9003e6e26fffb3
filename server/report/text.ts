import type { ScanReport, ScannedSource } from '../engine/report.ts';
import { compare, severityWeight } from '../engine/verdicts.ts';
import type { Finding, FindingLocation } from '../rules/finding.ts';
import { plain, type Colours } from './colour.ts';
import { postureLines } from './postureTable.ts';
import { bytesInWords, count, printable } from './printable.ts';

/** A scan for a person at a terminal: findings by file, then one line that says what was looked at and what was not. */
export function textReport(report: ScanReport, colours: Colours = plain): string {
  const lines = findingLines(report.findings, colours);
  if (lines.length > 0) lines.push('');
  if (report.posture.length > 0) lines.push(...postureLines(report.posture, colours), '');
  lines.push(...summaryLines(report, colours));
  return `${lines.join('\n')}\n`;
}

/** What a finding's line shows. */
type ShownFinding = Pick<Finding, 'severity' | 'message' | 'ruleId' | 'path' | 'location'>;

/** Findings by file, with an empty line between files. */
export function findingLines(findings: readonly ShownFinding[], colours: Colours): string[] {
  const lines: string[] = [];
  let path: string | null = null;
  for (const finding of [...findings].sort(worstFirst)) {
    if (finding.path !== path) {
      if (path !== null) lines.push('');
      path = finding.path;
      lines.push(colours.strong(printable(path)));
    }
    lines.push(findingLine(finding, colours));
  }
  return lines;
}

/** Files as reported; in a file that has no lines, what matters most stands first. (The sort is stable.) */
function worstFirst(a: ShownFinding, b: ShownFinding): number {
  if (a.path !== b.path) return compare(a.path, b.path);
  if (a.location.line !== null || b.location.line !== null) return 0;
  return severityWeight[b.severity] - severityWeight[a.severity];
}

/** `  12:5  error  what happens  rule/id`. */
export function findingLine(
  { severity, message, ruleId, location }: Omit<ShownFinding, 'path'>,
  colours: Colours,
): string {
  const place = placeOf(location);
  const label = colours.severity(severity, severity.padEnd(7));
  const at = place ? `  ${colours.faint(`at ${place}`)}` : '';
  return `  ${label}  ${printable(message)}  ${colours.faint(`[${ruleId}]`)}${at}`;
}

/** `line:column`, or `entry @ byte`; empty for the file as a whole. */
export function placeOf({ line, column, entry, byteOffset }: FindingLocation): string {
  if (line !== null) return column === null ? `${line}` : `${line}:${column}`;
  const offset = byteOffset === null ? '' : `byte ${byteOffset}`;
  const name = entry ? printable(entry) : '';
  return name && offset ? `${name} @ ${offset}` : name || offset;
}

function summaryLines(
  { shard, files, artifacts, counts, accepted, suppressed, skipped, errors, sources = [] }: ScanReport,
  colours: Colours,
): string[] {
  const incomplete = artifacts.filter(({ complete }) => !complete).length;
  const found = counts.error + counts.warning + counts.info;
  const severities = [
    colours.severity('error', count(counts.error, 'error')),
    colours.severity('warning', count(counts.warning, 'warning')),
    colours.severity('info', `${counts.info} info`),
  ].join(', ');
  const unread = errors.length > 0 ? `${count(errors.length, 'path')} could not be read` : '';
  // Of nothing that was read, "no findings" would be a verdict.
  const verdict = found > 0 ? severities : files === 0 && unread ? unread : 'no findings';
  const notes = [
    unread && verdict !== unread ? unread : '',
    incomplete > 0 ? `${incomplete} not completely inspected` : '',
    accepted > 0 ? `${count(accepted, 'finding')} accepted by the baseline` : '',
    suppressed > 0 ? `${count(suppressed, 'finding')} accepted by remarks` : '',
    skipped.ignored > 0 ? `${skipped.ignored} left out by .gitignore` : '',
    skipped.excluded > 0 ? `${skipped.excluded} left out by configuration or default` : '',
  ].filter(Boolean);
  const part = shard ? `Shard ${shard.index} of ${shard.count}: looked` : 'Looked';
  const scanned = `${part} at ${count(files, 'file')}, ${count(artifacts.length, 'artifact')}`;
  const fetched = sources.map(fetchedText);
  return [...fetched, `${scanned}: ${verdict}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}.`];
}

/** What was read of a source. */
export function fetchedText({ name, bytes, fetched, requests }: ScannedSource): string {
  return `Read ${printable(name)}: ${bytesInWords(fetched)} of ${bytesInWords(bytes)}, in ${count(requests, 'request')}.`;
}
