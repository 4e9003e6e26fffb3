import type { OnnxGraph } from '../onnx/graph.ts';

/** What a classifier says of each class. */
export interface Scores {
  /** The tensor with one score a class, before any softmax. */
  name: string;
  /** The graph's output that it comes from. */
  output: string;
}

/**
 * The scores behind an output: what goes into a softmax at the end, because its own gradient vanishes where the model is sure.
 */
export function scoresOf(graph: OnnxGraph, output: string): Scores {
  const maker = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  let name = output;
  for (let steps = 0; steps < 8; steps++) {
    const node = maker.get(name);
    if (node?.domain !== '') break;
    if (node.operator === 'Identity') name = node.inputs[0] ?? name;
    else if (node.operator === 'Softmax' || node.operator === 'LogSoftmax')
      return { name: node.inputs[0] ?? name, output };
    else break;
  }
  return { name: output, output };
}
