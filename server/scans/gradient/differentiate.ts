import type { ByteSource } from '../../formats/source.ts';
import { dataType, type OnnxGraph } from '../onnx/graph.ts';
import { constantValues } from '../onnx/readTensor.ts';
import type { ModelPart, NewValue } from '../onnx/writeModel.ts';
import { GradientBuilder, NotDifferentiable, type TensorFacts } from './builder.ts';
import type { DifferentiationPath } from './path.ts';
import { ForwardNode } from './rule.ts';
import { operatorName, ruleOf } from './rules.ts';

/** What is differentiated. */
export type Loss =
  /** The sum over the batch of the cross-entropy between softmax(scores) and a class; input `target` [batch], int64. */
  | 'cross-entropy'
  /** The sum over the batch of the score of a class less the best score of the others; input `target` [batch], int64. */
  | 'margin'
  /** Any weighted sum of the output: input `seed`, of the output's shape. */
  | 'seed';

export interface GradientGraph {
  /** Added to the model, it computes the gradient. */
  part: ModelPart;
  /** Names of the input that is added and of the output with the gradient. */
  input: string;
  gradient: string;
}

/** What the probe told. */
export interface ProbedFacts {
  shapes: ReadonlyMap<string, readonly number[]>;
  values: ReadonlyMap<string, readonly number[]>;
}

/**
 * Reverse-mode differentiation, written out as ONNX nodes.
 * @param path without unsupported operators.
 * @param source the model's bytes, for its small constants.
 * @throws {NotDifferentiable} naming the operator, when one is used in a way that has no gradient here.
 */
export function differentiate(
  graph: OnnxGraph,
  path: DifferentiationPath,
  probed: ProbedFacts,
  source: ByteSource,
  options: { loss: Loss; portable: boolean; prefix: string },
): GradientGraph {
  const { loss, portable, prefix } = options;
  const b = new GradientBuilder({
    opset: graph.opset,
    portable,
    prefix,
    facts: (name) => factsOf(name, graph, path, probed),
    values: (name) => valuesOf(name, graph, path, probed, source),
  });
  const scores = path.to;
  const input = `${prefix}${loss === 'seed' ? 'seed' : 'target'}`;
  const collected = new Map<string, string[]>([[scores, [seedOf(loss, scores, input, b)]]]);
  const take = (name: string): string | null => {
    const parts = collected.get(name);
    if (parts === undefined) return null;
    const sum = parts.length === 1 ? parts[0]! : b.node('Sum', parts, {}, b.shape(name));
    collected.set(name, [sum]);
    return b.withShape(sum, b.shape(name), b.type(name));
  };
  for (const node of [...path.nodes].reverse()) {
    const rule = ruleOf(node);
    if (rule === null) throw new NotDifferentiable(`${operatorName(node)} has no gradient`);
    const gradients = node.outputs.map(take);
    let inputs: (string | null)[];
    try {
      inputs = rule(new ForwardNode(node, b, gradients, (name) => path.active.has(name)));
    } catch (error) {
      if (!(error instanceof NotDifferentiable)) throw error;
      const named = node.name === '' ? '' : ` "${node.name}"`;
      throw new NotDifferentiable(`${operatorName(node)}${named}: ${error.message}`);
    }
    node.inputs.forEach((name, index) => {
      const gradient = inputs[index];
      if (gradient === null || gradient === undefined || !path.active.has(name)) return;
      collected.set(name, [...(collected.get(name) ?? []), gradient]);
    });
  }
  const last = take(path.from) ?? b.zeros(b.type(path.from), b.shape(path.from));
  const gradient = `${prefix}gradient`;
  b.nodes.push({ operator: 'Identity', inputs: [last], outputs: [gradient] });
  const shape = b.shape(scores);
  const inputs: NewValue[] = [
    loss === 'seed'
      ? { name: input, type: b.type(scores), shape }
      : { name: input, type: dataType.int64, shape: shape.slice(0, 1) },
  ];
  const known = new Set(graph.outputs.map(({ name }) => name));
  const outputs: NewValue[] = [{ name: gradient }, ...(known.has(scores) ? [] : [{ name: scores }])];
  return { part: { nodes: b.nodes, initializers: b.initializers, inputs, outputs }, input, gradient };
}

/** The gradient of the loss with respect to the scores [batch, classes]. */
function seedOf(loss: Loss, scores: string, input: string, b: GradientBuilder): string {
  if (loss === 'seed') return b.node('Identity', [input], {}, b.shape(scores));
  const shape = b.shape(scores);
  const type = b.type(scores);
  if (shape.length !== 2) throw new NotDifferentiable(`its scores have ${shape.length} axes instead of 2`);
  const [batch = 1, classes = 1] = shape;
  const depth = b.constant(dataType.int64, [], [classes]);
  const chosen = (index: string): string =>
    b.withShape(b.node('OneHot', [index, depth, b.constant(type, [2], [0, 1])], { axis: -1 }), shape, type);
  b.withShape(input, [batch], dataType.int64);
  const target = chosen(input);
  if (loss === 'cross-entropy') return b.sub(b.node('Softmax', [scores], { axis: 1 }, shape), target);
  // Far below any score, so that the best of the others is found.
  const others = b.sub(scores, b.scale(target, type === dataType.float16 ? 30_000 : 1e9));
  const best = b.withShape(b.node('ArgMax', [others], { axis: 1, keepdims: 0 }), [batch], dataType.int64);
  return b.sub(target, chosen(best));
}

function factsOf(name: string, graph: OnnxGraph, path: DifferentiationPath, probed: ProbedFacts): TensorFacts {
  const constant = graph.initializers.get(name);
  const shape = constant?.shape ?? probed.shapes.get(name);
  if (shape === undefined) throw new Error(`nothing is known of the tensor "${name}"`);
  return { shape, type: path.active.get(name) ?? constant?.type ?? dataType.float };
}

function valuesOf(
  name: string,
  graph: OnnxGraph,
  path: DifferentiationPath,
  probed: ProbedFacts,
  source: ByteSource,
): number[] | null {
  if (path.active.has(name)) return null;
  const constant = graph.initializers.get(name);
  if (constant) return constantValues(constant, source);
  const probedValues = probed.values.get(name);
  return probedValues ? [...probedValues] : null;
}
