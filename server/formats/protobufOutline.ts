import type { ByteSource } from './source.ts';

/** One top-level field of a protobuf message. */
export interface ProtobufField {
  field: number;
  wire: number;
  /** The number of a varint, the length of a delimited field; otherwise 0. */
  value: number;
}

/**
 * The first top-level fields of bytes taken for a protobuf message, payloads skipped; null when they are none.
 * Used to tell ONNX and TensorFlow files by their shape: protobuf has no magic number.
 * Source: Protocol Buffers, "Encoding".
 */
export function protobufOutline(source: ByteSource, most = 32): ProtobufField[] | null {
  const fields: ProtobufField[] = [];
  let offset = 0;
  while (offset < source.size && fields.length < most) {
    const bytes = source.read(offset, 20);
    const tag = varint(bytes, 0);
    if (tag === null || tag.value === 0 || tag.value > 0xffff_ffff) return null;
    const field = Math.floor(tag.value / 8);
    const wire = tag.value % 8;
    let length = tag.length;
    let value = 0;
    if (wire === 0 || wire === 2) {
      const number = varint(bytes, length);
      if (number === null) return null;
      length += number.length;
      value = number.value;
      if (wire === 2) length += value;
    } else if (wire === 1) length += 8;
    else if (wire === 5) length += 4;
    else return null;
    if (field === 0 || offset + length > source.size) return null;
    fields.push({ field, wire, value });
    offset += length;
  }
  return fields.length > 0 ? fields : null;
}

function varint(bytes: Uint8Array, from: number): { value: number; length: number } | null {
  let value = 0;
  for (let index = 0; index < 10; index++) {
    const byte = bytes[from + index];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, length: index + 1 };
  }
  return null;
}
