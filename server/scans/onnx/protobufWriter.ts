/** Writes protobuf messages. Source: Protocol Buffers, "Encoding". */
export class MessageWriter {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** A varint field; negative numbers in two's complement of 64 bits. */
  int(field: number, value: number | bigint): this {
    this.#push(varint(field * 8));
    return this.#push(varint(value));
  }

  /** A 32-bit float. */
  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(varint(field * 8 + 5));
    return this.#push(bytes);
  }

  bytes(field: number, value: Uint8Array): this {
    this.#push(varint(field * 8 + 2));
    this.#push(varint(value.length));
    return this.#push(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, fill: (nested: MessageWriter) => void): this {
    const nested = new MessageWriter();
    fill(nested);
    return this.bytes(field, nested.finish());
  }

  /** A packed list of varints. */
  ints(field: number, values: readonly (number | bigint)[]): this {
    const packed = new MessageWriter();
    for (const value of values) packed.#push(varint(value));
    return this.bytes(field, packed.finish());
  }

  /** Fields that are encoded already. */
  encoded(fields: Uint8Array): this {
    return this.#push(fields);
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  #push(chunk: Uint8Array): this {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    return this;
  }
}

function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31) {
    let left = value;
    for (; left > 0x7f; left >>>= 7) bytes.push((left & 0x7f) | 0x80);
    bytes.push(left);
    return Uint8Array.from(bytes);
  }
  let left = BigInt.asUintN(64, BigInt(value));
  do {
    const low = Number(left & 0x7fn);
    left >>= 7n;
    bytes.push(left > 0n ? low | 0x80 : low);
  } while (left > 0n);
  return Uint8Array.from(bytes);
}
