import { BomView } from '../bomView.ts';
import { get, type JsonObject, list, text } from '../validate/document.ts';

/** What hangs together in a bill of materials, for drawing. */
export interface BomGraph {
  nodes: { ref: string; label: string; type: string }[];
  edges: { from: string; to: string; kind: 'depends on' | 'contains' }[];
  /** Components that are left out beyond the bound. */
  omitted: number;
}

const mostNodes = 2_000;

export function graphOf(root: JsonObject): BomGraph {
  const bom = new BomView(root);
  const nodes: BomGraph['nodes'] = [];
  const edges: BomGraph['edges'] = [];
  const refs = new Map<string, string>();
  for (const { value, pointer } of bom.components) {
    const ref = text(value['bom-ref']) ?? pointer;
    if (refs.size >= mostNodes) break;
    refs.set(pointer, ref);
    const name = [text(value['group']), text(value['name'])].filter((each) => each).join('/');
    const version = text(value['version']);
    nodes.push({
      ref,
      label: version === undefined ? name : `${name} ${version}`,
      type: text(value['type']) ?? 'component',
    });
    const holder = refs.get(pointer.replace(/\/components\/\d+$/, ''));
    if (holder !== undefined && holder !== ref) edges.push({ from: holder, to: ref, kind: 'contains' });
  }
  const known = new Set(nodes.map(({ ref }) => ref));
  for (const entry of list(root['dependencies'])) {
    const from = text(get(entry, 'ref')) ?? '';
    for (const to of list(get(entry, 'dependsOn'))) {
      if (typeof to === 'string' && known.has(from) && known.has(to)) edges.push({ from, to, kind: 'depends on' });
    }
  }
  return { nodes, edges, omitted: Math.max(0, bom.components.length - nodes.length) };
}
