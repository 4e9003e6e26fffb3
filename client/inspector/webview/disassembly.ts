import type { DisassembleResult, InspectResult } from '../messages.ts';
import { button, element, number } from './elements.ts';
import { ask } from './host.ts';
import { navigable } from './navigation.ts';

const pageRows = 300;

export interface DisassemblyView {
  view: HTMLElement;
  show(entry: string, offset: number): void;
}

/** The opcodes of the file's pickles, a page at a time, with those that findings speak of marked. */
export function disassemblyView(pickles: InspectResult['pickles']): DisassemblyView {
  const body = element('tbody', {});
  const earlier = button('Earlier opcodes', () => void before(), { class: 'secondary' });
  const later = button('Later opcodes', () => void after(), { class: 'secondary' });
  const note = element('p', { class: 'hint', role: 'status' });
  const scroller = element(
    'div',
    { class: 'scroller', role: 'region', 'aria-label': 'Disassembly' },
    earlier,
    element('table', { class: 'listing' }, head(), body),
    later,
  );
  scroller.tabIndex = 0;
  const marks = element('div', { class: 'marks', role: 'group', 'aria-label': 'Marked opcodes' });
  const choice = element('select', { 'aria-label': 'Pickle' });
  for (const [index, pickle] of pickles.entries()) {
    const option = element('option', {}, `${pickle.entry || 'the file itself'} (${number(pickle.opcodes)} opcodes)`);
    option.value = String(index);
    choice.append(option);
  }
  let current = pickles[0];
  let range: { previous: number | null; next: number | null } = { previous: null, next: null };

  const load = async (
    offset: number,
    around: boolean,
    place: (rows: HTMLElement[]) => void,
    keep: 'previous' | 'next' | 'both',
  ) => {
    if (!current) return;
    const pickle = current;
    try {
      const page = await ask('disassembly', { entry: pickle.entry, from: offset, around, count: pageRows });
      if (pickle !== current) return;
      place(page.rows.map((row) => rowOf(row, pickle)));
      range = {
        previous: keep === 'next' ? range.previous : page.previous,
        next: keep === 'previous' ? range.next : page.next,
      };
      note.textContent = '';
    } catch (error) {
      note.textContent = error instanceof Error ? error.message : String(error);
    }
    earlier.hidden = range.previous === null;
    later.hidden = range.next === null;
  };
  const after = () =>
    range.next === null ? undefined : load(range.next, false, (rows) => body.append(...rows), 'next');
  const before = async () => {
    const first = body.querySelector<HTMLElement>('tr')?.dataset['offset'];
    if (range.previous === null || first === undefined) return;
    const height = scroller.scrollHeight;
    const rows = (shown: HTMLElement[]) => {
      // The page may reach into what is shown already.
      body.prepend(...shown.filter((row) => Number(row.dataset['offset']) < Number(first)));
      scroller.scrollTop += scroller.scrollHeight - height;
    };
    await load(range.previous, true, rows, 'previous');
  };

  const show = async (entry: string, offset: number | null) => {
    const pickle = pickles.find((each) => each.entry === entry);
    if (!pickle) return;
    current = pickle;
    choice.value = String(pickles.indexOf(pickle));
    showMarks(pickle);
    const wanted = offset ?? pickle.marked[0]?.offset ?? 0;
    let row = body.dataset['entry'] === entry ? rowAt(wanted) : null;
    if (!row) {
      body.dataset['entry'] = entry;
      await load(wanted, true, (rows) => body.replaceChildren(...rows), 'both');
      row = rowAt(wanted);
    }
    if (offset === null && pickle.marked.length === 0) return;
    if (!row) return;
    // Only the listing scrolls by itself: the verdict above stays where the eye is, unless a person asked for the place.
    const distance = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
    scroller.scrollTop += distance - scroller.clientHeight / 3;
    if (offset !== null) scroller.scrollIntoView({ block: 'nearest' });
    for (const each of body.querySelectorAll('[aria-current]')) each.removeAttribute('aria-current');
    row.setAttribute('aria-current', 'true');
  };
  const rowAt = (offset: number) => body.querySelector<HTMLElement>(`tr[data-offset="${offset}"]`);
  const showMarks = (pickle: InspectResult['pickles'][number]) => {
    const shown = pickle.marked.slice(0, 20);
    marks.replaceChildren(
      ...(shown.length > 0 ? ['Marked: '] : []),
      ...shown.map(({ offset, message }) =>
        button(`byte ${offset}`, () => void show(pickle.entry, offset), { class: 'link', title: message }),
      ),
    );
  };

  choice.addEventListener('change', () => void show(pickles[Number(choice.value)]?.entry ?? '', null));
  // Scrolling to an end is the same as pressing its button.
  const observer = new IntersectionObserver(
    (seen) => {
      if (seen.some(({ isIntersecting, target }) => isIntersecting && target === later)) void after();
    },
    { root: scroller },
  );
  observer.observe(later);
  navigable(body);
  earlier.hidden = true;
  later.hidden = true;
  const first = pickles.find((pickle) => pickle.marked.length > 0) ?? pickles[0];
  if (first) void show(first.entry, null);
  const bar = element('div', { class: 'bar' }, pickles.length > 1 && choice, marks);
  return { view: element('div', {}, bar, note, scroller), show: (entry, offset) => void show(entry, offset) };
}

function head(): HTMLElement {
  const cells = ['Byte', 'Opcode', 'Argument', 'Stack'].map((name) => element('th', {}, name));
  for (const cell of cells) cell.scope = 'col';
  return element('thead', {}, element('tr', {}, ...cells));
}

function rowOf(row: DisassembleResult['rows'][number], pickle: InspectResult['pickles'][number]): HTMLElement {
  const mark = pickle.marked.find(({ offset }) => offset === row.offset);
  const made = element(
    'tr',
    { 'data-offset': String(row.offset), ...(mark && { class: `marked ${mark.severity}`, title: mark.message }) },
    element('td', { class: 'offset' }, mark ? `▶ ${row.offset}` : String(row.offset)),
    element('td', { class: 'opcode' }, row.opcode),
    element(
      'td',
      { class: 'argument' },
      row.argument,
      row.note !== undefined && element('span', { class: 'note' }, `→ ${row.note}`),
      mark && element('div', { class: 'why' }, mark.message),
    ),
    // One line, however long the names are: a row that is taller than the view hides the opcode. The title has all of it.
    element('td', { class: 'stack', title: row.stack ?? '' }, row.stack ?? ''),
  );
  return made;
}
