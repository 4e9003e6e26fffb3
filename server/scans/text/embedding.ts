import { dataType, isFloating, type OnnxGraph, type OnnxNode } from '../onnx/graph.ts';
import type { ModelPart, NewNode } from '../onnx/writeModel.ts';

/** Where a model turns the ids of tokens into vectors. Whole numbers have no gradient; the vectors behind them have. */
export interface EmbeddingLookup {
  /** The tensor [batch, tokens, dimensions] by which is differentiated, and its type (TensorProto.DataType). */
  vectors: string;
  type: number;
  /** Nodes to add before `table` is there: those that undo a table's quantisation. */
  nodes: readonly NewNode[];
  /** The tensor [vocabulary, dimensions] that holds a vector a token. */
  table: string;
  vocabulary: number;
}

/** Operators through which ids stay ids. */
const passesIds = new Set(['Identity', 'Cast', 'Unsqueeze', 'Squeeze', 'Reshape', 'Flatten']);

/**
 * Finds the lookup of word vectors: a Gather of a table of the file by the input, or by what it is reshaped to.
 * @returns null when there is none, or more than one, or it is fused with what comes after.
 */
export function embeddingLookup(graph: OnnxGraph, input: string, prefix: string): EmbeddingLookup | null {
  const ids = new Set([input]);
  // Nodes are taken as often as new names come up: files need not keep to an order.
  for (let size = 0; size !== ids.size;) {
    size = ids.size;
    for (const node of graph.nodes)
      if (node.domain === '' && passesIds.has(node.operator) && ids.has(node.inputs[0] ?? ''))
        ids.add(node.outputs[0]!);
  }
  const lookups = graph.nodes.filter(
    ({ domain, operator, inputs }) =>
      domain === '' && operator === 'Gather' && ids.has(inputs[1] ?? '') && graph.initializers.has(inputs[0]!),
  );
  const [lookup] = lookups;
  if (lookup === undefined || lookups.length > 1 || (lookup.attributes.get('axis')?.int ?? 0) !== 0) return null;
  const table = graph.initializers.get(lookup.inputs[0]!)!;
  const [vocabulary] = table.shape;
  if (table.shape.length !== 2 || vocabulary === undefined) return null;
  const vectors = lookup.outputs[0]!;
  if (isFloating(table.type)) return { vectors, type: table.type, nodes: [], table: table.name, vocabulary };
  return dequantised(graph, vectors, table.name, vocabulary, prefix);
}

/** A table of whole numbers, whose vectors are scaled after they were looked up: all of it by one number. */
function dequantised(
  graph: OnnxGraph,
  looked: string,
  table: string,
  vocabulary: number,
  prefix: string,
): EmbeddingLookup | null {
  const users = graph.nodes.filter(({ inputs, captures }) => inputs.includes(looked) || captures.includes(looked));
  const [scaling] = users;
  if (users.length !== 1 || scaling?.operator !== 'DequantizeLinear' || scaling.inputs[0] !== looked) return null;
  const scale = graph.initializers.get(scaling.inputs[1] ?? '');
  if (scale === undefined || scale.shape.some((size) => size !== 1)) return null;
  const whole = `${prefix}table`;
  return {
    vectors: scaling.outputs[0]!,
    type: scale.type,
    nodes: [copyOf(scaling, [table, ...scaling.inputs.slice(1)], whole)],
    table: whole,
    vocabulary,
  };
}

function copyOf({ operator, domain }: OnnxNode, inputs: string[], output: string): NewNode {
  return { operator, domain, inputs, outputs: [output] };
}

/** What is added to a gradient so that it says, for each token of the vocabulary, how the loss would change with it at some places. */
export interface TokenSlopes {
  part: ModelPart;
  /** Input [places], int64: at which tokens. */
  places: string;
  /** Output [places, vocabulary]: the slope of the summed loss along each token's vector. */
  slopes: string;
}

/**
 * The first-order change of the loss when a token is put at a place is its vector times the gradient there (HotFlip, Ebrahimi et al., ACL 2018; summed over
 * a batch: Universal Adversarial Triggers, Wallace et al., EMNLP 2019). It is a product of matrices, and stays on the provider: only the sums come out.
 * @param gradient the tensor [batch, tokens, dimensions].
 */
export function tokenSlopes(
  { table, nodes }: EmbeddingLookup,
  gradient: string,
  count: number,
  opset: number,
  prefix: string,
): TokenSlopes {
  const name = (what: string): string => `${prefix}slopes/${what}`;
  const [places, slopes] = [name('places'), name('all')];
  const axes = opset >= 13 ? [name('axes')] : [];
  return {
    places,
    slopes,
    part: {
      nodes: [
        ...nodes,
        { operator: 'Gather', inputs: [gradient, places], outputs: [name('there')], attributes: { axis: 1 } },
        {
          operator: 'ReduceSum',
          inputs: [name('there'), ...axes],
          outputs: [name('summed')],
          attributes: { keepdims: 0, ...(opset < 13 && { axes: [0] }) },
        },
        // Not a product with the turned table: a copy of it would be made.
        { operator: 'Gemm', inputs: [name('summed'), table], outputs: [slopes], attributes: { transB: 1 } },
      ],
      initializers: axes.map((axis) => ({ name: axis, type: dataType.int64, shape: [1], values: [0] })),
      inputs: [{ name: places, type: dataType.int64, shape: [count] }],
      outputs: [{ name: slopes }],
    },
  };
}
