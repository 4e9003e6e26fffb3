import type { GraphResult, InspectResult } from '../messages.ts';
import { element, number } from './elements.ts';
import { ask } from './host.ts';
import { rowAfter } from './navigation.ts';
import { svg } from './svg.ts';

/** Of one node's box, in the drawing's own units. */
const box = { width: 150, height: 26, across: 170, down: 56 };

/** The beginning of the graph, from its inputs downwards. What does not fit stands in the table of operators. */
export function graphView(graphs: InspectResult['graphs']): HTMLElement {
  const place = element('div', { class: 'scroller' }, element('p', { class: 'hint' }, 'Reading the graph...'));
  const status = element('p', { class: 'hint', role: 'status' });
  const show = async (graph: InspectResult['graphs'][number]) => {
    try {
      const result = await ask('graph', { entry: graph.entry });
      status.textContent = result.cut
        ? `The first ${number(result.nodes.length)} nodes of the main graph; the file has ${number(graph.nodes)}.`
        : `${number(result.nodes.length)} nodes. The arrow keys go from node to node.`;
      place.replaceChildren(draw(result, (text) => (status.textContent = text)));
    } catch (error) {
      place.replaceChildren(element('p', { role: 'alert' }, error instanceof Error ? error.message : String(error)));
    }
  };
  const [first] = graphs;
  if (first) void show(first);
  return element('div', {}, element('div', { class: 'bar' }, status), place);
}

function draw({ nodes }: GraphResult, tell: (text: string) => void): Element {
  const used: number[] = [];
  const places = nodes.map(({ layer }) => {
    const column = used[layer] ?? 0;
    used[layer] = column + 1;
    return { x: column * box.across + 10, y: layer * box.down + 10 };
  });
  const edges = nodes.flatMap((node, index) =>
    node.from.map((from) => {
      const [start, end] = [places[from], places[index]];
      if (!start || !end) return '';
      const [x1, y1] = [start.x + box.width / 2, start.y + box.height];
      const [x2, y2] = [end.x + box.width / 2, end.y];
      return `M${x1} ${y1}C${x1} ${y1 + 18} ${x2} ${y2 - 18} ${x2} ${y2}`;
    }),
  );
  const boxes = nodes.map((node, index) => {
    const { x, y } = places[index] ?? { x: 0, y: 0 };
    const name = node.domain === '' ? node.operator : `${node.domain}.${node.operator}`;
    const after = node.from.map((from) => nodes[from]?.operator ?? '').join(', ');
    const label = `${name}${node.name === '' ? '' : ` ${node.name}`}, byte ${node.offset}${after === '' ? '' : `, after ${after}`}`;
    const made = svg(
      'g',
      {
        class: node.domain === '' || node.domain === 'ai.onnx' ? 'node' : 'node custom',
        transform: `translate(${x} ${y})`,
        tabindex: index === 0 ? '0' : '-1',
        role: 'img',
        'aria-label': label,
      },
      svg('title', {}, label),
      svg('rect', { width: String(box.width), height: String(box.height), rx: '4' }),
      svg('text', { x: String(box.width / 2), y: '17', 'text-anchor': 'middle' }, cut(name)),
    );
    made.addEventListener('focus', () => tell(label));
    made.addEventListener('click', () => made.focus());
    return made;
  });
  const width = Math.max(...used, 1) * box.across + 20;
  const height = Math.max(used.length, 1) * box.down + 20;
  const drawing = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width: String(width),
      height: String(height),
      class: 'graph',
      role: 'group',
      'aria-label': 'Graph',
    },
    svg('path', { class: 'edges', d: edges.join('') }),
    ...boxes,
  );
  drawing.addEventListener('keydown', (event) => {
    const at = boxes.findIndex((each) => each === document.activeElement);
    const to = at === -1 ? null : rowAfter(event.key, at, boxes.length, 10);
    const next = to === null ? undefined : boxes[to];
    if (!next) return;
    event.preventDefault();
    for (const each of boxes) each.setAttribute('tabindex', each === next ? '0' : '-1');
    next.focus();
  });
  return drawing;
}

function cut(text: string): string {
  return text.length > 21 ? `${text.slice(0, 20)}…` : text;
}
