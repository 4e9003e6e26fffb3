import { Budget, type Limits } from '../formats/limits.ts';
import { drawnNodes } from '../formats/onnx/drawing.ts';
import type { ByteSource } from '../formats/source.ts';
import type { GraphNode, GraphResult } from './protocol.ts';

/** More than a person can follow in a drawing; the operators of the rest stand in the table. */
const nodesDrawn = 400;

/** The beginning of an ONNX graph, with the row of the drawing that each node belongs to. */
export function graphPage(source: ByteSource, limits: Limits): GraphResult {
  // What is wrong with the file stands among the problems of its inspection already.
  const context = { budget: new Budget(limits), problem: () => undefined };
  const { nodes, cut } = drawnNodes(source, context, nodesDrawn);
  const placed: GraphNode[] = [];
  for (const node of nodes) {
    const layer = node.from.reduce((deepest, from) => Math.max(deepest, (placed[from]?.layer ?? -1) + 1), 0);
    placed.push({ ...node, layer });
  }
  return { nodes: placed, cut };
}
