import { createHash } from 'node:crypto';
import { count, printable } from '../report/printable.ts';
import type { ContentSummary, FleetReport, SourceSummary } from './fleetReport.ts';

/** Contents that the page names: the metrics and the JSON have all. */
const mostContents = 2_000;
const mostPlaces = 20;

/** No colour is the only sign. */
const style = `
:root { color-scheme: light dark; --error: #c4314b; --warning: #b8860b; --quiet: #6a6a6a; --line: #8885; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 80rem; }
h1 { font-size: 1.6em; font-weight: 600; } h2 { font-size: 1.2em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .4em .6em; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } .error { color: var(--error); font-weight: 600; } .warning { color: var(--warning); font-weight: 600; } .quiet { color: var(--quiet); }
code { font-family: ui-monospace, monospace; font-size: .92em; } ul { margin: 0; padding-left: 1.2em; }
`;

/** A page without a script, whose policy lets nothing load and nothing run. */
export function fleetPage(report: FleetReport): string {
  const digest = createHash('sha256').update(style).digest('base64');
  const { places, contents, failures, outdated, concerning } = report;
  const errors = concerning.filter(({ worst }) => worst === 'error').length;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${digest}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Fleet report</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Fleet report</h1>
<p>${count(places, 'file')} with ${count(contents, 'different content')}; ${count(errors, 'content')} must not be loaded; ${count(failures.length, 'file')} could not be scanned${outdated > 0 ? `; ${count(outdated, 'content')} to scan again because rules changed` : ''}.</p>
<h2>Sources</h2>
${table(
  ['Source', 'Files', 'Bytes', 'Errors', 'Warnings', 'Neither', 'Not seen whole', 'Failed'],
  report.sources.map(sourceRow),
)}
<h2>Rules</h2>
${
  report.rules.length === 0
    ? '<p>No finding.</p>'
    : table(
        ['Rule', 'What it finds', 'Severity', 'Contents', 'Files'],
        report.rules.map(
          (rule) =>
            `<td><code>${html(rule.id)}</code></td><td>${html(rule.title)}</td><td class="${rule.severity}">${rule.severity}</td>${number(rule.contents)}${number(rule.places)}`,
        ),
      )
}
<h2>Contents to look at</h2>
${concerning.length === 0 ? '<p>None.</p>' : table(['Severity', 'Content', 'Where', 'What'], concerning.slice(0, mostContents).map(contentRow))}
${concerning.length > mostContents ? `<p>And ${concerning.length - mostContents} more, which the JSON lists.</p>` : ''}
<h2>Files that could not be scanned</h2>
${
  failures.length === 0
    ? '<p>None.</p>'
    : table(
        ['File', 'Reason', 'Tries'],
        failures
          .slice(0, mostContents)
          .map(({ uri, reason, attempts }) => `<td>${html(uri)}</td><td>${html(reason)}</td>${number(attempts)}`),
      )
}
<p class="quiet">A fleet judges files by what is in them. Configurations, code and folders, which speak of other files, are judged by "weighbridge scan".</p>
</main>
</body>
</html>
`;
}

function sourceRow({ source, ...summary }: SourceSummary): string {
  const { places, bytes, error, warning, clean, incomplete, failed } = summary;
  return `<td>${html(source)}</td>${[places, bytes, error, warning, clean, incomplete, failed].map(number).join('')}`;
}

function contentRow({ worst, digest, format, places, messages }: ContentSummary): string {
  const shown = places.slice(0, mostPlaces).map((place) => `<li>${html(place)}</li>`);
  const more = places.length > mostPlaces ? `<li>and ${places.length - mostPlaces} more</li>` : '';
  const said = messages.map(
    ({ severity, ruleId, message }) => `<li>${severity}: ${html(message)} <code>${html(ruleId)}</code></li>`,
  );
  return `<td class="${worst}">${worst}</td><td>${html(format)}<br><code>${html(digest)}</code></td><td><ul>${shown.join('')}${more}</ul></td><td><ul>${said.join('')}</ul></td>`;
}

const number = (value: number): string => `<td class="number">${value}</td>`;

function table(heads: readonly string[], rows: readonly string[]): string {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join('');
  return `<table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${rows.map((row) => `<tr>${row}</tr>`).join('\n')}\n</tbody>\n</table>`;
}

function html(text: string): string {
  return printable(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
