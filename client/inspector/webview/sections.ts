import type { InspectResult } from '../messages.ts';
import { element, number } from './elements.ts';
import { table } from './table.ts';
import type { Tab } from './tabs.ts';

type Section = InspectResult['sections'][number];

const labels: Record<Section['tab'], string> = {
  operators: 'Operators',
  references: 'References',
  metadata: 'Metadata',
  templates: 'Templates',
};

/** A tab for each kind of section that the file has. */
export function sectionTabs(sections: Section[]): Tab[] {
  return (Object.keys(labels) as Section['tab'][]).flatMap((tab) => {
    const own = sections.filter((section) => section.tab === tab);
    if (own.length === 0) return [];
    const total = own.reduce((sum, section) => sum + section.total, 0);
    const label = tab === 'templates' ? labels[tab] : `${labels[tab]} (${number(total)})`;
    return [{ id: tab, label, build: () => view(own) }];
  });
}

function view(sections: Section[]): HTMLElement {
  const filter = element('input', { type: 'search', 'aria-label': 'Show only rows that contain' });
  filter.placeholder = 'Filter';
  const place = element('div', { class: 'scroller' });
  const draw = () => {
    const wanted = filter.value.toLowerCase();
    place.replaceChildren(...sections.map((section) => one(section, wanted)).filter((each) => each !== null));
  };
  filter.addEventListener('input', draw);
  draw();
  return element('div', {}, element('div', { class: 'bar' }, filter), place);
}

function one(section: Section, wanted: string): HTMLElement | null {
  const { title, columns, rows, total, text } = section;
  if (text !== undefined) {
    if (wanted !== '' && !text.toLowerCase().includes(wanted)) return null;
    return element('section', {}, element('h3', {}, title), element('pre', { class: 'text' }, text));
  }
  const shown = rows.filter((row) => wanted === '' || row.some((cell) => cell.toLowerCase().includes(wanted)));
  if (shown.length === 0) return null;
  const more = total - rows.length;
  return element(
    'section',
    {},
    element('h3', {}, title),
    table(title, columns, shown),
    more > 0 && element('p', { class: 'hint' }, `and ${number(more)} more`),
  );
}
