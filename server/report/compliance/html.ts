import { createHash } from 'node:crypto';
import { count, printable } from '../printable.ts';
import type { ComplianceReport } from './complianceReport.ts';
import type { ControlState } from './controls.ts';
import { limits, stateWords } from './words.ts';

/** Colours of the editor's theme where there is one, and of the reader's preference elsewhere. No colour is the only sign. */
const style = `
:root { color-scheme: light dark; --met: var(--vscode-testing-iconPassed, #2a7d2e); --not-met: var(--vscode-testing-iconFailed, #c4314b); --unseen: var(--vscode-descriptionForeground, #6a6a6a);
  --text: var(--vscode-foreground, CanvasText); --back: var(--vscode-editor-background, Canvas); --line: var(--vscode-panel-border, #8885); --warning: var(--vscode-editorWarning-foreground, #b8860b); --info: var(--vscode-editorInfo-foreground, #2670c9); }
body { font: 14px/1.5 var(--vscode-font-family, system-ui, sans-serif); color: var(--text); background: var(--back); margin: 0 auto; padding: 1.5rem; max-width: 70rem; }
h1 { font-size: 1.6em; font-weight: 600; } h2 { font-size: 1.2em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .4em .6em; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.state { white-space: nowrap; font-weight: 600; } .met { color: var(--met); } .not-met { color: var(--not-met); } .unseen { color: var(--unseen); }
code { font-family: var(--vscode-editor-font-family, ui-monospace, monospace); }
.charts { display: flex; flex-wrap: wrap; gap: 2rem; align-items: center; } svg { max-width: 100%; height: auto; } text { fill: var(--text); }
.bar-error { fill: var(--not-met); } .bar-warning { fill: var(--warning); } .bar-info { fill: var(--info); } .arc-met { stroke: var(--met); } .arc-not-met { stroke: var(--not-met); } .arc-unseen { stroke: var(--unseen); }
summary { cursor: pointer; } summary:focus-visible { outline: 2px solid var(--vscode-focusBorder, Highlight); }
.limits { margin-top: 2em; color: var(--unseen); } meter { width: 8em; }
`;

const sign: Record<ControlState, string> = { met: '✓', 'not-met': '✕', unseen: '?' };

