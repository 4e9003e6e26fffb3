import type { LogAnalysis } from '../runtime/requestLog/analyse.ts';
import { plain, type Colours } from './colour.ts';
import { jsonText, tool } from './json.ts';
import { count, printable } from './printable.ts';

export function requestLogJson(analysis: LogAnalysis, path: string): string {
  return jsonText({ schemaVersion: 1, tool, path, ...analysis });
}

export function requestLogText(analysis: LogAnalysis, path: string, colours: Colours = plain): string {
  const { records, malformed, clients, from, to, findings, notCounted } = analysis;
  const lines = [
    `${colours.strong(printable(path))}: ${count(records, 'request')} of ${count(clients, 'client')}${from === null ? '' : `, ${from} to ${to ?? ''}`}`,
  ];
  for (const finding of findings) {
    const when = finding.from === null ? `line ${finding.line}` : `${finding.from}, line ${finding.line}`;
    lines.push(`  ${when}: ${printable(finding.message)}  [${finding.kind}]`);
  }
  const untold = malformed - findings.filter(({ kind }) => kind === 'malformed').length;
  if (untold > 0) lines.push(`  ${count(untold, 'further line')} ${untold === 1 ? 'is' : 'are'} no request either.`);
  if (notCounted > 0) {
    lines.push(
      `  ${count(notCounted, 'request')} could not be counted, because clients, answers or windows are too many: give a longer --window.`,
    );
  }
  if (findings.length === 0)
    lines.push(records === 0 ? '  There is no request in it.' : '  No client, answer or violation stands out.');
  return `${lines.join('\n')}\n`;
}
