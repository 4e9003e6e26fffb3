import type { InspectResult, TensorsParams, TensorsResult } from '../messages.ts';
import { button, element, number } from './elements.ts';
import { histogramView } from './histogram.ts';
import { ask } from './host.ts';
import { rowAfter } from './navigation.ts';

/** Pixels; the style sheet has the same. */
const rowHeight = 22;
const pageRows = 200;

type Row = TensorsResult['rows'][number];
type Column = NonNullable<TensorsParams['sort']>['by'];

const columns: { id: Column; label: string; text: (tensor: Row) => string }[] = [
  { id: 'name', label: 'Name', text: ({ name }) => name },
  { id: 'dtype', label: 'Type', text: ({ dtype }) => dtype },
  { id: 'shape', label: 'Shape', text: ({ shape }) => (shape.length > 0 ? shape.join(' × ') : 'scalar') },
  { id: 'bytes', label: 'Bytes', text: ({ bytes }) => number(bytes) },
  { id: 'offset', label: 'At byte', text: ({ offset }) => (offset === undefined ? '' : String(offset)) },
];

/** A table of which only the rows in view exist, however many tensors there are. */
export function tensorsView(result: InspectResult): HTMLElement {
  const filter = element('input', { type: 'search', 'aria-label': 'Show only tensors whose name contains' });
  filter.placeholder = 'Filter by name';
  const count = element('span', { class: 'hint', role: 'status' });
  const values = element('div', { class: 'values', role: 'region', 'aria-label': 'Values of the chosen tensor' });
  const space = element('div', { class: 'rows', role: 'rowgroup' });
  let sort: TensorsParams['sort'];
  const heads = columns.map(({ id, label }) => {
    const handle = button(label, () => sortBy(id), { class: 'sort' });
    return { id, handle, cell: element('span', { role: 'columnheader', 'aria-sort': 'none' }, handle) };
  });
  const header = element('div', { class: 'tensor head', role: 'row' }, ...heads.map(({ cell }) => cell));
  const table = element('div', { class: 'scroller', role: 'grid', 'aria-label': 'Tensors' }, header, space);
  table.tabIndex = 0;
  table.setAttribute('aria-readonly', 'true');
  let pages = new Map<number, Row[]>();
  let matching = result.tensorsKept;
  let active = 0;
  /** The row that was chosen before it had come. */
  let awaited: number | null = null;

  const describeCount = () => {
    const cut =
      result.tensorsKept < result.tensorCount ? ` (the first ${number(result.tensorsKept)} can be shown)` : '';
    count.textContent = `${number(matching)} of ${number(result.tensorCount)} tensors${cut}`;
    space.style.setProperty('height', `${matching * rowHeight}px`);
    table.setAttribute('aria-rowcount', String(matching + 1));
  };
  const rowOf = (index: number) => pages.get(Math.floor(index / pageRows))?.[index % pageRows];
  const fetchPage = async (page: number) => {
    const asked = pages;
    if (asked.has(page)) return;
    asked.set(page, []);
    try {
      const params = { from: page * pageRows, count: pageRows, filter: filter.value, ...(sort && { sort }) };
      const answer = await ask('tensors', params);
      if (asked !== pages) return;
      asked.set(page, answer.rows);
      matching = answer.matching;
      active = Math.min(active, Math.max(0, matching - 1));
      describeCount();
      draw();
      showAwaited();
    } catch (error) {
      count.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const startOver = () => {
    pages = new Map();
    active = 0;
    awaited = null;
    table.scrollTop = 0;
    void fetchPage(0);
  };
  const sortBy = (by: Column) => {
    sort = sort?.by !== by ? { by, descending: false } : sort.descending ? undefined : { by, descending: true };
    for (const { id, handle, cell } of heads) {
      const direction = sort?.by !== id ? 'none' : sort.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', direction);
      handle.dataset['sort'] = direction;
    }
    startOver();
  };
  const showValues = async (tensor: Row) => {
    if (!tensor.readable) {
      const why =
        tensor.offset === undefined ? 'do not stand in one piece' : `of type ${tensor.dtype} have no histogram`;
      values.replaceChildren(element('p', { class: 'hint', role: 'status' }, `The values of ${tensor.name} ${why}.`));
      return;
    }
    try {
      values.replaceChildren(histogramView(tensor.name, await ask('histogram', { index: tensor.index })));
      // The drawing takes room from the table.
      reveal();
      draw();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      values.replaceChildren(element('p', { class: 'hint', role: 'status' }, words));
    }
  };
  const draw = () => {
    const first = Math.max(0, Math.floor(table.scrollTop / rowHeight) - 5);
    const last = Math.min(matching, first + Math.ceil(table.clientHeight / rowHeight) + 12);
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) {
      const tensor = rowOf(index);
      const texts = columns.map(({ text }, column) => (tensor ? text(tensor) : column === 0 ? '...' : ''));
      const row = element(
        'div',
        {
          class: tensor?.readable ? 'tensor readable' : 'tensor',
          role: 'row',
          id: `tensor-${index}`,
          'aria-rowindex': String(index + 2),
          'aria-selected': String(index === active),
          ...(tensor?.readable && { title: 'Press Enter or click for a histogram of its values' }),
          onclick: () => choose(index),
        },
        ...texts.map((text) => element('span', { role: 'gridcell' }, text)),
      );
      row.style.setProperty('top', `${index * rowHeight}px`);
      rows.push(row);
    }
    space.replaceChildren(...rows);
    if (active >= first && active < last) table.setAttribute('aria-activedescendant', `tensor-${active}`);
    else table.removeAttribute('aria-activedescendant');
    if (last > first) {
      void fetchPage(Math.floor(first / pageRows));
      void fetchPage(Math.floor((last - 1) / pageRows));
    }
  };
  const reveal = () => {
    const top = active * rowHeight;
    if (top < table.scrollTop) table.scrollTop = top;
    // The header covers the first row of what is in view.
    else if (top + 2 * rowHeight > table.scrollTop + table.clientHeight) {
      table.scrollTop = top + 2 * rowHeight - table.clientHeight;
    }
  };
  const choose = (index: number) => {
    active = index;
    draw();
    awaited = index;
    showAwaited();
  };
  const showAwaited = () => {
    const tensor = awaited === null ? undefined : rowOf(awaited);
    if (!tensor) return;
    awaited = null;
    void showValues(tensor);
  };
  table.addEventListener('keydown', (event) => {
    if (event.target !== table) return;
    if (event.key === 'Enter') {
      choose(active);
      return;
    }
    const visible = Math.max(1, Math.floor(table.clientHeight / rowHeight) - 2);
    const to = rowAfter(event.key, active, matching, visible);
    if (to === null) return;
    event.preventDefault();
    active = to;
    reveal();
    draw();
  });
  table.addEventListener('scroll', () => draw());
  filter.addEventListener('input', startOver);
  new ResizeObserver(() => draw()).observe(table);
  describeCount();
  return element('div', {}, element('div', { class: 'bar' }, filter, count), table, values);
}
