import { graphOf } from './graph.ts';
import type { JsonObject } from '../validate/document.ts';

/** A box of the drawing: one component, or several of a type where they are many. */
export interface DrawnNode {
  label: string;
  type: string;
  /** How many components it stands for. */
  count: number;
  /** How far it is from the model: the column. */
  layer: number;
  /** What a screen reader says: name, type, and how it hangs together. */
  description: string;
}

export interface BomDrawing {
  nodes: DrawnNode[];
  /** Indices of nodes. */
  edges: { from: number; to: number; kind: 'depends on' | 'contains' }[];
  /** Every edge between components, ready to show; cut where they are many. */
  rows: [from: string, kind: string, to: string][];
  edgeCount: number;
  componentCount: number;
}

/** As many of one type in one column stand each for itself; more are one box. Files have a table of their own. */
const mostAlike = (type: string): number => (type === 'file' ? 3 : 8);

/** What people look for first comes first. */
const order = ['machine-learning-model', 'data', 'framework', 'library'];
const rank = (type: string): number => (order.includes(type) ? order.indexOf(type) : order.length);
const mostLayers = 6;
const mostRows = 1_000;

/**
 * The graph in columns, by the distance from what the document is about. Files and packages are many and alike: each kind of
 * them becomes one box, so that the drawing stays one that can be looked at. The rows have them one by one.
 */
export function drawingOf(root: JsonObject): BomDrawing {
  const graph = graphOf(root);
  const index = new Map(graph.nodes.map(({ ref }, at) => [ref, at]));
  const pairs = graph.edges.flatMap(({ from, to, kind }) => {
    const [a, b] = [index.get(from), index.get(to)];
    return a === undefined || b === undefined ? [] : [{ from: a, to: b, kind }];
  });
  const layers = layersOf(graph.nodes.length, pairs);
  const groups = new Map<string, number[]>();
  for (const [at, { type }] of graph.nodes.entries()) {
    const key = `${layers[at]}\n${type}`;
    groups.set(key, [...(groups.get(key) ?? []), at]);
  }
  const nodes: DrawnNode[] = [];
  const drawn: number[] = [];
  const layerOf = ([first = 0]: number[]) => layers[first] ?? 0;
  const rankOf = ([first = 0]: number[]) => rank(graph.nodes[first]?.type ?? '');
  const ordered = [...groups.values()].sort((a, b) => layerOf(a) - layerOf(b) || rankOf(a) - rankOf(b));
  for (const members of ordered) {
    const [first = 0] = members;
    const type = graph.nodes[first]?.type ?? 'component';
    const layer = layers[first] ?? 0;
    if (members.length > mostAlike(type)) {
      for (const member of members) drawn[member] = nodes.length;
      nodes.push({
        label: `${members.length.toLocaleString('en')} of type ${type}`,
        type,
        count: members.length,
        layer,
        description: '',
      });
      continue;
    }
    for (const member of members) {
      drawn[member] = nodes.length;
      nodes.push({ label: graph.nodes[member]?.label ?? '', type, count: 1, layer, description: '' });
    }
  }
  const edges = distinct(pairs.map(({ from, to, kind }) => ({ from: drawn[from] ?? 0, to: drawn[to] ?? 0, kind })));
  describe(nodes, edges);
  return {
    nodes,
    edges,
    rows: pairs
      .slice(0, mostRows)
      .map(({ from, to, kind }) => [graph.nodes[from]?.label ?? '', kind, graph.nodes[to]?.label ?? '']),
    edgeCount: pairs.length,
    componentCount: graph.nodes.length + graph.omitted,
  };
}

/** Distances from the first node; what hangs together with nothing comes last. Circles end where they began. */
function layersOf(count: number, edges: readonly { from: number; to: number }[]): number[] {
  const next = new Map<number, number[]>();
  for (const { from, to } of edges) {
    const targets = next.get(from);
    if (targets) targets.push(to);
    else next.set(from, [to]);
  }
  const layers = new Array<number>(count).fill(-1);
  if (count > 0) layers[0] = 0;
  let front = count > 0 ? [0] : [];
  for (let layer = 1; front.length > 0; layer++) {
    const reached: number[] = [];
    for (const from of front) {
      for (const to of next.get(from) ?? []) {
        if (layers[to] !== -1) continue;
        layers[to] = Math.min(layer, mostLayers - 1);
        reached.push(to);
      }
    }
    front = reached;
  }
  const last = layers.reduce((most, layer) => Math.max(most, layer), 0) + 1;
  return layers.map((layer) => (layer === -1 ? last : layer));
}

function distinct(edges: BomDrawing['edges']): BomDrawing['edges'] {
  const seen = new Set<string>();
  return edges.filter(({ from, to, kind }) => {
    const key = `${from} ${to} ${kind}`;
    return from !== to && !seen.has(key) && seen.add(key);
  });
}

function describe(nodes: DrawnNode[], edges: BomDrawing['edges']): void {
  for (const [at, node] of nodes.entries()) {
    const said = edges
      .filter(({ from }) => from === at)
      .slice(0, 10)
      .map(({ to, kind }) => `${kind} ${nodes[to]?.label ?? ''}`);
    node.description = [node.count > 1 ? node.label : `${node.label}, ${node.type}`, ...said].join('; ');
  }
}
