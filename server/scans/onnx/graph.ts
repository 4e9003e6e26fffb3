// An ONNX graph as the scans need it: structure, attributes and small constants. Weights are places in the file.

/** TensorProto.DataType, as far as scans compute with it. Source: onnx.proto. */
export const dataType = {
  float: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  double: 11,
  bfloat16: 16,
} as const;

/** Types in which a gradient can be computed. */
export function isFloating(type: number): boolean {
  return type === dataType.float || type === dataType.float16 || type === dataType.double || type === dataType.bfloat16;
}

export interface OnnxTensor {
  name: string;
  /** TensorProto.DataType. */
  type: number;
  shape: number[];
  /** Where its bytes are. `typed` are values in the message itself, which only small tensors have. */
  data:
    | { kind: 'raw'; offset: number; length: number }
    | { kind: 'typed'; values: number[] }
    | { kind: 'external'; location: string; offset: number; length: number | null };
}

export interface OnnxAttribute {
  float?: number;
  int?: number;
  text?: string;
  tensor?: OnnxTensor;
  floats?: number[];
  ints?: number[];
  /** True when it holds one graph or more. */
  graph?: boolean;
}

export interface OnnxNode {
  /** Position in the graph. */
  index: number;
  name: string;
  operator: string;
  /** `''` for ai.onnx. */
  domain: string;
  /** `''` for an optional input that is left out. */
  inputs: string[];
  outputs: string[];
  attributes: ReadonlyMap<string, OnnxAttribute>;
  /** Names that its subgraphs take from outside: they are inputs, too, and stand in no list of inputs. */
  captures: string[];
}

export interface OnnxValue {
  name: string;
  /** TensorProto.DataType; 0 when it is no tensor, or not told. */
  type: number;
  /** A number, a symbolic name, or null where nothing is told. */
  shape: (number | string | null)[] | null;
}

export interface OnnxGraph {
  /** Version of the ai.onnx operator set; 1 when none is told. */
  opset: number;
  /** Versions of the other domains. */
  domains: ReadonlyMap<string, number>;
  nodes: OnnxNode[];
  initializers: ReadonlyMap<string, OnnxTensor>;
  /** Without those that an initializer gives a default. */
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  /** Model-local functions, as `domain.name`. */
  functions: ReadonlySet<string>;
  producer: string;
}
