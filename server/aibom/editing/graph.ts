import { BomView } from '../bomView.ts';
import { get, type JsonObject, list, text } from '../validate/document.ts';

/** What hangs together in a bill of materials, for drawing. */
export interface BomGraph {
  nodes: { ref: string; label: string; type: string }[];
  edges: { from: string; to: string; kind: 'depends on' | 'contains' }[];
  /** Components that are left out beyond the bound. */
  omitted: number;
}

const mostNodes = 20_000;

export function graphOf(root: JsonObject): BomGraph {
  const bom = new BomView(root);
  const nodes: BomGraph['nodes'] = [];
  const edges: BomGraph['edges'] = [];
  const refs = new Map(bom.components.map(({ value, pointer }) => [pointer, text(value['bom-ref']) ?? pointer]));
  // Files are the many: they come last, so that they leave room for what the model was made from.
  const isFile = ({ value }: (typeof bom.components)[number]) => value['type'] === 'file';
  const ordered = [...bom.components.filter((each) => !isFile(each)), ...bom.components.filter(isFile)];
  const holders: [from: string, to: string][] = [];
  for (const { value, pointer } of ordered.slice(0, mostNodes)) {
    const ref = refs.get(pointer) ?? pointer;
    const name = [text(value['group']), text(value['name'])].filter((each) => each).join('/');
    const version = text(value['version']);
    nodes.push({
      ref,
      label: version === undefined ? name : `${name} ${version}`,
      type: text(value['type']) ?? 'component',
    });
    const holder = refs.get(pointer.replace(/\/components\/\d+$/, ''));
    if (holder !== undefined && holder !== ref) holders.push([holder, ref]);
  }
  const known = new Set(nodes.map(({ ref }) => ref));
  for (const [from, to] of holders) if (known.has(from)) edges.push({ from, to, kind: 'contains' });
  for (const entry of list(root['dependencies'])) {
    const from = text(get(entry, 'ref')) ?? '';
    for (const to of list(get(entry, 'dependsOn'))) {
      if (typeof to === 'string' && known.has(from) && known.has(to)) edges.push({ from, to, kind: 'depends on' });
    }
  }
  return { nodes, edges, omitted: Math.max(0, bom.components.length - nodes.length) };
}
