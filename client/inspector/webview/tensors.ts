import type { InspectResult, TensorsParams, TensorsResult } from '../messages.ts';
import { element, number } from './elements.ts';
import { histogramView } from './histogram.ts';
import { ask } from './host.ts';
import { PagedTable, type TableColumn } from './pagedTable.ts';

type Row = TensorsResult['rows'][number];
type Column = NonNullable<TensorsParams['sort']>['by'];

const columns: TableColumn<Row, Column>[] = [
  { id: 'name', label: 'Name', text: ({ name }) => name },
  { id: 'dtype', label: 'Type', text: ({ dtype }) => dtype },
  { id: 'shape', label: 'Shape', text: ({ shape }) => (shape.length > 0 ? shape.join(' × ') : 'scalar') },
  { id: 'bytes', label: 'Bytes', text: ({ bytes }) => number(bytes) },
  { id: 'offset', label: 'At byte', text: ({ offset }) => (offset === undefined ? '' : String(offset)) },
];

/** The tensors of a file, with the histogram of the one that is chosen. */
export function tensorsView(result: InspectResult): HTMLElement {
  const filter = element('input', { type: 'search', 'aria-label': 'Show only tensors whose name contains' });
  filter.placeholder = 'Filter by name';
  const count = element('span', { class: 'hint', role: 'status' });
  const values = element('div', { class: 'values', role: 'region', 'aria-label': 'Values of the chosen tensor' });
  /** The row that was chosen before it had come. */
  let awaited: number | null = null;

  const table: PagedTable<Row, Column> = new PagedTable({
    ...{ label: 'Tensors', rowClass: 'tensor', columns },
    // Up, down, and back to the order of the file.
    nextSort: (sort, by) => {
      awaited = null;
      return sort?.by !== by ? { by, descending: false } : sort.descending ? undefined : { by, descending: true };
    },
    fetch: (from, rows, sort) => ask('tensors', { from, count: rows, filter: filter.value, ...(sort && { sort }) }),
    onRows: (problem) => {
      describeCount(problem);
      if (problem === null) showAwaited();
    },
    dress: (made, index, tensor) => {
      made.setAttribute('aria-selected', String(index === table.active));
      made.addEventListener('click', () => choose(index));
      if (!tensor?.readable) return;
      made.classList.add('readable');
      made.title = 'Press Enter or click for a histogram of its values';
    },
    onKey: (key) => {
      if (key === 'Enter') choose(table.active);
      return key === 'Enter';
    },
  });
  const describeCount = (problem: string | null) => {
    const cut =
      result.tensorsKept < result.tensorCount ? ` (the first ${number(result.tensorsKept)} can be shown)` : '';
    count.textContent = problem ?? `${number(table.matching)} of ${number(result.tensorCount)} tensors${cut}`;
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
      table.reveal();
      table.draw();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      values.replaceChildren(element('p', { class: 'hint', role: 'status' }, words));
    }
  };
  const choose = (index: number) => {
    table.active = index;
    table.draw();
    awaited = index;
    showAwaited();
  };
  const showAwaited = () => {
    const tensor = awaited === null ? undefined : table.row(awaited);
    if (!tensor) return;
    awaited = null;
    void showValues(tensor);
  };
  filter.addEventListener('input', () => {
    awaited = null;
    table.startOver();
  });
  table.matching = result.tensorsKept;
  describeCount(null);
  return element('div', {}, element('div', { class: 'bar' }, filter, count), table.element, values);
}
