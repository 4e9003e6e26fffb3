import { onnxType } from '../../formats/onnx/dtypes.ts';
import type { MessageCursor } from '../../formats/protobuf/cursor.ts';
import type { ProtobufWalk } from '../../formats/protobuf/walk.ts';
import type { ByteSource } from '../../formats/source.ts';
import { dataType, type OnnxTensor } from './graph.ts';

/** Values that are taken out of a message: constants that say shapes, axes and bounds, not weights. */
const mostValues = 1 << 16;
const mostDimensions = 64;

/** Reads tensors of one walk. */
export class TensorReader {
  readonly #walk: ProtobufWalk;

  constructor(walk: ProtobufWalk) {
    this.#walk = walk;
  }

  /** A 32-bit float at an offset. */
  float(offset: number): number {
    const bytes = Uint8Array.from(this.#walk.source.read(offset, 4));
    return bytes.length < 4 ? 0 : new DataView(bytes.buffer).getFloat32(0, true);
  }

  /** The floats of a repeated field: packed, or one. */
  floats(field: MessageCursor): number[] {
    const bytes = field.delimited ? field.bytes(4 * mostValues) : this.#walk.source.read(field.start, 4);
    const copy = Uint8Array.from(bytes);
    const view = new DataView(copy.buffer);
    return Array.from({ length: Math.floor(copy.length / 4) }, (_, index) => view.getFloat32(4 * index, true));
  }

  /** TensorProto. */
  read(tensor: MessageCursor): OnnxTensor {
    const read: OnnxTensor = { name: '', type: 0, shape: [], data: { kind: 'typed', values: [] } };
    const values: number[] = [];
    const external = new Map<string, string>();
    let raw: OnnxTensor['data'] | null = null;
    while (tensor.next()) {
      switch (tensor.field) {
        case 1:
          read.shape.push(...tensor.numbers(Math.max(0, mostDimensions - read.shape.length)));
          break;
        case 2:
          read.type = tensor.value;
          break;
        case 4:
          if (values.length < mostValues) values.push(...this.floats(tensor));
          break;
        case 5:
        case 7:
          if (values.length < mostValues) values.push(...tensor.numbers(mostValues));
          break;
        case 8:
          read.name = tensor.text();
          break;
        case 9:
          raw = { kind: 'raw', offset: tensor.start, length: tensor.length };
          break;
        case 10:
          if (values.length < mostValues) values.push(...this.#doubles(tensor));
          break;
        case 13:
          external.set(...entry(tensor.nested()));
          break;
      }
    }
    read.data = raw ?? { kind: 'typed', values };
    if (external.size > 0) {
      const length = external.get('length');
      read.data = {
        kind: 'external',
        location: external.get('location') ?? '',
        offset: Number(external.get('offset') ?? 0),
        length: length === undefined ? null : Number(length),
      };
    }
    return read;
  }

  #doubles(field: MessageCursor): number[] {
    const bytes = field.delimited ? field.bytes(8 * mostValues) : this.#walk.source.read(field.start, 8);
    const copy = Uint8Array.from(bytes);
    const view = new DataView(copy.buffer);
    return Array.from({ length: Math.floor(copy.length / 8) }, (_, index) => view.getFloat64(8 * index, true));
  }
}

/** StringStringEntryProto. */
function entry(pair: MessageCursor): [key: string, value: string] {
  let key = '';
  let value = '';
  while (pair.next()) {
    if (pair.field === 1) key = pair.text();
    else if (pair.field === 2) value = pair.text();
  }
  return [key, value];
}

/** Elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * The values of a small constant; null when it is not in the file itself, or too large to be one.
 * @param source the model's bytes.
 */
export function constantValues(tensor: OnnxTensor, source: ByteSource): number[] | null {
  const count = sizeOf(tensor.shape);
  const { data } = tensor;
  if (!(count >= 0 && count <= mostValues) || data.kind === 'external') return null;
  if (data.kind === 'typed') return data.values.length === count ? data.values : null;
  const { bytes } = onnxType(tensor.type, tensor.shape);
  if (bytes === null || bytes !== data.length) return null;
  const copy = Uint8Array.from(source.read(data.offset, data.length));
  const view = new DataView(copy.buffer);
  const read = readers[tensor.type];
  return read === undefined ? null : Array.from({ length: count }, (_, index) => read(view, index));
}

const readers: Record<number, ((view: DataView, index: number) => number) | undefined> = {
  [dataType.float]: (view, index) => view.getFloat32(4 * index, true),
  [dataType.double]: (view, index) => view.getFloat64(8 * index, true),
  [dataType.int64]: (view, index) => Number(view.getBigInt64(8 * index, true)),
  [dataType.int32]: (view, index) => view.getInt32(4 * index, true),
  [dataType.int8]: (view, index) => view.getInt8(index),
  [dataType.uint8]: (view, index) => view.getUint8(index),
  [dataType.bool]: (view, index) => view.getUint8(index),
};
