import { element, number } from '../../inspector/webview/elements.ts';
import { rowAfter } from '../../inspector/webview/navigation.ts';
import { svg } from '../../inspector/webview/svg.ts';
import { table } from '../../inspector/webview/table.ts';
import type { AibomView } from '../messages.ts';

type Drawing = AibomView['drawing'];

/** Of a box and the room around it, in the drawing's own units. */
const box = { width: 220, height: 38, across: 290, down: 50, edge: 12 };

/** What hangs together: columns by the distance from the model, and the same in a table. */
export function drawing(graph: Drawing): HTMLElement {
  const status = element('p', { class: 'hint', role: 'status' });
  status.textContent = `${number(graph.componentCount)} components. Solid lines: depends on. Dashed lines: contains. The arrow keys go from box to box.`;
  const rows = graph.rows.map((row) => [...row]);
  const more = graph.edgeCount - graph.rows.length;
  return element(
    'section',
    {},
    element('h2', {}, 'How it hangs together'),
    status,
    element('div', { class: 'scroller' }, draw(graph, (text) => (status.textContent = text)) as unknown as HTMLElement),
    element(
      'details',
      { id: 'part-edges' },
      element('summary', {}, `As a table (${number(graph.edgeCount)})`),
      table('How it hangs together', ['Component', 'How', 'Component'], rows),
      more > 0 ? element('p', { class: 'hint' }, `${number(more)} more are not listed here.`) : null,
    ),
  );
}

function draw({ nodes, edges }: Drawing, tell: (text: string) => void): SVGElement {
  const used: number[] = [];
  const places = nodes.map(({ layer }) => {
    const row = used[layer] ?? 0;
    used[layer] = row + 1;
    return { x: layer * box.across + box.edge, y: row * box.down + box.edge };
  });
  const lines = (kind: Drawing['edges'][number]['kind']) =>
    edges
      .filter((each) => each.kind === kind)
      .map(({ from, to }) => {
        const [start, end] = [places[from], places[to]];
        if (!start || !end) return '';
        const [y1, y2] = [start.y + box.height / 2, end.y + box.height / 2];
        const forward = end.x > start.x;
        const [x1, x2] = [start.x + (forward ? box.width : 0), end.x + (forward ? 0 : box.width)];
        const bend = (box.across - box.width) / 2;
        return `M${x1} ${y1}C${x1 + (forward ? bend : -bend)} ${y1} ${x2 + (forward ? -bend : bend)} ${y2} ${x2} ${y2}`;
      })
      .join('');
  const boxes = nodes.map((node, index) => {
    const { x, y } = places[index] ?? { x: 0, y: 0 };
    const made = svg(
      'g',
      {
        class: `node ${node.type === 'machine-learning-model' ? 'model' : ''}`,
        transform: `translate(${x} ${y})`,
        tabindex: index === 0 ? '0' : '-1',
        role: 'img',
        'aria-label': node.description,
      },
      svg('title', {}, node.description),
      svg('rect', { width: String(box.width), height: String(box.height), rx: '4' }),
      svg('text', { x: '10', y: '16' }, short(node.label)),
      svg('text', { x: '10', y: '31', class: 'what' }, node.count > 1 ? 'several' : node.type),
    );
    made.addEventListener('focus', () => tell(node.description));
    made.addEventListener('click', () => made.focus());
    return made;
  });
  const width = Math.max(1, used.length) * box.across - (box.across - box.width) + 2 * box.edge;
  const height = Math.max(1, ...used.filter((count) => count !== undefined)) * box.down + 2 * box.edge;
  const made = svg(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width: String(width),
      height: String(height),
      class: 'graph',
      role: 'group',
      'aria-label': 'How it hangs together',
    },
    svg('path', { class: 'edges', d: lines('depends on') }),
    svg('path', { class: 'edges contains', d: lines('contains') }),
    ...boxes,
  );
  made.addEventListener('keydown', (event) => {
    const at = boxes.findIndex((each) => each === document.activeElement);
    const to = at === -1 ? null : (across(event.key, at, nodes) ?? rowAfter(event.key, at, boxes.length, 10));
    const next = to === null ? undefined : boxes[to];
    if (!next) return;
    event.preventDefault();
    for (const each of boxes) each.setAttribute('tabindex', each === next ? '0' : '-1');
    next.focus();
  });
  return made;
}

/** The first box of the next column, or of the one before. */
function across(key: string, at: number, nodes: Drawing['nodes']): number | null {
  if (key !== 'ArrowRight' && key !== 'ArrowLeft') return null;
  const here = nodes[at]?.layer ?? 0;
  const others = nodes.map(({ layer }, index) => ({ layer, index }));
  const found =
    key === 'ArrowRight'
      ? others.find(({ layer }) => layer > here)
      : others.find(
          ({ layer }) =>
            layer === Math.max(-1, ...others.filter((each) => each.layer < here).map((each) => each.layer)),
        );
  return found?.index ?? null;
}

function short(text: string): string {
  const letters = [...text];
  return letters.length > 28 ? `${letters.slice(0, 27).join('')}…` : text;
}
