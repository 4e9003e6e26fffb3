/** What a test's HDF5 file holds, all in its root group. */
export interface BuildHdf5 {
  /** Strings of fixed length; `variable` puts them into the global heap. */
  attributes?: Record<string, string>;
  variable?: Record<string, string>;
  /** By name: shape of a dataset of 32-bit floats with no data. */
  datasets?: Record<string, number[]>;
  /** By name: file and path. */
  externalLinks?: Record<string, [file: string, path: string]>;
  /** By name of the dataset: the file that has its bytes. */
  externalStorage?: Record<string, string>;
  /** By name of the dataset: file and dataset that it is taken from. */
  virtual?: Record<string, [file: string, dataset: string]>;
  /** Bytes before the superblock: a user block. */
  userBlock?: number;
}

const undefinedAddress = Buffer.alloc(8, 0xff);
const u16 = (value: number): Buffer => Buffer.from([value & 255, value >> 8]);
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const cString = (text: string): Buffer => Buffer.from(`${text}\0`);
const join = (...parts: (Buffer | number[])[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));

const message = (type: number, body: Buffer): Buffer => join([type], u16(body.length), [0], body);
/** A version 2 object header; its checksum is not looked at. */
const objectHeader = (messages: Buffer[]): Buffer => {
  const body = Buffer.concat(messages);
  return join(Buffer.from('OHDR'), [2, 2], u32(body.length), body, u32(0));
};

const dataspace = (shape: number[]): Buffer =>
  join([2, shape.length, 0, shape.length === 0 ? 0 : 1], ...shape.map(u64));
const fixedString = (length: number): Buffer => join([0x13, 0, 0, 0], u32(length));
const variableString = join([0x19, 1, 0, 0], u32(16), [0x10, 0, 0, 0], u32(1), u16(0), u16(8));
const float32 = join([0x11, 0x20, 31, 0], u32(4), u16(0), u16(32), [23, 8, 0, 23], u32(127));

const attribute = (name: string, type: Buffer, shape: number[], data: Buffer): Buffer =>
  message(
    0x0c,
    join(
      [3, 0],
      u16(name.length + 1),
      u16(type.length),
      u16(dataspace(shape).length),
      [0],
      cString(name),
      type,
      dataspace(shape),
      data,
    ),
  );
const link = (name: string, type: number, value: Buffer): Buffer =>
  message(0x06, join([1, 8], [type], [name.length], Buffer.from(name), value));

/** Writes a small HDF5 file (superblock version 2, new-style groups) in memory. */
export function buildHdf5(content: BuildHdf5): Uint8Array {
  const base = content.userBlock ?? 0;
  const chunks: Buffer[] = [];
  let end = 48;
  const place = (bytes: Buffer): number => {
    const at = end;
    chunks.push(bytes);
    end += bytes.length;
    return at;
  };
  const heapObject = (bytes: Buffer): Buffer => {
    const padded = Math.ceil(bytes.length / 8) * 8;
    const object = join(u16(1), u16(1), u32(0), u64(bytes.length), bytes, Buffer.alloc(padded - bytes.length));
    const at = place(join(Buffer.from('GCOL'), [1, 0, 0, 0], u64(16 + object.length), object));
    return join(u64(at), u32(1));
  };
  const dataset = (name: string, shape: number[], layout: Buffer, more: Buffer[] = []): Buffer => {
    const header = objectHeader([message(1, dataspace(shape)), message(3, float32), message(8, layout), ...more]);
    return link(name, 0, u64(place(header)));
  };
  const entries = <T>(record: Record<string, T> | undefined): [string, T][] => Object.entries(record ?? {});
  const messages: Buffer[] = [];
  for (const [name, value] of entries(content.attributes))
    messages.push(attribute(name, fixedString(Buffer.byteLength(value)), [], Buffer.from(value)));
  for (const [name, value] of entries(content.variable))
    messages.push(
      attribute(name, variableString, [], join(u32(Buffer.byteLength(value)), heapObject(Buffer.from(value)))),
    );
  const contiguous = join([3, 1], undefinedAddress, u64(0));
  for (const [name, shape] of entries(content.datasets)) messages.push(dataset(name, shape, contiguous));
  for (const [name, [file, path]] of entries(content.externalLinks)) {
    const value = join([0], cString(file), cString(path));
    messages.push(link(name, 64, join(u16(value.length), value)));
  }
  for (const [name, file] of entries(content.externalStorage)) {
    const names = Buffer.concat([Buffer.alloc(8), cString(file)]);
    const data = place(names);
    const heap = place(join(Buffer.from('HEAP'), [0, 0, 0, 0], u64(names.length), undefinedAddress, u64(data)));
    const files = message(7, join([1, 0, 0, 0], u16(1), u16(1), u64(heap), u64(8), u64(0), u64(16)));
    messages.push(dataset(name, [4], join([3, 1], undefinedAddress, u64(16)), [files]));
  }
  for (const [name, [file, source]] of entries(content.virtual)) {
    const all = join(u32(3), u32(1), u32(0), u32(0));
    const block = heapObject(join([0], u64(1), cString(file), cString(source), all, all, u32(0)));
    messages.push(dataset(name, [4], join([4, 3], block)));
  }
  const root = place(objectHeader(messages));
  const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
  const superblock = join(signature, [2, 8, 8, 0], u64(base), undefinedAddress, u64(end), u64(root), u32(0));
  return new Uint8Array(Buffer.concat([Buffer.alloc(base), superblock, ...chunks]));
}
