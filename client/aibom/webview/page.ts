import { button, element, number } from '../../inspector/webview/elements.ts';
import { severitySign } from '../../inspector/webview/severitySign.ts';
import { table } from '../../inspector/webview/table.ts';
import type { AibomView, FromAibomPage } from '../messages.ts';
import { drawing } from './drawing.ts';
import { meters } from './meters.ts';

type Send = (message: FromAibomPage) => void;

/** A bill of materials in the order of the questions that people have: can I rely on it, what is it, what is missing, what is it made of. */
export function page(view: AibomView, send: Send): HTMLElement[] {
  return [
    element('h1', {}, view.name),
    element('p', { class: 'kind' }, 'AI bill of materials'),
    element(
      'p',
      { class: `verdict ${view.verdict.severity}`, role: 'status' },
      severitySign(view.verdict.severity),
      element('span', {}, view.verdict.text),
    ),
    actions(view, send),
    ...problems(view, send),
    meters(view, send),
    facts(view),
    drawing(view.drawing),
    ...view.tables.map((each) => part(each, send)),
    ...considerations(view),
    ...notes(view),
  ];
}

function actions(view: AibomView, send: Send): HTMLElement {
  const act = (label: string, type: 'update' | 'fill' | 'sideFile', second = true) =>
    view.mayWrite &&
    view.disk !== 'nothing' &&
    button(label, () => send({ type }), { id: type, ...(second ? { class: 'secondary' } : {}) });
  return element(
    'p',
    { class: 'actions' },
    act('Update AIBOM', 'update', view.verdict.severity !== 'warning'),
    act('Fill from model card', 'fill'),
    act('Fill in by hand...', 'sideFile'),
    button('Open as text', () => send({ type: 'text' }), { class: 'secondary', id: 'text' }),
    !view.mayWrite &&
      element(
        'span',
        {},
        'This workspace is not trusted, so nothing is written here. ',
        button('Manage workspace trust', () => send({ type: 'trust' }), { class: 'link' }),
      ),
  );
}

const words = { error: 'Error', warning: 'Warning' };

function problems(view: AibomView, send: Send): HTMLElement[] {
  if (view.problems.length === 0) return [];
  const rows = view.problems.map(({ severity, message, line }) => [
    button(`Line ${number(line)}`, () => send({ type: 'text', line }), { class: 'link' }),
    words[severity],
    message,
  ]);
  return [
    section(
      `What is wrong (${number(view.problemCount)})`,
      table('What is wrong', ['Where', 'How bad', 'What'], rows),
      cut(view.problems.length, view.problemCount),
    ),
  ];
}

function facts(view: AibomView): HTMLElement {
  const rows = view.facts.map(({ name, value, source }) => [name, value, source ?? '']);
  const signature = view.coveredBy?.text ?? "none: no signature covers the model's folder";
  return section(
    'What it says',
    table('What it says', ['Field', 'Value', 'Read from'], [...rows, ['Signature over the folder', signature, '']]),
  );
}

/** Large tables are folded, so that the page can be read from the top. */
const foldedFrom = 12;

function part({ id, title, columns, rows, total }: AibomView['tables'][number], send: Send): HTMLElement {
  const shown =
    id === 'files'
      ? rows.map(([path = '', state = '', ...rest]) => [opens(path, state, send), state, ...rest.map(fixed)])
      : rows;
  const heading = `${title} (${number(total)})`;
  const content = [table(title, columns, shown), cut(rows.length, total)];
  if (total < foldedFrom) return section(heading, ...content);
  return element('section', {}, element('details', { id: `part-${id}` }, element('summary', {}, heading), ...content));
}

function opens(path: string, state: string, send: Send): HTMLElement {
  if (state === 'no longer there') return element('span', {}, path);
  return button(path, () => send({ type: 'open', path }), { class: 'link' });
}

const fixed = (text: string): HTMLElement => element('code', {}, text);

function considerations(view: AibomView): HTMLElement[] {
  if (view.considerations.length === 0) return [];
  const groups = view.considerations.flatMap(({ title, texts }) => [
    element('h3', {}, title),
    element('ul', {}, ...texts.map((text) => element('li', {}, text))),
  ]);
  return [section('Considerations', ...groups)];
}

function notes({ notes: all }: AibomView): HTMLElement[] {
  if (all.length === 0) return [];
  return [section('Notes', element('ul', {}, ...all.map((note) => element('li', {}, note))))];
}

function section(title: string, ...content: (HTMLElement | null)[]): HTMLElement {
  return element('section', {}, element('h2', {}, title), ...content);
}

function cut(shown: number, all: number): HTMLElement | null {
  return shown < all ? element('p', { class: 'hint' }, `${number(all - shown)} more are not listed here.`) : null;
}
