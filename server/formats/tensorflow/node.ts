import type { GraphCollector } from '../graph/collector.ts';
import { leadsOutside } from '../graph/outsidePath.ts';
import type { MessageCursor } from '../protobuf/cursor.ts';
import { protobufFormat } from '../protobuf/shape.ts';
import type { ReadContext } from '../reader.ts';
import { stringType, tensorflowType } from './dtypes.ts';

const dimensionsKept = 256;
/** Inputs of one node that are followed. */
const inputsKept = 1_024;
/** Texts longer than this are no paths. In bytes. */
const longestPath = 4_096;
/** Texts shorter than this hold no graph that does anything. In bytes. */
const shortestGraph = 8;

/** What a node gives to the nodes behind it. */
interface NodeFacts {
  name: string;
  operator: string;
  /** Texts that lead out of the model's folder, when the node is a constant. */
  paths: string[];
}

/** Reads NodeDef messages. Field numbers: node_def.proto, attr_value.proto, tensor.proto. */
export class NodeReader {
  readonly #found: GraphCollector;
  readonly #context: ReadContext;

  constructor(found: GraphCollector, context: ReadContext) {
    this.#found = found;
    this.#context = context;
  }

  node(node: MessageCursor, offset: number): NodeFacts {
    const facts: NodeFacts = { name: '', operator: '', paths: [] };
    const attributePaths: string[] = [];
    while (node.next()) {
      if (node.field === 1) facts.name = node.text(1_024);
      else if (node.field === 2) facts.operator = node.text(256);
      else if (node.field === 5) this.attribute(node.nested(), facts.name, attributePaths, facts.paths);
    }
    for (const path of attributePaths) this.#found.reference('attribute', facts.operator, path, offset);
    return facts;
  }

  /** The nodes that a node takes its inputs from, without the number of the output. */
  inputs(node: MessageCursor): { name: string; operator: string; inputs: string[] } {
    const facts = { name: '', operator: '', inputs: [] as string[] };
    while (node.next()) {
      if (node.field === 1) facts.name = node.text(1_024);
      else if (node.field === 2) facts.operator = node.text(256);
      // `name:1` in a graph, `name:output:0` in a function; `^name` waits for a node and takes nothing.
      else if (node.field === 3 && facts.inputs.length < inputsKept)
        facts.inputs.push(node.text(1_024).replace(/:.*$/s, ''));
    }
    return facts;
  }

  /** An entry of a map of attributes: key 1, AttrValue 2. */
  attribute(entry: MessageCursor, node: string, paths: string[] = [], constants: string[] = paths): void {
    while (entry.next()) if (entry.field === 2) this.#value(entry.nested(), node, paths, constants);
  }

  #value(value: MessageCursor, node: string, paths: string[], constants: string[]): void {
    while (value.next()) {
      switch (value.field) {
        case 1:
          this.#list(value.nested(), node, paths);
          break;
        case 2:
          this.#text(value, paths);
          break;
        case 8:
          this.#tensor(value.nested(), node, constants);
          break;
        case 10:
          this.#function(value.nested(), node, paths);
          break;
      }
    }
  }

  #list(list: MessageCursor, node: string, paths: string[]): void {
    while (list.next()) {
      if (list.field === 2) this.#text(list, paths);
      else if (list.field === 8) this.#tensor(list.nested(), node, paths);
      else if (list.field === 9) this.#function(list.nested(), node, paths);
    }
  }

  /** NameAttrList: a function with attributes of its own. */
  #function(named: MessageCursor, node: string, paths: string[]): void {
    while (named.next()) if (named.field === 2) this.attribute(named.nested(), node, paths);
  }

  #tensor(tensor: MessageCursor, name: string, paths: string[]): void {
    let type = 0;
    let data: { offset: number; bytes: number } | null = null;
    const shape: number[] = [];
    while (tensor.next()) {
      switch (tensor.field) {
        case 1:
          type = tensor.value;
          break;
        case 2:
          dimensions(tensor.nested(), shape);
          break;
        case 4:
          if (tensor.delimited) data = { offset: tensor.start, bytes: tensor.length };
          break;
        case 8:
          this.#text(tensor, paths);
          break;
        case 15:
          this.#variant(tensor.nested(), name, paths);
          break;
      }
    }
    if (type === stringType && data === null) return;
    const fact = { name, dtype: tensorflowType(type), shape, bytes: data?.bytes ?? 0 };
    this.#found.tensor(data === null ? fact : { ...fact, offset: data.offset });
  }

  /** VariantTensorDataProto: opaque metadata, and tensors. */
  #variant(variant: MessageCursor, name: string, paths: string[]): void {
    while (variant.next()) {
      if (variant.field === 2) this.#text(variant, paths);
      else if (variant.field === 3) this.#tensor(variant.nested(), name, paths);
    }
  }

  /** A text: a path, or a graph or a pickle in the form of bytes (`DatasetFromGraph`, `TRTEngineOp`, PyFunc tokens). */
  #text(field: MessageCursor, paths: string[]): void {
    if (!field.delimited || field.length === 0) return;
    if (field.length <= longestPath && paths.length < 64) {
      const text = field.text(longestPath);
      if (leadsOutside(text) !== null && !paths.includes(text)) paths.push(text);
    }
    if (field.length < shortestGraph) return;
    const [first, second] = field.bytes(2);
    const pickle = first === 0x80 && second !== undefined && second >= 2 && second <= 5;
    // A vocabulary has a hundred thousand short words, none of which is worth a look.
    if (!pickle && first !== undefined && first >= 0x20 && field.length < 64) return;
    const slice = field.slice();
    if (pickle || protobufFormat(slice, true) !== null)
      this.#context.descend(slice, `string at byte ${field.start}`, 'tf-graph');
  }
}

/** TensorShapeProto. */
function dimensions(shape: MessageCursor, sizes: number[]): void {
  while (shape.next()) {
    if (shape.field !== 2) continue;
    let size = 0;
    for (const dimension = shape.nested(); dimension.next();) if (dimension.field === 1) size = dimension.signed;
    if (sizes.length < dimensionsKept) sizes.push(size);
  }
}
