import { button, element } from './elements.ts';
import { rowAfter } from './navigation.ts';

/** Pixels; the style sheets have the same. */
const rowHeight = 22;
const pageRows = 200;

export interface Sort<By> {
  by: By;
  descending: boolean;
}

export interface TableColumn<Row, By> {
  /** Null: rows are not sorted by it. */
  id: By | null;
  label: string;
  title?: string;
  text: (row: Row) => string;
}

interface TableOptions<Row, By extends string> {
  label: string;
  /** The class of rows; their ids begin with it, too. */
  rowClass: string;
  columns: readonly TableColumn<Row, By>[];
  sort?: Sort<By> | undefined;
  /** What a click on a column's head makes of the order; undefined is that of the file. */
  nextSort: (sort: Sort<By> | undefined, by: By) => Sort<By> | undefined;
  fetch: (from: number, count: number, sort: Sort<By> | undefined) => Promise<{ rows: Row[]; matching: number }>;
  /** Called when other rows have come, and with the reason when they have not. */
  onRows: (problem: string | null) => void;
  /** Finishes a row's element; its row is undefined before it has come. */
  dress: (made: HTMLElement, index: number, row: Row | undefined) => void;
  /** A key that does not move. @returns whether it meant something. */
  onKey: (key: string) => boolean;
}

/** A table of which only the rows in view exist, however many there are: they are fetched by pages, and one of them is active. */
export class PagedTable<Row, By extends string> {
  readonly element: HTMLElement;
  active = 0;
  readonly #options: TableOptions<Row, By>;
  readonly #space = element('div', { class: 'rows', role: 'rowgroup' });
  readonly #heads: { id: By | null; handle: HTMLElement | null; cell: HTMLElement }[];
  #pages = new Map<number, Row[]>();
  #sort: Sort<By> | undefined;
  #matching = 0;

  /** @param more attributes of the table. */
  constructor(options: TableOptions<Row, By>, more: Record<`aria-${string}`, string> = {}) {
    this.#options = options;
    this.#sort = options.sort;
    this.#heads = options.columns.map(({ id, label, title }) => {
      const told = title === undefined ? {} : { title };
      const handle = id === null ? null : button(label, () => this.#sortBy(id), { class: 'sort', ...told });
      const cell = element('span', { role: 'columnheader', 'aria-sort': 'none', ...told }, handle ?? label);
      return { id, handle, cell };
    });
    const header = element(
      'div',
      { class: `${options.rowClass} head`, role: 'row' },
      ...this.#heads.map(({ cell }) => cell),
    );
    const table = { class: 'scroller', role: 'grid', 'aria-label': options.label, 'aria-readonly': 'true', ...more };
    this.element = element('div', table, header, this.#space);
    this.element.tabIndex = 0;
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.element.addEventListener('scroll', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.element);
    this.#showSort();
  }

  /** Rows that there are, by the filter. */
  get matching(): number {
    return this.#matching;
  }

  /** Before the first page has come it may be known. */
  set matching(count: number) {
    this.#matching = count;
    this.active = Math.min(this.active, Math.max(0, count - 1));
    this.#space.style.setProperty('height', `${count * rowHeight}px`);
    this.element.setAttribute('aria-rowcount', String(count + 1));
  }

  /** Undefined before it has come. */
  row(index: number): Row | undefined {
    return this.#pages.get(Math.floor(index / pageRows))?.[index % pageRows];
  }

  /** Fetches anew, because the filter has changed. */
  startOver(): void {
    this.#pages = new Map();
    this.active = 0;
    this.element.scrollTop = 0;
    void this.#fetch(0);
  }

  draw(): void {
    const first = Math.max(0, Math.floor(this.element.scrollTop / rowHeight) - 5);
    const last = Math.min(this.#matching, first + Math.ceil(this.element.clientHeight / rowHeight) + 12);
    const rows: HTMLElement[] = [];
    for (let index = first; index < last; index++) rows.push(this.#rowElement(index));
    this.#space.replaceChildren(...rows);
    const { active } = this;
    if (active >= first && active < last) this.element.setAttribute('aria-activedescendant', this.#id(active));
    else this.element.removeAttribute('aria-activedescendant');
    if (last <= first) return;
    void this.#fetch(Math.floor(first / pageRows));
    void this.#fetch(Math.floor((last - 1) / pageRows));
  }

  /** Brings the active row into view. */
  reveal(): void {
    const top = this.active * rowHeight;
    if (top < this.element.scrollTop) this.element.scrollTop = top;
    // The header covers the first row of what is in view.
    else if (top + 2 * rowHeight > this.element.scrollTop + this.element.clientHeight)
      this.element.scrollTop = top + 2 * rowHeight - this.element.clientHeight;
  }

  async #fetch(page: number): Promise<void> {
    const asked = this.#pages;
    if (asked.has(page)) return;
    asked.set(page, []);
    try {
      const { rows, matching } = await this.#options.fetch(page * pageRows, pageRows, this.#sort);
      if (asked !== this.#pages) return;
      asked.set(page, rows);
      this.matching = matching;
      this.draw();
      this.#options.onRows(null);
    } catch (error) {
      this.#options.onRows(error instanceof Error ? error.message : String(error));
    }
  }

  #rowElement(index: number): HTMLElement {
    const row = this.row(index);
    const cells = this.#options.columns.map(({ text }, column) =>
      element('span', { role: 'gridcell' }, row ? text(row) : column === 0 ? '...' : ''),
    );
    const made = element(
      'div',
      { class: this.#options.rowClass, role: 'row', id: this.#id(index), 'aria-rowindex': String(index + 2) },
      ...cells,
    );
    made.style.setProperty('top', `${index * rowHeight}px`);
    this.#options.dress(made, index, row);
    return made;
  }

  #id(index: number): string {
    return `${this.#options.rowClass}-${index}`;
  }

  #sortBy(by: By): void {
    this.#sort = this.#options.nextSort(this.#sort, by);
    this.#showSort();
    this.startOver();
  }

  #showSort(): void {
    for (const { id, handle, cell } of this.#heads) {
      const isSorted = id !== null && this.#sort?.by === id;
      const direction = !isSorted ? 'none' : this.#sort?.descending ? 'descending' : 'ascending';
      cell.setAttribute('aria-sort', direction);
      if (handle) handle.dataset['sort'] = direction;
    }
  }

  #key(event: KeyboardEvent): void {
    if (event.target !== this.element) return;
    const visible = Math.max(1, Math.floor(this.element.clientHeight / rowHeight) - 2);
    const to = rowAfter(event.key, this.active, this.#matching, visible);
    if (to === null) {
      if (this.#options.onKey(event.key)) event.preventDefault();
      return;
    }
    event.preventDefault();
    this.active = to;
    this.reveal();
    this.draw();
  }
}
