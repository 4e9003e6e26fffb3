/** One field of a message: a number is a varint, an array is a nested message. */
export type BuildField = [field: number, value: number | bigint | string | Uint8Array | BuildField[]];

/** Bytes of a protobuf message, fields in the order that they are given. */
export function buildProtobuf(fields: BuildField[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(
      fields.map(([field, value]) => {
        if (typeof value === 'number' || typeof value === 'bigint')
          return Buffer.concat([varint(field * 8), varint(value)]);
        const payload =
          typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? value : buildProtobuf(value);
        return Buffer.concat([varint(field * 8 + 2), varint(payload.length), payload]);
      }),
    ),
  );
}

/** A base-128 number; negative ones in two's complement of 64 bits. */
export function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left > 0n ? low | 0x80 : low);
  } while (left > 0n);
  return Buffer.from(bytes);
}
