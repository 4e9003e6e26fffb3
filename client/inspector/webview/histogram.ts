import type { HistogramResult } from '../messages.ts';
import { element, number } from './elements.ts';
import { svg } from './svg.ts';

const width = 400;
const height = 90;

/** Bars, and the numbers that they show. It says when it is a sample. */
export function histogramView(name: string, result: HistogramResult): HTMLElement {
  const { bins, range, sampled, values, notFinite } = result;
  const sample =
    sampled < values
      ? `A sample: ${number(sampled)} of ${number(values)} values, read from 16 places.`
      : `All ${number(values)} values.`;
  const odd = notFinite > 0 ? ` ${number(notFinite)} are NaN or infinite.` : '';
  if (!range) return element('div', {}, element('h3', {}, name), element('p', {}, `${sample}${odd}`));
  const tallest = Math.max(...bins);
  const step = width / bins.length;
  const bars = bins.map((count, index) => {
    const tall = (count / tallest) * height;
    return svg('rect', {
      x: String(index * step),
      y: String(height - tall),
      width: String(Math.max(1, step - 1)),
      height: String(tall),
    });
  });
  const facts = [
    `least ${short(range.least)}`,
    `greatest ${short(range.greatest)}`,
    `mean ${short(range.mean)}`,
    `standard deviation ${short(range.deviation)}`,
  ].join(', ');
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      class: 'histogram',
      role: 'img',
      'aria-label': `Histogram of ${name}: ${facts}`,
    },
    ...bars,
  );
  return element(
    'div',
    {},
    element('h3', {}, name),
    drawing,
    element('p', {}, `${facts}.`),
    element('p', { class: 'hint' }, `${sample}${odd}`),
  );
}

function short(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
