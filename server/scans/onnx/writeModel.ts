import { dataType } from './graph.ts';
import { MessageWriter } from './protobufWriter.ts';

/** A value of an attribute. Whole numbers are written as INT: what must be a float says so. */
export type AttributeValue = number | string | readonly number[] | { float: number } | { floats: readonly number[] };

export interface NewNode {
  operator: string;
  domain?: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes?: Readonly<Record<string, AttributeValue | undefined>>;
}

export interface NewTensor {
  name: string;
  type: number;
  shape: readonly number[];
  values: ArrayLike<number>;
}

export interface NewValue {
  name: string;
  /** Absent: the runtime infers it, which it does for outputs only. */
  type?: number;
  shape?: readonly (number | string)[];
}

/** What is added to a model, or a model of its own. */
export interface ModelPart {
  nodes: readonly NewNode[];
  initializers?: readonly NewTensor[];
  inputs?: readonly NewValue[];
  outputs?: readonly NewValue[];
}

/**
 * A ModelProto of these parts. Written behind the bytes of another model it adds them to that one, because parsers merge
 * messages that follow one another (Protocol Buffers, "Last One Wins": embedded messages are merged, lists appended): weights are
 * neither parsed nor copied. Field numbers: onnx.proto.
 */
export function writeModel(part: ModelPart, whole?: { opset: number; domains?: Record<string, number> }): Uint8Array {
  const model = new MessageWriter();
  if (whole) model.int(1, 8);
  model.message(7, (graph) => {
    for (const node of part.nodes) graph.message(1, (message) => writeNode(message, node));
    if (whole) graph.text(2, 'graph');
    for (const tensor of part.initializers ?? []) graph.message(5, (message) => writeTensor(message, tensor));
    for (const value of part.inputs ?? []) graph.message(11, (message) => writeValue(message, value));
    for (const value of part.outputs ?? []) graph.message(12, (message) => writeValue(message, value));
  });
  if (whole) {
    model.message(8, (set) => set.int(2, whole.opset));
    for (const [domain, version] of Object.entries(whole.domains ?? {}))
      model.message(8, (set) => set.text(1, domain).int(2, version));
  }
  return model.finish();
}

function writeNode(message: MessageWriter, node: NewNode): void {
  for (const input of node.inputs) message.text(1, input);
  for (const output of node.outputs) message.text(2, output);
  message.text(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes ?? {})) {
    if (value === undefined) continue;
    message.message(5, (attribute) => {
      attribute.text(1, name);
      if (typeof value === 'number') attribute.int(3, value).int(20, 2);
      else if (typeof value === 'string') attribute.text(4, value).int(20, 3);
      else if ('float' in value) attribute.float(2, value.float).int(20, 1);
      else if ('floats' in value) {
        for (const each of value.floats) attribute.float(7, each);
        attribute.int(20, 6);
      } else attribute.ints(8, value).int(20, 7);
    });
  }
  if (node.domain !== undefined && node.domain !== '') message.text(7, node.domain);
}

function writeTensor(message: MessageWriter, { name, type, shape, values }: NewTensor): void {
  message.ints(1, shape).int(2, type).text(8, name).bytes(9, rawBytes(type, values));
}

function writeValue(message: MessageWriter, { name, type, shape }: NewValue): void {
  message.text(1, name);
  if (type === undefined) return;
  message.message(2, (typeMessage) =>
    typeMessage.message(1, (tensor) => {
      tensor.int(1, type);
      if (shape === undefined) return;
      tensor.message(2, (dimensions) => {
        for (const size of shape)
          dimensions.message(1, (dimension) =>
            typeof size === 'number' ? dimension.int(1, size) : dimension.text(2, size),
          );
      });
    }),
  );
}

/** Values as ONNX stores them: little-endian, one after another. */
function rawBytes(type: number, values: ArrayLike<number>): Uint8Array {
  const count = values.length;
  const make = (size: number, put: (view: DataView, index: number, value: number) => void): Uint8Array => {
    const bytes = new Uint8Array(size * count);
    const view = new DataView(bytes.buffer);
    for (let index = 0; index < count; index++) put(view, index, values[index]!);
    return bytes;
  };
  switch (type) {
    case dataType.float:
      return make(4, (view, index, value) => view.setFloat32(4 * index, value, true));
    case dataType.double:
      return make(8, (view, index, value) => view.setFloat64(8 * index, value, true));
    case dataType.float16:
      return make(2, (view, index, value) => view.setUint16(2 * index, halfBits(value), true));
    case dataType.bfloat16:
      return make(2, (view, index, value) => view.setUint16(2 * index, floatBits(value) >>> 16, true));
    case dataType.int64:
      return make(8, (view, index, value) => view.setBigInt64(8 * index, BigInt(value), true));
    case dataType.int32:
      return make(4, (view, index, value) => view.setInt32(4 * index, value, true));
    case dataType.int8:
      return make(1, (view, index, value) => view.setInt8(index, value));
    case dataType.uint8:
    case dataType.bool:
      return make(1, (view, index, value) => view.setUint8(index, value));
    default:
      throw new Error(`constants of type ${type} are not written`);
  }
}

function floatBits(value: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
}

/** IEEE 754 binary16, rounded to the nearest, ties to even. Beyond its range: infinity. */
export function halfBits(value: number): number {
  const bits = floatBits(value);
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
  const biased = exponent - 112;
  if (biased >= 31) return sign | 0x7c00;
  if (biased <= 0) {
    if (biased < -10) return sign;
    return sign | rounded(fraction | 0x800000, 14 - biased);
  }
  // A carry out of the fraction raises the exponent, as it should.
  return sign | ((biased << 10) + rounded(fraction, 13));
}

function rounded(fraction: number, shift: number): number {
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}
