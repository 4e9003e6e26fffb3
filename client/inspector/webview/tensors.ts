import type { InspectResult, TensorsResult } from '../messages.ts';
import { element, number } from './elements.ts';
import { askTensors } from './host.ts';

/** Pixels; the style sheet has the same. */
const rowHeight = 22;
const pageRows = 200;

/** A table of which only the rows in view exist, however many tensors there are. */
export function tensorsView(result: InspectResult): HTMLElement {
  const filter = element('input', { type: 'search', 'aria-label': 'Show only tensors whose name contains' });
  filter.placeholder = 'Filter by name';
  const count = element('span', { class: 'hint', role: 'status' });
  const space = element('div', { class: 'rows' });
  const header = element(
    'div',
    { class: 'tensor head', role: 'row' },
    ...cells('columnheader', ['Name', 'Type', 'Shape', 'Bytes']),
  );
  const table = element('div', { class: 'scroller', role: 'table', 'aria-label': 'Tensors' }, header, space);
  table.tabIndex = 0;
  let pages = new Map<number, TensorsResult['rows']>();
  let matching = result.tensorsKept;

  const describeCount = () => {
    const cut =
      result.tensorsKept < result.tensorCount ? ` (the first ${number(result.tensorsKept)} can be shown)` : '';
    count.textContent = `${number(matching)} of ${number(result.tensorCount)} tensors${cut}`;
    space.style.setProperty('height', `${matching * rowHeight}px`);
    table.setAttribute('aria-rowcount', String(matching + 1));
  };
  const fetchPage = async (page: number) => {
    const asked = pages;
    if (asked.has(page)) return;
    asked.set(page, []);
    try {
      const answer = await askTensors(page * pageRows, pageRows, filter.value);
      if (asked !== pages) return;
      asked.set(page, answer.rows);
      matching = answer.matching;
      describeCount();
      draw();
    } catch (error) {
      count.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  const draw = () => {
    const first = Math.max(0, Math.floor(table.scrollTop / rowHeight) - 5);
    const last = Math.min(matching, first + Math.ceil(table.clientHeight / rowHeight) + 12);
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) {
      const tensor = pages.get(Math.floor(index / pageRows))?.[index % pageRows];
      const texts = tensor
        ? [
            tensor.name,
            tensor.dtype,
            tensor.shape.length > 0 ? tensor.shape.join(' × ') : 'scalar',
            number(tensor.bytes),
          ]
        : ['...', '', '', ''];
      const row = element(
        'div',
        { class: 'tensor', role: 'row', 'aria-rowindex': String(index + 2) },
        ...cells('cell', texts),
      );
      row.style.setProperty('top', `${index * rowHeight}px`);
      rows.push(row);
    }
    space.replaceChildren(...rows);
    if (last > first) {
      void fetchPage(Math.floor(first / pageRows));
      void fetchPage(Math.floor((last - 1) / pageRows));
    }
  };
  table.addEventListener('scroll', () => draw());
  filter.addEventListener('input', () => {
    pages = new Map();
    table.scrollTop = 0;
    void fetchPage(0);
  });
  new ResizeObserver(() => draw()).observe(table);
  describeCount();
  return element('div', {}, element('div', { class: 'bar' }, filter, count), table);
}

function cells(role: string, texts: string[]): HTMLElement[] {
  return texts.map((text) => element('span', { role, title: text }, text));
}
