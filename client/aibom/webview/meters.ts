import { button, element, number } from '../../inspector/webview/elements.ts';
import { svg } from '../../inspector/webview/svg.ts';
import { table } from '../../inspector/webview/table.ts';
import type { AibomView, FromAibomPage } from '../messages.ts';

type Coverage = AibomView['coverage'][number];

/** How much of each list is there: a bar to look at, the number beside it, and every element in a table. */
export function meters(view: AibomView, send: (message: FromAibomPage) => void): HTMLElement {
  const fill = view.mayWrite && view.disk !== 'nothing' ? () => send({ type: 'sideFile' }) : null;
  return element(
    'section',
    {},
    element('h2', {}, 'Coverage'),
    element(
      'p',
      { class: 'hint' },
      'Meters count the places that hold something. Whether a law or a standard is met, no program can say.',
    ),
    element('div', { class: 'meters' }, ...view.coverage.map((each) => meter(each, fill))),
  );
}

function meter({ id, title, present, total, elements }: Coverage, fill: (() => void) | null): HTMLElement {
  const share = total === 0 ? 0 : present / total;
  const said = `${number(present)} of ${number(total)} present`;
  const bar = svg(
    'svg',
    {
      class: 'meter',
      viewBox: '0 0 100 6',
      preserveAspectRatio: 'none',
      role: 'meter',
      'aria-label': title,
      'aria-valuemin': '0',
      'aria-valuemax': String(total),
      'aria-valuenow': String(present),
      'aria-valuetext': said,
    },
    svg('rect', { class: 'whole', width: '100', height: '6' }),
    svg('rect', { class: 'share', width: String(Math.round(share * 1000) / 10), height: '6' }),
  );
  const rows = [...elements]
    .sort((a, b) => Number(a.present) - Number(b.present))
    .map((each) => [each.title, each.present ? '✓ there' : '– missing', each.present ? '' : source(each.fill, fill)]);
  return element(
    'div',
    { class: 'coverage' },
    element('h3', {}, title),
    element('div', { class: 'reading' }, bar, element('strong', {}, said)),
    element(
      'details',
      { id: `coverage-${id}` },
      element('summary', {}, `Which are there, and which are missing (${number(total - present)})`),
      table(title, ['Element', 'State', 'What fills it'], rows),
    ),
  );
}

/** A key of the side file opens that file; a file or a command is named. */
function source(fill: string | undefined, open: (() => void) | null): string | HTMLElement {
  if (fill === undefined) return '';
  const isKey = /^[a-z][a-z_-]*$/.test(fill);
  if (!isKey) return fill;
  return open ? button(`${fill} in aibom.enrich.yaml`, open, { class: 'link' }) : `${fill} in aibom.enrich.yaml`;
}
