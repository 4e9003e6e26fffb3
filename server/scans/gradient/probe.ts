import type { OnnxGraph } from '../onnx/graph.ts';
import type { ModelPart, NewNode, NewValue } from '../onnx/writeModel.ts';
import type { DifferentiationPath } from './path.ts';

/** What a run of the model has to tell before its gradient can be built. */
export interface Probe {
  /** Added to the model, it gives these outputs. */
  part: ModelPart;
  /** Output that holds the shape of a tensor, by tensor. */
  shapes: ReadonlyMap<string, string>;
  /** Tensors whose values are asked for: they are outputs under their own names. */
  values: readonly string[];
}

/** Inputs that say how an operator works, by operator: they must be known, not only their shapes. */
const parameters: Record<string, readonly number[]> = {
  Slice: [1, 2, 3, 4],
  Pad: [1, 3],

  Resize: [1, 2],
  Upsample: [1],
  Dropout: [2],
  ReduceSum: [1],
  ReduceMean: [1],
  ReduceMax: [1],
  ReduceMin: [1],
  ReduceL1: [1],
  ReduceL2: [1],
  ReduceSumSquare: [1],
  ReduceLogSumExp: [1],
  ReduceLogSum: [1],
};

/**
 * Shapes could be inferred, operator by operator; a run tells them without a line about any. Only shapes and parameters come out,
 * so that it needs no more memory than any run.
 */
export function probeOf(graph: OnnxGraph, path: DifferentiationPath, prefix: string): Probe {
  const shaped = new Set<string>();
  const valued = new Set<string>();
  for (const node of path.nodes) {
    for (const name of [...node.inputs, ...node.outputs]) {
      if (name !== '' && !graph.initializers.has(name)) shaped.add(name);
    }
    for (const index of parameters[node.operator] ?? []) {
      const name = node.inputs[index] ?? '';
      if (name !== '' && !graph.initializers.has(name) && !path.active.has(name)) valued.add(name);
    }
  }
  shaped.add(path.from);
  // Optional outputs that nobody made have a name, and no tensor.
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const nodes: NewNode[] = [];
  const shapes = new Map<string, string>();
  for (const name of shaped) {
    const output = `${prefix}shape${shapes.size}`;
    nodes.push({ operator: 'Shape', inputs: [name], outputs: [output] });
    shapes.set(name, output);
  }
  const values = [...valued];
  const asked: NewValue[] = [
    ...[...shapes.values()].map((name) => ({ name })),
    ...values.filter((name) => !outputs.has(name) && name !== path.from).map((name) => ({ name })),
  ];
  return { part: { nodes, outputs: asked }, shapes, values };
}

/** A prefix that begins no name of the model. */
export function freePrefix(graph: OnnxGraph): string {
  const names = [
    ...graph.nodes.flatMap(({ inputs, outputs }) => [...inputs, ...outputs]),
    ...graph.initializers.keys(),
    ...graph.inputs.map(({ name }) => name),
  ];
  for (let index = 0; ; index++) {
    const prefix = `weighbridge${index === 0 ? '' : index}/`;
    if (!names.some((name) => name.startsWith(prefix))) return prefix;
  }
}
