import { element } from './elements.ts';
import { navigable } from './navigation.ts';

/** A table whose rows the arrow keys reach. */
export function table(label: string, columns: string[], rows: (string | HTMLElement)[][]): HTMLElement {
  return tableOf(
    label,
    columns,
    rows.map((row) => element('tr', {}, ...row.map((cell) => element('td', {}, cell)))),
  );
}

export function tableOf(label: string, columns: string[], rows: HTMLElement[]): HTMLElement {
  const head = columns.map((name) => {
    const cell = element('th', {}, name);
    cell.scope = 'col';
    return cell;
  });
  const body = element('tbody', {}, ...rows);
  navigable(body);
  const made = element(
    'table',
    { class: 'list', 'aria-label': label },
    element('thead', {}, element('tr', {}, ...head)),
    body,
  );
  return element('div', { class: 'scroller' }, made);
}
