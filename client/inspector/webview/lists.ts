import type { InspectResult } from '../messages.ts';
import { element, number } from './elements.ts';

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

export function archivesView(archives: InspectResult['archives']): HTMLElement {
  const parts = archives.map((archive) => {
    const rows = archive.entries.map((entry) => {
      const anomalies = archive.anomalies.filter(({ name }) => name === entry.name);
      return [
        entry.name,
        number(entry.size),
        entry.method === 0 ? 'stored' : `${number(entry.compressedSize)} compressed`,
        String(entry.dataOffset),
        anomalies.map(({ message }) => message).join('; '),
      ];
    });
    const more = archive.entryCount - archive.entries.length;
    return element(
      'div',
      {},
      element('h3', {}, `${archive.format} ${archive.entry || 'archive'}`),
      table('Archive entries', ['Entry', 'Bytes', 'Stored as', 'Data at byte', 'Oddities'], rows),
      more > 0 && element('p', { class: 'hint' }, `and ${number(more)} more`),
    );
  });
  return element('div', {}, ...parts);
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

function table(label: string, columns: string[], rows: (string | HTMLElement)[][]): HTMLElement {
  const head = columns.map((name) => {
    const cell = element('th', {}, name);
    cell.scope = 'col';
    return cell;
  });
  const body = rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, cell))));
  const made = element(
    'table',
    { class: 'list', 'aria-label': label },
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
  return element('div', { class: 'scroller' }, made);
}
