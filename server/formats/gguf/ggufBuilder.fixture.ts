/** What a test's GGUF file holds. Strings, and lists of strings, are the only values. */
export interface BuildGguf {
  metadata?: Record<string, string | string[]>;
  tensors?: { name: string; shape: number[]; type?: number; offset: number }[];
  data?: number;
  big?: boolean;
  version?: number;
}

/** Writes a GGUF file (docs/gguf.md of ggml) in memory. */
export function buildGguf({ metadata = {}, tensors = [], data = 0, big = false, version = 3 }: BuildGguf): Uint8Array {
  const number = (bytes: 4 | 8, value: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    if (bytes === 4) buffer.writeUInt32LE(value);
    else buffer.writeBigUInt64LE(BigInt(value));
    return big ? buffer.reverse() : buffer;
  };
  const count = (value: number): Buffer => number(version === 1 ? 4 : 8, value);
  const string = (text: string): Buffer => Buffer.concat([count(Buffer.byteLength(text)), Buffer.from(text)]);
  const pairs = Object.entries(metadata).map(([key, value]) =>
    typeof value === 'string'
      ? [string(key), number(4, 8), string(value)]
      : [string(key), number(4, 9), number(4, 8), count(value.length), ...value.map(string)],
  );
  const infos = tensors.map(({ name, shape, type = 0, offset }) => [
    string(name),
    number(4, shape.length),
    ...shape.map(count),
    number(4, type),
    number(8, offset),
  ]);
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    number(4, version),
    count(tensors.length),
    count(pairs.length),
    ...pairs.flat(),
    ...infos.flat(),
  ]);
  const padding = Buffer.alloc((32 - (header.length % 32)) % 32);
  return new Uint8Array(Buffer.concat([header, padding, Buffer.alloc(data)]));
}
