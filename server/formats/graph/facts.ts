import type { TensorFact } from '../facts.ts';

/** Formats that are a graph of operators, a compiled program or an ensemble of trees, and not a language's objects. */
export type GraphFormat =
  | 'onnx'
  | 'tf-saved-model'
  | 'tf-graph'
  | 'tf-meta-graph'
  | 'keras-metadata'
  | 'tflite'
  | 'coreml'
  | 'coreml-package'
  | 'openvino'
  | 'paddle'
  | 'ggml'
  | 'executorch'
  | 'tensorrt'
  | 'xgboost'
  | 'lightgbm'
  | 'catboost'
  | 'pmml'
  | 'torchscript';

/** One operator of a graph, however often it stands there. */
export interface OperatorFact {
  /** The operator set it belongs to; empty for the format's own. */
  domain: string;
  name: string;
  count: number;
  /** Of the first node that has it. */
  offset: number;
  /** Where that node stands: empty for the main graph, otherwise the function or attribute around it. */
  where: string;
  /** True when the file itself defines it. */
  local?: true;
}

/** Something outside the graph that a node, a tensor or a layer names. */
export interface GraphReference {
  /**
   * `data`: tensor bytes in another file. `argument`: a constant path or address that an operator is given. `attribute`:
   * one that an attribute holds. `asset`: a file that the model brings. `memory`: a runtime's mark for an address of its own memory.
   * `class`: code that the host program must have under this name. `library`: a shared library. `code`: code in the file itself.
   * `entity`: a document that an XML parser would fetch. `include`: one that a parser puts there if it follows XInclude.
   */
  what: 'data' | 'argument' | 'attribute' | 'asset' | 'memory' | 'class' | 'library' | 'code' | 'entity' | 'include';
  /** The tensor, operator, layer or element that names it. */
  by: string;
  /** What is named, as it is written, at most 4,096 characters. */
  name: string;
  offset: number;
  /** How many name the same in the same way. */
  count: number;
  /** Which input of the operator an argument is, from 0. */
  input?: number;
  /** Bytes that a data file has at the least, when all that is taken from it is there. */
  end?: number;
  /** Why what is said of it cannot be right: `the length is not a number`. */
  breach?: string;
}

export interface GraphFacts {
  kind: 'graph';
  entry: string;
  format: GraphFormat;
  /** What the file says of itself: producer, versions, operator sets. */
  properties: Record<string, string>;
  /** Free text that the model carries, by key. */
  metadata: Record<string, string>;
  /** Distinct operators, in file order. */
  operators: OperatorFact[];
  /** Nodes of all graphs together. */
  nodes: number;
  tensors: TensorFact[];
  tensorCount: number;
  references: GraphReference[];
}
