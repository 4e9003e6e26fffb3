import { WeighbridgeError } from '../errors.ts';

/** A tensor as the header describes it; offsets follow from the order. */
export interface HeaderTensor {
  name: string;
  dtype: string;
  shape: readonly number[];
  bytes: number;
}

/** Element types from low to high rank, as the reference writer orders them (safetensors/src/tensor.rs, `enum Dtype`). */
const ranks = new Map(
  [
    'BOOL F4 F6_E2M3 F6_E3M2 U8 I8 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ',
    'I16 U16 F16 BF16 I32 U32 F32 C64 F64 I64 U64',
  ]
    .join(' ')
    .split(' ')
    .map((name, rank) => [name, rank]),
);

/** The reference reader refuses a longer header (safetensors/src/tensor.rs, `MAX_HEADER_SIZE`). */
export const longestHeader = 100_000_000;

/** The order of tensors in a file: wide element types first, so that all are aligned; then by name, by code point. */
export function headerOrder(a: HeaderTensor, b: HeaderTensor): number {
  return ranks.get(b.dtype)! - ranks.get(a.dtype)! || compareCodePoints(a.name, b.name);
}

/** Strings compared by code point, as Rust and Python do; JavaScript compares UTF-16 units. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const one = a.charCodeAt(index);
    const other = b.charCodeAt(index);
    if (one !== other) return lift(one) - lift(other);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
const lift = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

/**
 * The head of a safetensors file: length, JSON, spaces up to a multiple of eight bytes.
 * @param tensors in `headerOrder`.
 * @throws {WeighbridgeError} `refused` when it would be longer than readers accept.
 */
export function safetensorsHead(tensors: readonly HeaderTensor[], metadata: Record<string, string>): Buffer {
  const parts = [`"__metadata__":${JSON.stringify(metadata)}`];
  let at = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    parts.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":[${at},${at + bytes}]}`,
    );
    at += bytes;
  }
  const json = Buffer.from(`{${parts.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > longestHeader) {
    throw new WeighbridgeError('refused', `The header would take ${length} bytes, more than safetensors allows.`);
  }
  const head = Buffer.alloc(8 + length, ' ');
  head.writeBigUInt64LE(BigInt(length), 0);
  json.copy(head, 8);
  return head;
}
