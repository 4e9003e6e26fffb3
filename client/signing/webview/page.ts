import { button, element, number } from '../../inspector/webview/elements.ts';
import { severitySign } from '../../inspector/webview/severitySign.ts';
import { table } from '../../inspector/webview/table.ts';
import type { FromSignaturePage, SignatureReport, ToSignaturePage } from '../messages.ts';
import { facts } from './facts.ts';

type Send = (message: FromSignaturePage) => void;

/** A signature in the order of the questions that people have: may I believe it, who, by what, what changed, what is left out. */
export function page(shown: Exclude<ToSignaturePage, { type: 'failed' }>, send: Send): HTMLElement[] {
  if (shown.type === 'unsigned') return unsigned(shown, send);
  const { report } = shown;
  return [
    element('h1', {}, report.name),
    element('p', { class: 'kind' }, `Signature: ${report.signatureName}`),
    verdict(report),
    actions(report, send),
    ...differences(report, send),
    definitions('Who and by what trust', facts(report)),
    ...notCovered(report, send),
    ...covered(report, send),
    ...warnings(report),
  ];
}

function unsigned({ name, mayWrite }: { name: string; mayWrite: boolean }, send: Send): HTMLElement[] {
  return [
    element('h1', {}, name),
    element(
      'p',
      { class: 'verdict info', role: 'status' },
      severitySign('info'),
      element('span', {}, 'No signature covers this model: whoever can write to its folder can put another one there.'),
    ),
    element('p', { class: 'actions' }, mayWrite && button('Sign model...', () => send({ type: 'sign' }))),
  ];
}

const severities = { trusted: 'none', outdated: 'error', untrusted: 'warning', invalid: 'error' } as const;

function verdict(report: SignatureReport): HTMLElement {
  // What nobody has asked to be signed by anybody is no reason to worry.
  const severity = report.state === 'untrusted' && report.stance === 'none' ? 'info' : severities[report.state];
  return element(
    'p',
    { class: `verdict ${severity}`, role: 'status' },
    severitySign(severity),
    element('span', {}, report.text),
  );
}

function actions(report: SignatureReport, send: Send): HTMLElement {
  const parts: (HTMLElement | false)[] = [
    report.mayWrite && button('Verify again', () => send({ type: 'verify' }), { id: 'verify' }),
    button('Verify with...', () => send({ type: 'verifyWith' }), { class: 'secondary', id: 'verify-with' }),
    report.mayWrite && button('Sign model...', () => send({ type: 'sign' }), { class: 'secondary', id: 'sign' }),
    !report.mayWrite &&
      element(
        'span',
        {},
        'This workspace is not trusted, so whom its weighbridge.yaml trusts does not count, and nothing is signed here. ',
        button('Manage workspace trust', () => send({ type: 'trust' }), { class: 'link' }),
      ),
  ];
  return element('p', { class: 'actions' }, ...parts);
}

function definitions(title: string, rows: [name: string, value: string][]): HTMLElement {
  const list = rows.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]);
  return element('section', {}, element('h2', {}, title), element('dl', {}, ...list));
}

const kinds = {
  changed: 'Changed: not what was signed',
  missing: 'Missing: signed, and no longer there',
  extra: 'Extra: came after the signing',
};

function differences(report: SignatureReport, send: Send): HTMLElement[] {
  if (report.state === 'untrusted' || (report.state === 'invalid' && report.differenceCount === 0)) {
    return [
      section(
        'Differences',
        element('p', {}, 'Not compared: what an unverified signature says of files means nothing.'),
      ),
    ];
  }
  if (report.differenceCount === 0) return [section('Differences', element('p', {}, 'None: every file is as signed.'))];
  const newer = new Set(report.newer);
  const rows = report.differences.map(({ path, kind }) => [
    kind === 'missing' ? element('span', {}, path) : link(path, send),
    kinds[kind],
    newer.has(path) ? 'written after the signing' : '',
  ]);
  return [
    section(
      `Differences (${number(report.differenceCount)})`,
      table('Differences', ['File', 'What', 'When'], rows),
      cut(report.differences.length, report.differenceCount),
    ),
  ];
}

function notCovered(report: SignatureReport, send: Send): HTMLElement[] {
  const { notCovered: paths, notCoveredCount, leftOut } = report;
  if (report.state === 'untrusted' || report.state === 'invalid') return [];
  const why = { ignored: 'left out by the signature', unsigned: 'not named by the signature' };
  const title = `Not covered (${number(notCoveredCount)})`;
  const always =
    leftOut.length > 0
      ? element('p', { class: 'hint' }, `Whatever is put there later passes, too: ${leftOut.join(', ')}.`)
      : null;
  if (notCoveredCount === 0) {
    return [section(title, element('p', {}, 'Nothing in this model stands outside the signature.'), always)];
  }
  const rows = paths.map((each) => [link(each.path, send), why[each.why]]);
  return [section(title, table('Not covered', ['Path', 'Why'], rows), cut(paths.length, notCoveredCount), always)];
}

function covered(report: SignatureReport, send: Send): HTMLElement[] {
  if (report.fileCount === 0) return [];
  const rows = report.files.map(({ path, digest }) => [link(path, send), element('code', {}, digest ?? 'in shards')]);
  const title = `Covered files (${number(report.fileCount)})`;
  const list = element(
    'details',
    {},
    element('summary', {}, title),
    table('Covered files', ['File', 'Digest that was signed'], rows),
    cut(report.files.length, report.fileCount),
  );
  return [element('section', {}, list)];
}

function warnings({ warnings: all }: SignatureReport): HTMLElement[] {
  if (all.length === 0) return [];
  return [section('Good to know', element('ul', {}, ...all.map((warning) => element('li', {}, warning))))];
}

function section(title: string, ...content: (HTMLElement | null)[]): HTMLElement {
  return element('section', {}, element('h2', {}, title), ...content);
}

function link(path: string, send: Send): HTMLElement {
  return button(path, () => send({ type: 'open', path }), { class: 'link' });
}

function cut(shown: number, all: number): HTMLElement | null {
  return shown < all ? element('p', { class: 'hint' }, `${number(all - shown)} more are not listed here.`) : null;
}
