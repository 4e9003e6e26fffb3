import { WeighbridgeError } from '../../errors.ts';
import { dataType, isFloating, type OnnxGraph, type OnnxNode } from '../onnx/graph.ts';
import { isConstant, isEstimate, operatorName, ruleOf } from './rules.ts';

/** What lies between a tensor and another that is computed from it. */
export interface DifferentiationPath {
  /** The tensor by which is differentiated, and the one that is. */
  from: string;
  to: string;
  /** Nodes on the way, in the order in which they run. */
  nodes: OnnxNode[];
  /** Tensors that depend on `from`, with the floating type of their gradients. */
  active: ReadonlyMap<string, number>;
  /** Operators on the way without a gradient, by name, with how often they occur. */
  unsupported: ReadonlyMap<string, number>;
  /** Operators on the way whose gradient is an estimate. */
  estimated: ReadonlySet<string>;
}

/**
 * Finds the way, and what cannot be differentiated on it.
 * @param type TensorProto.DataType of `from`.
 * @throws {WeighbridgeError} `bad-input` when the graph runs in circles, or `to` does not depend on `from`.
 */
export function differentiationPath(graph: OnnxGraph, from: string, to: string, type: number): DifferentiationPath {
  const nodes = inOrder(graph);
  const active = new Map<string, number>([[from, isFloating(type) ? type : dataType.float]]);
  for (const node of nodes) {
    if (isConstant(node) || (node.operator === 'Cast' && !castKeeps(node, active))) continue;
    const source = [...node.inputs, ...node.captures].find((name) => active.has(name));
    if (source === undefined) continue;
    for (const output of node.outputs) if (output !== '') active.set(output, gradientType(node, active.get(source)!));
  }
  if (!active.has(to)) {
    throw new WeighbridgeError(
      'bad-input',
      `the model's output "${to}" does not depend on its input "${from}" in a way that can be differentiated.`,
    );
  }
  const needed = new Set([to]);
  const onTheWay: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output) && active.has(output))) continue;
    const sources = [...node.inputs, ...node.captures].filter((name) => active.has(name));
    if (sources.length === 0 || node.outputs.includes(from)) continue;
    onTheWay.push(node);
    for (const name of sources) needed.add(name);
  }
  onTheWay.reverse();
  const unsupported = new Map<string, number>();
  for (const node of onTheWay) {
    if (ruleOf(node) !== null && node.captures.length === 0) continue;
    const name = operatorName(node);
    unsupported.set(name, (unsupported.get(name) ?? 0) + 1);
  }
  const estimated = new Set(onTheWay.filter(isEstimate).map(operatorName));
  return { from, to, nodes: onTheWay, active, unsupported, estimated };
}

/** A cast to whole numbers ends the way; one of whole numbers that themselves depend on the input does not. */
function castKeeps(node: OnnxNode, active: ReadonlyMap<string, number>): boolean {
  return isFloating(node.attributes.get('to')?.int ?? 0) && active.has(node.inputs[0] ?? '');
}

function gradientType(node: OnnxNode, type: number): number {
  return node.operator === 'Cast' ? (node.attributes.get('to')?.int ?? type) : type;
}

/** Nodes in an order in which they can run: files need not keep to one. @throws {WeighbridgeError} for a circle. */
function inOrder({ nodes }: OnnxGraph): OnnxNode[] {
  const maker = new Map<string, OnnxNode>();
  for (const node of nodes) for (const output of node.outputs) if (output !== '') maker.set(output, node);
  const waiting = new Map<OnnxNode, number>();
  const users = new Map<OnnxNode, OnnxNode[]>();
  const ready: OnnxNode[] = [];
  for (const node of nodes) {
    const makers = new Set<OnnxNode>();
    for (const name of [...node.inputs, ...node.captures]) {
      const made = maker.get(name);
      // A capture may name what the subgraph makes itself.
      if (made !== undefined && !(made === node && node.captures.includes(name))) makers.add(made);
    }
    waiting.set(node, makers.size);
    for (const made of makers) users.set(made, [...(users.get(made) ?? []), node]);
    if (makers.size === 0) ready.push(node);
  }
  const ordered: OnnxNode[] = [];
  for (let at = 0; at < ready.length; at++) {
    const node = ready[at]!;
    ordered.push(node);
    for (const user of users.get(node) ?? []) {
      const left = waiting.get(user)! - 1;
      waiting.set(user, left);
      if (left === 0) ready.push(user);
    }
  }
  if (ordered.length < nodes.length) {
    const stuck = nodes.find((node) => (waiting.get(node) ?? 0) > 0)!;
    throw new WeighbridgeError(
      'bad-input',
      `the model's graph runs in a circle through ${stuck.operator} "${stuck.name}", so nothing can run it.`,
    );
  }
  return ordered;
}