/** A page without a script, whose policy lets nothing load and nothing run. */
export function complianceHtml(report: ComplianceReport): string {
  const { name, at, controls, counts, severities, frameworks, meters, unread } = report;
  const digest = createHash('sha256').update(style).digest('base64');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${digest}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Compliance report: ${html(name)}</title>
<style>${style}</style>
</head>
<body>
<main id="weighbridge-compliance" aria-busy="false">
<h1>Security of models and data: ${html(name)}</h1>
<p>${html(at)}. ${counts.met} of ${controls.length} controls met, ${counts['not-met']} not met, ${counts.unseen} cannot be seen from here. Open findings: ${count(severities.error, 'error')}, ${count(severities.warning, 'warning')}, ${severities.info} information.</p>
<div class="charts">
${donut(counts, controls.length)}
${bars(report.areas)}
</div>
<h2>Controls</h2>
<table>
<thead><tr><th scope="col">#</th><th scope="col">Control</th><th scope="col">State</th><th scope="col">What shows it</th><th scope="col">Next</th></tr></thead>
<tbody>
${controls
  .map(
    ({ title, state, evidence, next }, index) =>
      `<tr><td>${index + 1}</td><th scope="row">${html(title)}</th><td class="state ${state}">${sign[state]} ${stateWords[state]}</td><td>${evidence.map((each) => `<div>${html(each)}</div>`).join('')}</td><td>${next === null ? '' : /^weighbridge /.test(next) ? `<code>${html(next)}</code>` : html(next)}</td></tr>`,
  )
  .join('\n')}
</tbody>
</table>
${meters.length === 0 ? '' : metersTable(meters)}
${frameworks.map(frameworkTable).join('\n')}
${unread.length === 0 ? '' : `<p>${count(unread.length, 'path')} could not be read: ${unread.map(({ path }) => html(path)).join(', ')}.</p>`}
<p class="limits">${limits}</p>
</main>
</body>
</html>
`;
}

/** The states as a ring; the numbers stand in its label and beside it. */
function donut(counts: Record<ControlState, number>, total: number): string {
  const radius = 60;
  const states: ControlState[] = ['met', 'not-met', 'unseen'];
  let before = 0;
  const arcs = states.map((state) => {
    const arc = `<circle class="arc-${state}" r="${radius}" cx="90" cy="90" fill="none" stroke-width="22" pathLength="${total}" stroke-dasharray="${counts[state]} ${total - counts[state]}" stroke-dashoffset="${-before}" transform="rotate(-90 90 90)"/>`;
    before += counts[state];
    return counts[state] === 0 ? '' : arc;
  });
  const legend = states.map(
    (state, index) =>
      `<text x="190" y="${60 + index * 28}">${sign[state]} ${counts[state]} ${stateWords[state].toLowerCase()}</text>`,
  );
  const label = states.map((state) => `${counts[state]} ${stateWords[state].toLowerCase()}`).join(', ');
  return `<svg role="img" aria-label="Controls: ${label}" viewBox="0 0 400 180" width="400" height="180">${arcs.join('')}<text x="90" y="98" text-anchor="middle" font-size="24">${counts.met}/${total}</text>${legend.join('')}</svg>`;
}

const areasShown = 12;

/** Open findings by area, one bar an area. */
function bars(areas: ComplianceReport['areas']): string {
  const shown = areas.slice(0, areasShown);
  if (shown.length === 0) return '<p>No open finding.</p>';
  const most = Math.max(...shown.map(({ error, warning, info }) => error + warning + info));
  const row = 22;
  const rows = shown.map(({ area, error, warning, info }, index) => {
    const width = (value: number) => (value / most) * 220;
    const y = index * row;
    let x = 110;
    const parts = (
      [
        ['error', error],
        ['warning', warning],
        ['info', info],
      ] as const
    ).map(([kind, value]) => {
      const part = `<rect class="bar-${kind}" x="${x.toFixed(1)}" y="${y + 3}" width="${width(value).toFixed(1)}" height="${row - 6}"/>`;
      x += width(value);
      return part;
    });
    return `<text x="100" y="${y + 16}" text-anchor="end">${html(area)}</text>${parts.join('')}<text x="${(x + 6).toFixed(1)}" y="${y + 16}">${error}/${warning}/${info}</text>`;
  });
  const label = shown
    .map(({ area, error, warning, info }) => `${area}: ${error} errors, ${warning} warnings, ${info} information`)
    .join('; ');
  return `<svg role="img" aria-label="Open findings by area. ${html(label)}" viewBox="0 0 420 ${shown.length * row + 8}" width="420" height="${shown.length * row + 8}">${rows.join('')}</svg>`;
}

function metersTable(meters: ComplianceReport['meters']): string {
  const rows = meters.map(
    ({ file, title, present, total, missing }) =>
      `<tr><th scope="row">${html(file)}</th><td>${html(title)}</td><td><meter min="0" max="${total}" value="${present}">${present} of ${total}</meter> ${present} of ${total}</td><td>${missing.length === 0 ? '' : `<details><summary>${count(missing.length, 'element')} missing</summary>${missing.map((each) => `<div>${html(each)}</div>`).join('')}</details>`}</td></tr>`,
  );
  return `<h2>Bills of materials</h2>
<table><thead><tr><th scope="col">File</th><th scope="col">List</th><th scope="col">Present</th><th scope="col">Missing</th></tr></thead><tbody>
${rows.join('\n')}
</tbody></table>`;
}

function frameworkTable({ name, rows }: ComplianceReport['frameworks'][number]): string {
  const open = rows.reduce((sum, { findings }) => sum + findings, 0);
  return `<h2>${html(name)}</h2>
<details${open > 0 ? ' open' : ''}><summary>${count(rows.length, 'entry', 'entries')}, ${count(open, 'open finding')}</summary>
<table><thead><tr><th scope="col">Entry</th><th scope="col">Rules that look at it</th><th scope="col">Open findings</th></tr></thead><tbody>
${rows.map(({ id, rules, findings }) => `<tr><th scope="row">${html(id)}</th><td>${rules}</td><td>${findings}</td></tr>`).join('\n')}
</tbody></table></details>`;
}

/** Text of files in HTML: shown, never obeyed. */
function html(value: string): string {
  return printable(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
