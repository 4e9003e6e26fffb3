import { encode } from 'fast-png';

// Pages of scans: HTML without scripts, the same for the editor's view and for export. Everything that comes from a model or a file
// goes through `escaped`.

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

export function section(title: string, ...parts: string[]): string {
  return `<section><h2>${escaped(title)}</h2>${parts.join('')}</section>`;
}

export const paragraph = (text: string): string => `<p>${escaped(text)}</p>`;

export function list(items: readonly string[]): string {
  return items.length === 0 ? '' : `<ul>${items.map((item) => `<li>${escaped(item)}</li>`).join('')}</ul>`;
}

/** A table with a heading for each column, and the first cell of a row as its heading. */
export function table(caption: string, headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = headings.map((heading) => `<th scope="col">${escaped(heading)}</th>`).join('');
  const body = rows
    .map(([first = '', ...rest]) => {
      const cells = rest.map((cell) => `<td>${escaped(cell)}</td>`).join('');
      return `<tr><th scope="row">${escaped(first)}</th>${cells}</tr>`;
    })
    .join('');
  return `<table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

/** A picture of numbers from 0 to 1, [height, width, 1 or 3]. */
export function picture(
  alternative: string,
  data: ArrayLike<number>,
  height: number,
  width: number,
  channels: number,
): string {
  const pixels = Uint8Array.from(data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  const png = encode({ data: pixels, width, height, channels: channels, depth: 8 });
  const source = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return `<img src="${source}" alt="${escaped(alternative)}" width="96" height="96">`;
}

export interface Bar {
  label: string;
  value: number;
  /** Stands out, and says so in words, too. */
  marked: boolean;
}

const chart = { width: 640, height: 220, left: 48, bottom: 28, top: 12 };
const across = (share: number): number => chart.left + share * (chart.width - chart.left - 8);
const up = (share: number): number => chart.height - chart.bottom - share * (chart.height - chart.bottom - chart.top);
const rounded = (value: number): string => String(Number(value.toPrecision(3)));

function frame(title: string, highest: number, content: string): string {
  const ticks = [0, 0.5, 1]
    .map(
      (share) =>
        `<line class="grid" x1="${chart.left}" x2="${chart.width - 8}" y1="${up(share)}" y2="${up(share)}"/><text x="${chart.left - 6}" y="${up(share) + 4}" text-anchor="end">${rounded(share * highest)}</text>`,
    )
    .join('');
  return `<svg role="img" viewBox="0 0 ${chart.width} ${chart.height}" aria-label="${escaped(title)}"><title>${escaped(title)}</title>${ticks}${content}</svg>`;
}

/** Pixels of the drawing that a label takes with some air, by its characters. */
const labelWidth = (label: string): number => 12 + 7 * label.length;

/** Which labels have room in a row of equal places; what must be shown comes first. */
function shownLabels(labels: readonly string[], place: number, must: (index: number) => boolean): Set<number> {
  const reach = Math.ceil(Math.max(0, ...labels.map(labelWidth)) / place);
  const shown = new Set<number>();
  const isFree = (index: number): boolean =>
    [...Array(2 * reach - 1).keys()].every((offset) => !shown.has(index - reach + 1 + offset));
  for (const first of [true, false])
    labels.forEach((_, index) => {
      if (must(index) === first && isFree(index)) shown.add(index);
    });
  return shown;
}

/** Bars, with a line at a threshold. What marks and lines mean stands below: a label on the bars could not be read. */
export function bars(
  title: string,
  values: readonly Bar[],
  threshold: { value: number; label: string } | null,
): string {
  const highest = Math.max(...values.map(({ value }) => value), threshold?.value ?? 0, Number.EPSILON);
  const step = 1 / Math.max(1, values.length);
  const labels = values.map(({ label, marked }) => `${label}${marked ? ' !' : ''}`);
  const shown = shownLabels(labels, (chart.width - chart.left - 8) * step, (index) => values[index]!.marked);
  const drawn = values.map(({ label, value, marked }, index) => {
    const [x, y] = [across(index * step + step * 0.15), up(value / highest)];
    const width = (chart.width - chart.left - 8) * step * 0.7;
    const text = shown.has(index)
      ? `<text x="${x + width / 2}" y="${chart.height - 10}" text-anchor="middle">${escaped(labels[index]!)}</text>`
      : '';
    return `<rect class="${marked ? 'marked' : 'bar'}" x="${x}" y="${y}" width="${width}" height="${Math.max(0, up(0) - y)}"><title>${escaped(label)}: ${rounded(value)}</title></rect>${text}`;
  });
  const keys = [
    ...(values.some(({ marked }) => marked) ? [{ label: '! stands out', mark: 'marked' }] : []),
    ...(threshold === null ? [] : [{ label: threshold.label, mark: 'threshold' }]),
  ];
  const line =
    threshold === null
      ? ''
      : `<line class="threshold" x1="${chart.left}" x2="${chart.width - 8}" y1="${up(threshold.value / highest)}" y2="${up(threshold.value / highest)}"/>`;
  return frame(title, highest, drawn.join('') + line) + legend(keys);
}

export interface Series {
  label: string;
  values: readonly number[];
}

/** How often values fall into each of 24 ranges, one row of bars a series, with a line at a threshold. */
export function histogram(
  title: string,
  series: readonly Series[],
  threshold: { value: number; label: string },
): string {
  const all = [...series.flatMap(({ values }) => values), threshold.value];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const bins = 24;
  const span = high - low || 1;
  const counts = series.map(({ values }) => {
    const count = Array.from({ length: bins }, () => 0);
    for (const value of values) count[Math.min(bins - 1, Math.floor(((value - low) / span) * bins))]!++;
    return count.map((each) => each / Math.max(1, values.length));
  });
  const highest = Math.max(...counts.flat(), Number.EPSILON);
  const width = (chart.width - chart.left - 8) / bins;
  const drawn = counts.flatMap((count, index) =>
    count.map((share, bin) => {
      const y = up(share / highest);
      const x = across(bin / bins) + (width / series.length) * index;
      return `<rect class="series${index}" x="${x}" y="${y}" width="${width / series.length - 0.5}" height="${Math.max(0, up(0) - y)}"/>`;
    }),
  );
  const at = across((threshold.value - low) / span);
  const mark = `<line class="threshold" x1="${at}" x2="${at}" y1="${up(0)}" y2="${up(1)}"/>`;
  const ends = `<text x="${across(0)}" y="${chart.height - 10}">${rounded(low)}</text><text x="${across(1)}" y="${chart.height - 10}" text-anchor="end">${rounded(high)}</text>`;
  return (
    frame(title, highest, drawn.join('') + mark + ends) +
    legend([...keysOf(series), { label: threshold.label, mark: 'threshold' }])
  );
}

/** Lines over the same points, from 0 to 1. What was not measured is a gap. */
export function curves(
  title: string,
  points: readonly string[],
  series: readonly { label: string; values: readonly (number | null)[] }[],
): string {
  const x = (index: number): number => across(points.length < 2 ? 0.5 : index / (points.length - 1));
  const drawn = series.map(({ values }, index) => {
    const path = values
      .map((value, at) =>
        value === null ? '' : `${(values[at - 1] ?? null) === null ? 'M' : 'L'}${x(at)} ${up(value)}`,
      )
      .join('');
    const dots = values.map((value, at) =>
      value === null
        ? ''
        : `<circle class="series${index}" cx="${x(at)}" cy="${up(value)}" r="3"><title>${rounded(value)}</title></circle>`,
    );
    return `<path class="line series${index}" d="${path}"/>${dots.join('')}`;
  });
  const shown = shownLabels(
    points,
    (chart.width - chart.left - 8) / Math.max(1, points.length - 1),
    (index) => index === 0 || index === points.length - 1,
  );
  const labels = points.map((label, index) =>
    shown.has(index)
      ? `<text x="${x(index)}" y="${chart.height - 10}" text-anchor="${points.length === 1 ? 'middle' : index === 0 ? 'start' : index === points.length - 1 ? 'end' : 'middle'}">${escaped(label)}</text>`
      : '',
  );
  return frame(title, 1, drawn.join('') + labels.join('')) + legend(keysOf(series));
}

interface Key {
  label: string;
  /** Class of what is drawn so. */
  mark: string;
}

const keysOf = (series: readonly Pick<Series, 'label'>[]): Key[] =>
  series.map(({ label }, index) => ({ label, mark: `series${index}` }));

function legend(keys: readonly Key[]): string {
  if (keys.length === 0) return '';
  const items = keys.map(({ label, mark }) => {
    const drawn =
      mark === 'threshold'
        ? '<line class="threshold" x1="0" x2="20" y1="5" y2="5"/>'
        : `<rect class="${mark}" x="5" width="10" height="10"/>`;
    return `<li><svg class="key" viewBox="0 0 20 10" aria-hidden="true">${drawn}</svg>${escaped(label)}</li>`;
  });
  return `<ul class="legend">${items.join('')}</ul>`;
}

/** A page of its own, for export: nothing in it runs, and nothing is loaded. */
export function standalone(title: string, content: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<main>${content}</main>
</body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 48rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .25rem .5rem; border-bottom: 1px solid #8886; }
caption { text-align: left; font-weight: 600; } td { font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
img { image-rendering: pixelated; border: 1px solid #8886; margin-right: .5rem; } figure { display: inline-block; margin: 0 1rem 1rem 0; }
svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 11px; } .grid { stroke: #8884; } .threshold { stroke: currentColor; stroke-dasharray: 5 4; }
.bar, .series0 { fill: #3b82c4; stroke: #3b82c4; } .marked, .series1 { fill: #d9822b; stroke: #d9822b; } .series2 { fill: #4c9a2a; stroke: #4c9a2a; } .series3 { fill: #a8559a; stroke: #a8559a; }
.line { fill: none; stroke-width: 2; } .line.series1 { stroke-dasharray: 10 6; } .line.series2 { stroke-dasharray: 4 8; } .legend { list-style: none; padding: 0; } .legend li { display: inline-block; margin-right: 1rem; } .key { width: 1.4em; height: .7em; margin-right: .3em; }
.verdict { border-left: .3rem solid currentColor; padding-left: .75rem; font-size: 1.2rem; }
`;
