import type { InspectResult } from '../messages.ts';
import { element, number } from './elements.ts';
import { table } from './table.ts';

/** What the file's pickles import, the worst first, and what is called. */
export function importsView(
  pickles: InspectResult['pickles'],
  show: (entry: string, offset: number) => void,
): HTMLElement {
  const parts = pickles
    .filter((pickle) => pickle.imports.length > 0)
    .map((pickle) => {
      const rows = pickle.imports.map((each) => {
        const name = `${each.module ?? 'made at load time'}.${each.name ?? 'made at load time'}`;
        const mark = pickle.marked.find(({ offset }) => offset === each.offset);
        const place = element(
          'button',
          { type: 'button', class: 'link', onclick: () => show(pickle.entry, each.offset) },
          `byte ${each.offset}`,
        );
        return [
          element('span', {}, mark ? `${mark.severity === 'error' ? '✕' : '!'} ${name}` : name),
          each.called ? (each.call ?? 'yes') : 'no',
          place,
        ];
      });
      const more = pickle.importCount - pickle.imports.length;
      return element(
        'div',
        {},
        pickles.length > 1 && element('h3', {}, pickle.entry || 'the file itself'),
        table('Imports', ['Import', 'Called', 'Where'], rows),
        more > 0 && element('p', { class: 'hint' }, `and ${number(more)} more`),
      );
    });
  return element('div', {}, ...(parts.length > 0 ? parts : [element('p', {}, 'Nothing is imported.')]));
}

export function othersView(others: InspectResult['others']): HTMLElement {
  return table(
    'Values beside tensors',
    ['Key', 'What it is'],
    others.map(({ key, what }) => [key, what]),
  );
}

export function problemsView(problems: InspectResult['problems']): HTMLElement {
  return table(
    'What could not be read',
    ['Where', 'Byte', 'What happened'],
    problems.map(({ entry, offset, message }) => [
      entry || 'the file itself',
      offset === null ? '' : String(offset),
      message,
    ]),
  );
}
