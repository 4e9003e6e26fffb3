import type { ArchiveResult, InspectResult } from '../messages.ts';
import { element, number } from './elements.ts';
import { ask } from './host.ts';
import { tableOf } from './table.ts';

/** Every archive of the file as a tree, with what its central directory and its local headers each say. */
export function archivesView(archives: InspectResult['archives']): HTMLElement {
  const shown = archives.slice(0, 50).map((archive) => {
    const place = element('div', {}, element('p', { class: 'hint', role: 'status' }, 'Reading the archive...'));
    void fill(place, archive);
    return element('section', {}, element('h3', {}, `${archive.format} ${archive.entry || 'archive'}`), place);
  });
  const more = archives.length - shown.length;
  return element(
    'div',
    { class: 'scroller' },
    ...shown,
    more > 0 && element('p', { class: 'hint' }, `and ${number(more)} more archives`),
  );
}

async function fill(place: HTMLElement, { entry }: InspectResult['archives'][number]): Promise<void> {
  try {
    const result = await ask('archive', { entry });
    const more = result.total - result.rows.length;
    place.replaceChildren(
      ...result.anomalies.map((message) => element('p', { class: 'odd' }, `! ${message}`)),
      tree(result),
      ...(more > 0 ? [element('p', { class: 'hint' }, `and ${number(more)} more entries`)] : []),
    );
  } catch (error) {
    place.replaceChildren(element('p', { class: 'hint', role: 'alert' }, error instanceof Error ? error.message : ''));
  }
}

function tree({ twoLists, rows }: ArchiveResult): HTMLElement {
  const lists = twoLists ? ['Central directory', 'Local header'] : [];
  const columns = ['Entry', ...lists, 'Bytes', 'Stored as', 'Data at byte'];
  const sorted = rows
    .map((row) => ({ row, path: row.name.split('/') }))
    .sort((a, b) => a.row.name.localeCompare(b.row.name) || a.row.offset - b.row.offset);
  const made: HTMLElement[] = [];
  let open: string[] = [];
  for (const { row, path } of sorted) {
    const folders = path.slice(0, -1);
    const same = folders.findIndex((name, depth) => open[depth] !== name);
    const from = same === -1 ? folders.length : same;
    for (let depth = from; depth < folders.length; depth++) {
      const cell = element('td', {}, indented(depth, `▾ ${folders[depth] ?? ''}/`));
      cell.colSpan = columns.length;
      made.push(element('tr', { class: 'folder' }, cell));
    }
    open = folders;
    const name = path.at(-1) ?? '';
    if (name === '' && row.size === 0 && row.anomalies.length === 0) continue;
    const sign = (there: boolean) =>
      element(
        'span',
        there ? { 'aria-label': 'listed' } : { class: 'odd', 'aria-label': 'not listed so' },
        there ? '✓' : '✕',
      );
    const differs = twoLists && !(row.inCentral && row.inLocal);
    const cells = [
      indented(folders.length, name),
      ...(twoLists ? [sign(row.inCentral), sign(row.inLocal)] : []),
      number(row.size),
      row.method === 'stored' ? 'stored' : `${row.method}, ${number(row.compressedSize)} bytes`,
      String(row.dataOffset),
    ].map((content) => element('td', {}, content));
    const odd = differs || row.anomalies.length > 0 ? { class: 'marked warning' } : {};
    made.push(element('tr', odd, ...cells));
    // A line of its own beneath: sentences in a last column would be cut off in a narrow view.
    if (row.anomalies.length > 0) {
      const cell = element('td', { class: 'oddities' }, indented(folders.length, row.anomalies.join('; ')));
      cell.colSpan = columns.length;
      made.push(element('tr', odd, cell));
    }
  }
  const view = tableOf('Archive entries', columns, made);
  view.classList.add('archive');
  return view;
}

function indented(depth: number, text: string): HTMLElement {
  const made = element('span', { class: 'indented' }, text);
  made.style.setProperty('padding-inline-start', `${Math.min(depth, 12)}em`);
  return made;
}
