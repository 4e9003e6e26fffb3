import { button, element, number } from '../../inspector/webview/elements.ts';
import { severitySign } from '../../inspector/webview/severitySign.ts';
import { table } from '../../inspector/webview/table.ts';
import type { DatasetReport, ToDatasetPage } from '../messages.ts';
import { densityPlot } from './densityPlot.ts';
import { send } from './host.ts';
import { rowsTable } from './rowsTable.ts';

/** Findings that the page lists; the editor's own list has all of them. */
const mostFindings = 200;
const mostLines = 12;

/** Everything about one scan: the verdict, the findings, how the labels are spread, how crowded the rows lie, and the rows. */
export function page(message: Extract<ToDatasetPage, { type: 'report' | 'unscanned' }>): HTMLElement[] {
  const scan = button('Scan again', () => send({ type: 'scan' }), { id: 'scan' });
  if (message.type === 'unscanned') {
    const words = 'This file was not scanned since the editor was opened.';
    return [
      element('h1', {}, message.name),
      element('p', { role: 'status' }, words),
      element('div', { class: 'actions' }, scan),
    ];
  }
  const { report } = message;
  const copy = button('Export clean records...', () => send({ type: 'export' }), { class: 'secondary', id: 'export' });
  copy.disabled = !report.mayWrite;
  return [
    element('h1', {}, report.name),
    element('p', { class: 'kind' }, scope(report)),
    verdict(report),
    element('div', { class: 'actions' }, scan, copy),
    ...(report.mayWrite
      ? []
      : [element('p', { class: 'hint' }, 'This workspace is not trusted: nothing is marked or written.')]),
    ...findings(report),
    ...rows(report),
    ...labels(report),
    ...personal(report),
    element('h2', {}, 'What this scan can find'),
    element('p', {}, report.limit),
  ];
}

function scope({ rows: all, newRows, acceptedRows, baseline }: DatasetReport): string {
  if (newRows === null) return `${number(all)} rows, without an accepted version to compare with`;
  return `${number(newRows)} new of ${number(all)} rows, beside ${number(acceptedRows ?? 0)} accepted ones of ${baseline ?? 'another file'}`;
}

function verdict({ findings: all }: DatasetReport): HTMLElement {
  const count = (severity: string) => all.filter((each) => each.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const worst = errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'none';
  const words =
    errors > 0
      ? `${errors} ${errors === 1 ? 'place' : 'places'} where somebody seems to have tampered: do not train on it before they are read.`
      : warnings > 0
        ? `${warnings} ${warnings === 1 ? 'place is' : 'places are'} suspicious: read them before you train on it.`
        : 'Nothing suspicious was found by these methods.';
  return element('p', { class: `verdict ${worst}`, role: 'status' }, severitySign(worst), words);
}

/** What is said of several records in the same words is said once, with all of their lines. */
function findings({ findings: all }: DatasetReport): HTMLElement[] {
  if (all.length === 0) return [];
  const byMessage = new Map<string, DatasetReport['findings']>();
  for (const each of all) {
    const key = `${each.severity} ${each.ruleId} ${each.message}`;
    byMessage.set(key, [...(byMessage.get(key) ?? []), each]);
  }
  const shown = [...byMessage.values()].slice(0, mostFindings).flatMap((same) => {
    const [first] = same;
    if (!first) return [];
    const { severity, message, ruleId } = first;
    const links = same
      .slice(0, mostLines)
      .map(({ line }) => button(`line ${line}`, () => send({ type: 'jump', line }), { class: 'link' }));
    const more = same.length > mostLines ? `and ${number(same.length - mostLines)} more` : '';
    return [
      [
        element('span', { class: 'severity' }, severitySign(severity)),
        message,
        element('span', { class: 'lines' }, ...links, more),
        button(ruleId, () => send({ type: 'showRule', ruleId }), { class: 'link' }),
      ],
    ];
  });
  const cut = byMessage.size > mostFindings ? ` (the first ${mostFindings})` : '';
  return [
    element('h2', {}, `Findings: ${number(all.length)}${cut}`),
    table('Findings', ['', 'What', 'Where', 'Rule'], shown),
  ];
}

function rows(report: DatasetReport): HTMLElement[] {
  const { vectors } = report;
  if (vectors === null) return [];
  const sample = vectors.scored < vectors.of ? `, a fair sample of ${number(vectors.of)}` : '';
  const among = vectors.background > 0 ? ` among ${number(vectors.background)} accepted ones` : '';
  return [
    element('h2', {}, 'How the rows lie among one another'),
    element('p', {}, `${number(vectors.scored)} rows${sample}, compared${among} by ${vectors.by}.`),
    ...vectors.notes.map((note) => element('p', {}, note)),
    densityPlot(vectors),
    rowsTable(report),
  ];
}

function labels({ labels: all, columns, newRows }: DatasetReport): HTMLElement[] {
  if (all.length === 0) return [];
  const total = all.reduce((sum, { newRows: count }) => sum + count, 0);
  const accepted = all.reduce((sum, { acceptedRows }) => sum + (acceptedRows ?? 0), 0);
  const share = (count: number, of: number) => (of === 0 ? '' : ` (${((100 * count) / of).toFixed(1)} %)`);
  const compared = newRows !== null;
  const head = ['Label', compared ? 'New rows' : 'Rows', ...(compared ? ['Accepted rows'] : [])];
  const shown = all.map(({ label, newRows: count, acceptedRows }) => [
    label,
    `${number(count)}${share(count, total)}`,
    ...(compared ? [`${number(acceptedRows ?? 0)}${share(acceptedRows ?? 0, accepted)}`] : []),
  ]);
  return [element('h2', {}, `Labels (${columns.label ?? ''})`), table('Labels', head, shown)];
}

function personal({ personal: all, mayWrite }: DatasetReport): HTMLElement[] {
  if (all.length === 0) return [];
  const shown = all.map(({ field, what, rows: count, values, examples }) => {
    const redact = button('Redact into a copy...', () => send({ type: 'redact', field }), { class: 'link' });
    redact.disabled = !mayWrite;
    return [field, what, number(count), number(values), examples.join(', '), redact];
  });
  return [
    element('h2', {}, 'Personal data'),
    table('Personal data', ['Field', 'What', 'Rows', 'Values', 'Masked examples', ''], shown),
  ];
}
