import { WeighbridgeError } from '../../errors.ts';
import { Budget, defaultLimits } from '../../formats/limits.ts';
import type { MessageCursor } from '../../formats/protobuf/cursor.ts';
import { ProtobufWalk } from '../../formats/protobuf/walk.ts';
import type { ByteSource } from '../../formats/source.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxTensor, OnnxValue } from './graph.ts';
import { TensorReader } from './readTensor.ts';

/** Nodes of one graph; the largest published models have some ten thousand. */
const mostNodes = 200_000;
const mostNames = 1_000;
const longestName = 4_096;

/**
 * Reads the structure of a model. Weights are not read: a model of 2 GB costs as much as its structure.
 * Field numbers: onnx.proto (ONNX 1.19).
 * @throws {WeighbridgeError} `bad-input` when the bytes are no ONNX model, or one whose parts contradict each other.
 */
export function readGraph(source: ByteSource, file: string): OnnxGraph {
  return new GraphReader(source, file).read();
}

class GraphReader {
  readonly #walk: ProtobufWalk;
  readonly #file: string;
  readonly #tensors: TensorReader;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers = new Map<string, OnnxTensor>();
  readonly #inputs: OnnxValue[] = [];
  readonly #outputs: OnnxValue[] = [];
  readonly #domains = new Map<string, number>();
  readonly #functions = new Set<string>();
  #producer = '';
  #problem: string | null = null;

