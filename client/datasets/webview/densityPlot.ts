import { element, number } from '../../inspector/webview/elements.ts';
import { svg } from '../../inspector/webview/svg.ts';
import type { DatasetReport } from '../messages.ts';

const width = 480;
const height = 110;

type Vectors = NonNullable<DatasetReport['vectors']>;

/** How crowded the rows lie: bars of the rows, and a line of the accepted rows. To the left of 0 is crowded, to the right alone. */
export function densityPlot({ plot, background, scored }: Vectors): HTMLElement {
  const { edges, rows } = plot;
  const least = edges[0] ?? 0;
  const span = (edges.at(-1) ?? 1) - least;
  const step = width / rows.length;
  const share = (counts: readonly number[], total: number) => counts.map((count) => count / Math.max(1, total));
  const ours = share(rows, scored);
  const theirs = share(plot.background, background);
  const tallest = Math.max(...ours, ...theirs, 1e-9);
  const tall = (value: number): number => (value / tallest) * (height - 4);
  const bars = ours.map((value, index) =>
    svg('rect', {
      class: 'bar',
      x: String(index * step),
      y: String(height - tall(value)),
      width: String(Math.max(1, step - 1)),
      height: String(tall(value)),
    }),
  );
  const points = theirs.map((value, index) => `${(index + 0.5) * step},${height - tall(value)}`).join(' ');
  const zero = ((0 - least) / span) * width;
  const alone = sum(rows, edges, (edge) => edge >= 3.5);
  const crowded = sum(rows, edges, (edge) => edge < -3.5);
  const facts = `${number(crowded)} of ${number(scored)} rows lie 3.5 deviations or more closer to their neighbours than the median row, ${number(alone)} as much farther`;
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${width} ${height}`, class: 'density', role: 'img', 'aria-label': `Density of the rows: ${facts}` },
    ...bars,
    svg('line', { class: 'zero', x1: String(zero), x2: String(zero), y1: '0', y2: String(height) }),
    ...(background > 0 ? [svg('polyline', { class: 'accepted', points })] : []),
  );
  const labels = element(
    'div',
    { class: 'axis', 'aria-hidden': 'true' },
    element('span', {}, `← crowded (${least.toFixed(0)})`),
    element('span', {}, `alone (+${(least + span).toFixed(0)}) →`),
  );
  const line = background > 0 ? ' Bars: these rows. Line: the accepted ones.' : '';
  return element('figure', {}, drawing, labels, element('figcaption', { class: 'hint' }, `${facts}.${line}`));
}

function sum(rows: readonly number[], edges: readonly number[], within: (edge: number) => boolean): number {
  return rows.reduce((all, count, index) => (within(edges[index] ?? 0) ? all + count : all), 0);
}
