import { button, element, number } from '../../inspector/webview/elements.ts';
import { PagedTable, type TableColumn } from '../../inspector/webview/pagedTable.ts';
import type { DatasetReport, DatasetRow, DatasetRowsParams } from '../messages.ts';
import { askForRows, send } from './host.ts';

type Column = NonNullable<DatasetRowsParams['sort']>['by'];

const signs = { isolated: 'alone', dense: 'crowded', spectral: 'off axis' };
const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(1)}`;

const columns: TableColumn<DatasetRow, Column>[] = [
  { id: 'line', label: 'Line', title: 'Where the record begins', text: ({ line }) => String(line) },
  {
    id: 'mark',
    label: 'Mark',
    title: 'What a person found out',
    text: ({ mark }) => (mark === null ? '' : mark === 'clean' ? '✓ clean' : '✕ poisoned'),
  },
  {
    id: 'signs',
    label: 'Signs',
    title: 'What stands out about the row, and how many findings stand on it',
    text: (row) =>
      [...row.signs.map((sign) => signs[sign]), ...(row.findings > 0 ? [`${row.findings} found`] : [])].join(', '),
  },
  {
    id: 'label',
    label: 'Label',
    title: 'With ≠ where the accepted rows would give another',
    text: ({ label, contradicted }) => `${label ?? ''}${contradicted === true ? ' ≠' : ''}`,
  },
  {
    id: 'isolation',
    label: 'Isolation',
    title: 'Isolation Forest: above 0.5 it stands apart',
    text: ({ isolation }) => isolation.toFixed(3),
  },
  {
    id: 'density',
    label: 'Density',
    title: 'Deviations: above 0 it is alone, below 0 crowded',
    text: ({ density }) => signed(density),
  },
  {
    id: 'spectral',
    label: 'Spectral',
    title: 'Deviations of its signature in its class',
    text: ({ spectral }) => signed(spectral),
  },
  {
    id: 'group',
    label: 'Group',
    title: 'Rows that lie far closer together than rows do here',
    text: ({ group }) => (group === null ? '' : `#${group}`),
  },
  { id: null, label: 'Text', title: 'The beginning; personal data is masked', text: ({ excerpt }) => excerpt },
];

/** The rows that were scored. */
export function rowsTable({ vectors, mayWrite }: DatasetReport): HTMLElement {
  const filter = element('input', { type: 'search', 'aria-label': 'Show only rows whose text or label contains' });
  filter.placeholder = 'Filter by text or label';
  const only = element('select', { 'aria-label': 'Which rows' }, ...options());
  const count = element('span', { class: 'hint', role: 'status' });
  const chosen = new Set<number>();

  const table: PagedTable<DatasetRow, Column> = new PagedTable(
    {
      ...{ label: 'Rows', rowClass: 'record', columns, sort: { by: 'signs', descending: true } },
      // What stands out most is above, and words and places are from the beginning.
      nextSort: (sort, by) =>
        sort?.by === by
          ? { by, descending: !sort.descending }
          : { by, descending: by !== 'line' && by !== 'label' && by !== 'group' },
      fetch: (from, rows, sort) => {
        const wanted = only.value as DatasetRowsParams['only'];
        return askForRows({ from, count: rows, filter: filter.value, only: wanted, ...(sort && { sort }) });
      },
      onRows: (problem) => describe(problem),
      dress: (made, index, row) => {
        if (index === table.active) made.classList.add('active');
        if (row && row.signs.length + row.findings > 0) made.classList.add('signed');
        made.setAttribute('aria-selected', String(row !== undefined && chosen.has(row.line)));
        made.title = 'Press Enter or double-click to jump to the line, Space to choose';
        const text = made.lastElementChild;
        if (text instanceof HTMLElement) text.title = text.textContent ?? '';
        made.addEventListener('click', (event) => {
          table.active = index;
          if (event.ctrlKey || event.metaKey) toggle(index);
          table.draw();
        });
        made.addEventListener('dblclick', () => jump(index));
      },
      onKey: (key) => {
        if (key === 'Enter') jump(table.active);
        else if (key === ' ') {
          toggle(table.active);
          table.draw();
        } else return false;
        return true;
      },
    },
    { 'aria-multiselectable': 'true' },
  );

  const clean = button('Mark clean...', () => mark('clean'), { class: 'secondary', id: 'mark-clean' });
  const poisoned = button('Mark poisoned...', () => mark('poisoned'), { class: 'secondary', id: 'mark-poisoned' });
  const unmark = button('Take mark back', () => mark(null), { class: 'secondary' });
  for (const each of [clean, poisoned, unmark]) each.disabled = !mayWrite;

  const lines = (): number[] => {
    if (chosen.size > 0) return [...chosen].sort((a, b) => a - b);
    const line = table.row(table.active)?.line;
    return line === undefined ? [] : [line];
  };
  const mark = (as: 'clean' | 'poisoned' | null) => {
    const of = lines();
    if (of.length > 0) send({ type: 'mark', lines: of, mark: as });
  };
  const describe = (problem: string | null) => {
    const of = vectors === null ? 0 : vectors.scored;
    const picked = chosen.size > 0 ? `, ${number(chosen.size)} chosen` : '';
    count.textContent = problem ?? `${number(table.matching)} of ${number(of)} rows${picked}`;
  };
  const toggle = (index: number) => {
    const line = table.row(index)?.line;
    if (line === undefined) return;
    if (!chosen.delete(line)) chosen.add(line);
    describe(null);
  };
  const jump = (index: number) => {
    const line = table.row(index)?.line;
    if (line !== undefined) send({ type: 'jump', line });
  };
  filter.addEventListener('input', () => table.startOver());
  only.addEventListener('change', () => table.startOver());
  describe(null);
  table.startOver();
  return element(
    'div',
    {},
    element('div', { class: 'bar' }, only, filter, clean, poisoned, unmark, count),
    table.element,
  );
}

function options(): HTMLOptionElement[] {
  const words = { all: 'All rows', suspicious: 'With signs or findings', marked: 'Marked' };
  return Object.entries(words).map(([value, text]) => {
    const made = element('option', {}, text);
    made.value = value;
    return made;
  });
}