  constructor(source: ByteSource, file: string) {
    this.#file = file;
    this.#walk = new ProtobufWalk(source, {
      budget: new Budget(defaultLimits),
      problem: ({ message }) => (this.#problem ??= message),
    });
    this.#tensors = new TensorReader(this.#walk);
  }

  read(): OnnxGraph {
    let graphs = 0;
    for (const model = this.#walk.message(); model.next();) {
      if (model.field === 2) this.#producer = model.text(256);
      else if (model.field === 7) {
        graphs++;
        this.#graph(model.nested());
      } else if (model.field === 8) this.#operatorSet(model.nested());
      else if (model.field === 25) this.#function(model.nested());
    }
    if (this.#problem !== null) throw this.#refusal(this.#problem);
    if (graphs === 0 || this.#nodes.length === 0) throw this.#refusal('it has no graph of operators');
    const opset = this.#domains.get('') ?? 1;
    const inputs = this.#inputs.filter(({ name }) => !this.#initializers.has(name));
    return {
      opset,
      domains: this.#domains,
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs,
      outputs: this.#outputs,
      functions: this.#functions,
      producer: this.#producer,
    };
  }

  #graph(graph: MessageCursor): void {
    while (graph.next()) {
      switch (graph.field) {
        case 1:
          if (this.#nodes.length >= mostNodes) throw this.#refusal(`it has more than ${mostNodes} operators`);
          this.#nodes.push(this.#node(graph.nested(), this.#nodes.length));
          break;
        case 5: {
          const tensor = this.#tensors.read(graph.nested());
          this.#initializers.set(tensor.name, tensor);
          break;
        }
        case 11:
          this.#inputs.push(this.#value(graph.nested()));
          break;
        case 12:
          this.#outputs.push(this.#value(graph.nested()));
          break;
      }
    }
  }

  #node(node: MessageCursor, index: number): OnnxNode {
    const attributes = new Map<string, OnnxAttribute>();
    const read: OnnxNode = {
      index,
      name: '',
      operator: '',
      domain: '',
      inputs: [],
      outputs: [],
      attributes,
      captures: [],
    };
    while (node.next()) {
      switch (node.field) {
        case 1:
          if (read.inputs.length >= mostNames) throw this.#refusal('an operator has more than 1,000 inputs');
          read.inputs.push(node.text(longestName));
          break;
        case 2:
          if (read.outputs.length >= mostNames) throw this.#refusal('an operator has more than 1,000 outputs');
          read.outputs.push(node.text(longestName));
          break;
        case 3:
          read.name = node.text(longestName);
          break;
        case 4:
          read.operator = node.text(256);
          break;
        case 5: {
          const { name, value } = this.#attribute(node.nested(), read.captures);
          attributes.set(name, value);
          break;
        }
        case 7:
          read.domain = normal(node.text(256));
          break;
      }
    }
    return read;
  }

  #attribute(attribute: MessageCursor, captures: string[]): { name: string; value: OnnxAttribute } {
    let name = '';
    const value: OnnxAttribute = {};
    const floats: number[] = [];
    const ints: number[] = [];
    while (attribute.next()) {
      switch (attribute.field) {
        case 1:
          name = attribute.text(256);
          break;
        case 2:
          value.float = this.#tensors.float(attribute.start);
          break;
        case 3:
          value.int = attribute.signed;
          break;
        case 4:
          value.text = attribute.text();
          break;
        case 5:
          value.tensor = this.#tensors.read(attribute.nested());
          break;
        case 6:
        case 11:
          value.graph = true;
          this.#captures(attribute.nested(), captures);
          break;
        case 7:
          floats.push(...this.#tensors.floats(attribute));
          break;
        case 8:
          ints.push(...attribute.numbers(1 << 20));
          break;
      }
    }
    // An empty list is written as no list at all.
    if (floats.length > 0) value.floats = floats;
    if (ints.length > 0) value.ints = ints;
    return { name, value };
  }

  /** Every name that nodes of a subgraph take: those from outside are captured. Taking some too many refuses too much. */
  #captures(graph: MessageCursor, captures: string[]): void {
    while (graph.next()) {
      if (graph.field === 12) captures.push(this.#value(graph.nested()).name);
      if (graph.field !== 1) continue;
      for (const node = graph.nested(); node.next();) {
        if (node.field === 1) captures.push(node.text(longestName));
        else if (node.field === 5) this.#attribute(node.nested(), captures);
        if (captures.length > mostNodes) throw this.#refusal('a subgraph takes more than 200,000 values');
      }
    }
  }

  /** ValueInfoProto. */
  #value(value: MessageCursor): OnnxValue {
    const read: OnnxValue = { name: '', type: 0, shape: null };
    while (value.next()) {
      if (value.field === 1) read.name = value.text(longestName);
      if (value.field !== 2) continue;
      for (const type = value.nested(); type.next();) if (type.field === 1) this.#tensorType(type.nested(), read);
    }
    return read;
  }

  /** TypeProto.Tensor. */
  #tensorType(type: MessageCursor, read: OnnxValue): void {
    while (type.next()) {
      if (type.field === 1) read.type = type.value;
      if (type.field !== 2) continue;
      read.shape = [];
      for (const shape = type.nested(); shape.next();) {
        if (shape.field !== 1 || read.shape.length >= 64) continue;
        let size: number | string | null = null;
        for (const dimension = shape.nested(); dimension.next();) {
          if (dimension.field === 1) size = dimension.signed;
          else if (dimension.field === 2 && size === null) size = dimension.text(256);
        }
        read.shape.push(size);
      }
    }
  }

  #operatorSet(set: MessageCursor): void {
    let domain = '';
    let version = 0;
    while (set.next()) {
      if (set.field === 1) domain = set.text(256);
      else if (set.field === 2) version = set.signed;
    }
    this.#domains.set(normal(domain), version);
  }

  #function(definition: MessageCursor): void {
    let name = '';
    let domain = '';
    while (definition.next()) {
      if (definition.field === 1) name = definition.text(256);
      else if (definition.field === 10) domain = definition.text(256);
    }
    if (this.#functions.size < mostNames) this.#functions.add(`${normal(domain)}.${name}`);
  }

  #refusal(why: string): WeighbridgeError {
    return new WeighbridgeError('bad-input', `${this.#file} cannot be scanned as an ONNX model: ${why}.`);
  }
}

/** `ai.onnx` is the long name of the domain without one. Source: ONNX, IR.md. */
function normal(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}
