/** A value of an extension type. */
export class Extension {
  readonly type: number;
  readonly bytes: Uint8Array;

  constructor(type: number, bytes: Uint8Array) {
    this.type = type;
    this.bytes = bytes;
  }
}

export type Packable = null | boolean | number | string | Uint8Array | Extension | Packable[] | Map<Packable, Packable>;

/** Writes MessagePack as msgpack for Python does, but for its short forms of extensions. */
export function pack(value: Packable): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') return packNumber(value);
  if (typeof value === 'string') {
    const bytes = Buffer.from(value);
    return Buffer.concat([bytes.length < 32 ? Buffer.from([0xa0 | bytes.length]) : sized(0xd9, bytes.length), bytes]);
  }
  if (value instanceof Uint8Array) return Buffer.concat([sized(0xc4, value.length), value]);
  if (value instanceof Extension)
    return Buffer.concat([sized(0xc7, value.bytes.length), Buffer.from([value.type & 255]), value.bytes]);
  if (Array.isArray(value))
    return Buffer.concat([
      value.length < 16 ? Buffer.from([0x90 | value.length]) : wide(0xdd, value.length),
      ...value.map(pack),
    ]);
  const pairs = [...value].flatMap(([key, each]) => [pack(key), pack(each)]);
  return Buffer.concat([value.size < 16 ? Buffer.from([0x80 | value.size]) : wide(0xdf, value.size), ...pairs]);
}

/** An array as Flax writes it. */
export function flaxArrayOf(shape: number[], dtype: string, bytes: Uint8Array, type = 1): Extension {
  return new Extension(type, pack([shape, dtype, bytes]));
}

export const mapOf = (members: Record<string, Packable>): Map<Packable, Packable> => new Map(Object.entries(members));

function packNumber(value: number): Buffer {
  if (Number.isInteger(value) && value >= 0 && value < 128) return Buffer.from([value]);
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return wide(0xce, value);
  const bytes = Buffer.alloc(9, 0xcb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** The forms for 8, 16 and 32 bits stand behind one another. */
function sized(first: number, size: number): Buffer {
  if (size < 256) return Buffer.from([first, size]);
  if (size < 65_536) return Buffer.from([first + 1, size >> 8, size & 255]);
  return wide(first + 2, size);
}

function wide(first: number, size: number): Buffer {
  const bytes = Buffer.alloc(5, first);
  bytes.writeUInt32BE(size, 1);
  return bytes;
}
