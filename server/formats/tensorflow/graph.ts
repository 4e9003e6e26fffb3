import type { GraphCollector } from '../graph/collector.ts';
import type { MessageCursor } from '../protobuf/cursor.ts';
import type { ReadContext } from '../reader.ts';
import { NodeReader } from './node.ts';

type Open = () => MessageCursor;

/** Operators that hand a text on, whole or as a part of a longer one. */
const handsOn = new Set([
  'Identity',
  'IdentityN',
  'StringJoin',
  'ShardedFilename',
  'Pack',
  'ConcatV2',
  'Reshape',
  'ExpandDims',
  'Squeeze',
  'Select',
  'SelectV2',
  'PlaceholderWithDefault',
  'StringStrip',
  'Enter',
  'Switch',
  'Merge',
]);

/** Nodes whose texts are remembered while a graph is read. */
const textsKept = 10_000;
/** Functions of one graph whose calls are told from operators. */
const functionsKept = 100_000;

/** One GraphDef with its function library. Field numbers: graph.proto, function.proto. */
export class TensorflowGraph {
  readonly #found: GraphCollector;
  readonly #reader: NodeReader;
  readonly #assets: ReadonlySet<string>;

  constructor(found: GraphCollector, context: ReadContext, assets: ReadonlySet<string>) {
    this.#found = found;
    this.#reader = new NodeReader(found, context);
    this.#assets = assets;
  }

  read(open: Open): void {
    const functions: string[] = [];
    this.#nodes(open, 1, '');
    for (const graph = open(); graph.next();) {
      if (graph.field !== 2) continue;
      for (const library = graph.nested(); library.next();) {
        if (library.field !== 1) continue;
        const name = this.#function(() => library.nested());
        if (functions.length < functionsKept) functions.push(name);
      }
    }
    // A function is called by a node that has its name for an operator.
    for (const name of functions) this.#found.defines('', name);
  }

  /** Gives the function's name. */
  #function(open: Open): string {
    let name = '';
    for (const definition = open(); definition.next();) {
      if (definition.field === 5) this.#reader.attribute(definition.nested(), `function ${name}`);
      if (definition.field !== 1) continue;
      for (const signature = definition.nested(); signature.next();)
        if (signature.field === 1) name = signature.text(256);
    }
    this.#nodes(open, 3, `function ${name}`.trim());
    return name;
  }

  /** Reads nodes; and once more, when constants name paths, to see which operators are given them. */
  #nodes(open: Open, nodeField: number, where: string): void {
    const texts = new Map<string, Set<string>>();
    for (const graph = open(); graph.next();) {
      if (graph.field !== nodeField || !graph.delimited) continue;
      const { name, operator, paths } = this.#reader.node(graph.nested(), graph.offset);
      const [domain, plain] = inDomain(operator);
      this.#found.operator(domain, plain, graph.offset, where);
      if (paths.length > 0 && !this.#assets.has(name) && texts.size < textsKept) texts.set(name, new Set(paths));
    }
    if (texts.size === 0) return;
    for (const record of [false, true]) {
      for (const graph = open(); graph.next();) {
        if (graph.field === nodeField && graph.delimited) this.#arguments(graph, texts, record);
      }
    }
  }

  /** Follows the texts into a node: through it, in the first round, and to the report, in the second. */
  #arguments(field: MessageCursor, texts: Map<string, Set<string>>, record: boolean): void {
    const { name, operator, inputs } = this.#reader.inputs(field.nested());
    for (const [index, input] of inputs.entries()) {
      for (const text of texts.get(input) ?? []) {
        if (record) this.#found.reference('argument', operator, text, field.offset, { input: index });
        else if (handsOn.has(operator)) hand(texts, name, text);
      }
    }
  }
}

function hand(texts: Map<string, Set<string>>, name: string, text: string): void {
  const known = texts.get(name);
  if (known) {
    if (known.size < 16) known.add(text);
  } else if (texts.size < textsKept) texts.set(name, new Set([text]));
}

/** `Addons>Operator` stands in the domain `Addons`. Source: TensorFlow, RFC on namespaces of custom operators. */
function inDomain(operator: string): [domain: string, name: string] {
  const at = operator.lastIndexOf('>');
  return at < 0 ? ['', operator] : [operator.slice(0, at), operator.slice(at + 1)];
}
