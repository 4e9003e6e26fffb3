import type { MessageCursor } from '../protobuf/cursor.ts';
import { ProtobufWalk } from '../protobuf/walk.ts';
import type { ReadContext } from '../reader.ts';
import type { ByteSource } from '../source.ts';

/** A node of the main graph, with the indices of the nodes whose outputs it takes. */
export interface DrawnNode {
  name: string;
  operator: string;
  domain: string;
  offset: number;
  from: number[];
}

/** Inputs and outputs that are looked at of one node. */
const endsKept = 64;

/**
 * The first nodes of an ONNX model's main graph, in file order, which the specification wants to be topological; edges
 * to nodes behind are left out. Nothing is kept of tensors. Field numbers: onnx.proto (ONNX 1.19).
 */
export function drawnNodes(
  source: ByteSource,
  context: Pick<ReadContext, 'budget' | 'problem'>,
  most: number,
): { nodes: DrawnNode[]; cut: boolean } {
  const nodes: DrawnNode[] = [];
  const madeBy = new Map<string, number>();
  const model = new ProtobufWalk(source, context).message();
  while (model.next()) {
    if (model.field !== 7) continue;
    const graph = model.nested();
    while (graph.next()) {
      if (graph.field !== 1) continue;
      if (nodes.length >= most) return { nodes, cut: true };
      nodes.push(nodeOf(graph.nested(), graph.offset, madeBy, nodes.length));
    }
  }
  return { nodes, cut: false };
}

function nodeOf(node: MessageCursor, offset: number, madeBy: Map<string, number>, index: number): DrawnNode {
  const drawn: DrawnNode = { name: '', operator: '', domain: '', offset, from: [] };
  const outputs: string[] = [];
  while (node.next()) {
    switch (node.field) {
      case 1: {
        const maker = madeBy.get(node.text(512));
        if (maker !== undefined && drawn.from.length < endsKept && !drawn.from.includes(maker)) drawn.from.push(maker);
        break;
      }
      case 2:
        if (outputs.length < endsKept) outputs.push(node.text(512));
        break;
      case 3:
        drawn.name = node.text(256);
        break;
      case 4:
        drawn.operator = node.text(256);
        break;
      case 7:
        drawn.domain = node.text(256);
        break;
    }
  }
  for (const output of outputs) if (output !== '') madeBy.set(output, index);
  return drawn;
}
