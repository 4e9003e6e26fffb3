import { button, element, number } from '../../inspector/webview/elements.ts';
import { rowAfter } from '../../inspector/webview/navigation.ts';
import type { DatasetReport, DatasetRow, DatasetRowsParams } from '../messages.ts';
import { askForRows, send } from './host.ts';

/** Pixels; the style sheet has the same. */
const rowHeight = 22;
const pageRows = 200;

type Column = NonNullable<DatasetRowsParams['sort']>['by'];

const signs = { isolated: 'alone', dense: 'crowded', spectral: 'off axis' };
const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(1)}`;

const columns: { id: Column | null; label: string; title: string; text: (row: DatasetRow) => string }[] = [
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

/** The rows that were scored: only those in view exist as elements, however many there are. */
export function rowsTable({ vectors, mayWrite }: DatasetReport): HTMLElement {
  const filter = element('input', { type: 'search', 'aria-label': 'Show only rows whose text or label contains' });
  filter.placeholder = 'Filter by text or label';
  const only = element('select', { 'aria-label': 'Which rows' }, ...options());
  const count = element('span', { class: 'hint', role: 'status' });
  const space = element('div', { class: 'rows', role: 'rowgroup' });
  let sort: DatasetRowsParams['sort'] = { by: 'signs', descending: true };
  const heads = columns.map(({ id, label, title }) => {
    const handle = id === null ? null : button(label, () => sortBy(id), { class: 'sort', title });
    return { id, handle, cell: element('span', { role: 'columnheader', 'aria-sort': 'none', title }, handle ?? label) };
  });
  const header = element('div', { class: 'record head', role: 'row' }, ...heads.map(({ cell }) => cell));
  const table = element(
    'div',
    { class: 'scroller', role: 'grid', 'aria-label': 'Rows', 'aria-multiselectable': 'true' },
    header,
    space,
  );
  table.tabIndex = 0;
  table.setAttribute('aria-readonly', 'true');
  let pages = new Map<number, DatasetRow[]>();
  let matching = 0;
  let active = 0;
  const chosen = new Set<number>();

  const clean = button('Mark clean...', () => mark('clean'), { class: 'secondary', id: 'mark-clean' });
  const poisoned = button('Mark poisoned...', () => mark('poisoned'), { class: 'secondary', id: 'mark-poisoned' });
  const unmark = button('Take mark back', () => mark(null), { class: 'secondary' });
  for (const each of [clean, poisoned, unmark]) each.disabled = !mayWrite;

  const rowOf = (index: number) => pages.get(Math.floor(index / pageRows))?.[index % pageRows];
  const lines = (): number[] => {
    if (chosen.size > 0) return [...chosen].sort((a, b) => a - b);
    const line = rowOf(active)?.line;
    return line === undefined ? [] : [line];
  };
  const mark = (as: 'clean' | 'poisoned' | null) => {
    const of = lines();
    if (of.length > 0) send({ type: 'mark', lines: of, mark: as });
  };
  const describe = () => {
    const of = vectors === null ? 0 : vectors.scored;
    const picked = chosen.size > 0 ? `, ${number(chosen.size)} chosen` : '';
    count.textContent = `${number(matching)} of ${number(of)} rows${picked}`;
    space.style.setProperty('height', `${matching * rowHeight}px`);
    table.setAttribute('aria-rowcount', String(matching + 1));
  };
  const fetchPage = async (page: number) => {
    const asked = pages;
    if (asked.has(page)) return;
    asked.set(page, []);
    try {
      const wanted = only.value as DatasetRowsParams['only'];
      const params = { from: page * pageRows, count: pageRows, filter: filter.value, only: wanted };
      const answer = await askForRows({ ...params, ...(sort && { sort }) });
      if (asked !== pages) return;
      asked.set(page, answer.rows);
      matching = answer.matching;
      active = Math.min(active, Math.max(0, matching - 1));
      describe();
      draw();
    } catch (error) {
      count.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const startOver = () => {
    pages = new Map();
    active = 0;
    table.scrollTop = 0;
    void fetchPage(0);
  };
  const sortBy = (by: Column) => {
    sort =
      sort?.by !== by
        ? { by, descending: by !== 'line' && by !== 'label' && by !== 'group' }
        : { by, descending: !sort.descending };
    showSort();
    startOver();
  };
  const showSort = () => {
    for (const { id, handle, cell } of heads) {
      const direction = id === null || sort?.by !== id ? 'none' : sort.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', direction);
      if (handle) handle.dataset['sort'] = direction;
    }
  };
  const draw = () => {
    const first = Math.max(0, Math.floor(table.scrollTop / rowHeight) - 5);
    const last = Math.min(matching, first + Math.ceil(table.clientHeight / rowHeight) + 12);
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) rows.push(rowElement(index));
    space.replaceChildren(...rows);
    if (active >= first && active < last) table.setAttribute('aria-activedescendant', `record-${active}`);
    else table.removeAttribute('aria-activedescendant');
    if (last > first) {
      void fetchPage(Math.floor(first / pageRows));
      void fetchPage(Math.floor((last - 1) / pageRows));
    }
  };
  const rowElement = (index: number): HTMLElement => {
    const row = rowOf(index);
    const cells = columns.map(({ text }, column) => {
      const shown = row ? text(row) : column === 0 ? '...' : '';
      return element('span', { role: 'gridcell', ...(column === columns.length - 1 && { title: shown }) }, shown);
    });
    const selected = row !== undefined && chosen.has(row.line);
    const made = element(
      'div',
      {
        class: `record${index === active ? ' active' : ''}${row && row.signs.length + row.findings > 0 ? ' signed' : ''}`,
        role: 'row',
        id: `record-${index}`,
        'aria-rowindex': String(index + 2),
        'aria-selected': String(selected),
        title: 'Press Enter or double-click to jump to the line, Space to choose',
      },
      ...cells,
    );
    made.style.setProperty('top', `${index * rowHeight}px`);
    made.addEventListener('click', (event) => {
      active = index;
      if (event.ctrlKey || event.metaKey) toggle(index);
      draw();
    });
    made.addEventListener('dblclick', () => jump(index));
    return made;
  };
  const toggle = (index: number) => {
    const line = rowOf(index)?.line;
    if (line === undefined) return;
    if (!chosen.delete(line)) chosen.add(line);
    describe();
  };
  const jump = (index: number) => {
    const line = rowOf(index)?.line;
    if (line !== undefined) send({ type: 'jump', line });
  };
  const reveal = () => {
    const top = active * rowHeight;
    if (top < table.scrollTop) table.scrollTop = top;
    // The header covers the first row of what is in view.
    else if (top + 2 * rowHeight > table.scrollTop + table.clientHeight) {
      table.scrollTop = top + 2 * rowHeight - table.clientHeight;
    }
  };
  table.addEventListener('keydown', (event) => {
    if (event.target !== table) return;
    if (event.key === 'Enter') jump(active);
    else if (event.key === ' ') {
      event.preventDefault();
      toggle(active);
      draw();
    } else {
      const visible = Math.max(1, Math.floor(table.clientHeight / rowHeight) - 2);
      const to = rowAfter(event.key, active, matching, visible);
      if (to === null) return;
      event.preventDefault();
      active = to;
      reveal();
      draw();
    }
  });
  table.addEventListener('scroll', () => draw());
  filter.addEventListener('input', startOver);
  only.addEventListener('change', startOver);
  new ResizeObserver(() => draw()).observe(table);
  showSort();
  describe();
  void fetchPage(0);
  return element('div', {}, element('div', { class: 'bar' }, only, filter, clean, poisoned, unmark, count), table);
}

function options(): HTMLOptionElement[] {
  const words = { all: 'All rows', suspicious: 'With signs or findings', marked: 'Marked' };
  return Object.entries(words).map(([value, text]) => {
    const made = element('option', {}, text);
    made.value = value;
    return made;
  });
}
