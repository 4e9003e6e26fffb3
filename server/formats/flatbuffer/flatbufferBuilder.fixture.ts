/** A value of a table: a number of a width, a text, a table, or a list of tables or numbers. */
export type BuildValue =
  | { int8: number }
  | { int32: number }
  | { uint64: number }
  | { bytes: Uint8Array }
  | { int32s: number[] }
  | { tables: BuildTable[] }
  | { table: BuildTable }
  | string;

/** Values by the index of their field in the schema. */
export type BuildTable = Record<number, BuildValue>;

/** Bytes of a FlatBuffer. Unlike the official writer it puts everything in front to back, unshared and unaligned. */
export function buildFlatbuffer(root: BuildTable, identifier = ''): Uint8Array {
  const bytes: number[] = [0, 0, 0, 0, ...Buffer.from(identifier)];
  patch(bytes, 0, writeTable(bytes, root));
  return new Uint8Array(bytes);
}

function writeTable(bytes: number[], table: BuildTable): number {
  const fields = Object.keys(table).map(Number);
  const slots = fields.length === 0 ? 0 : Math.max(...fields) + 1;
  const sizes = fields.map((field) => sizeOf(table[field]!));
  const vtable = bytes.length;
  push(bytes, 4 + slots * 2, 2);
  push(bytes, 4 + sizes.reduce((sum, size) => sum + size, 0), 2);
  let relative = 4;
  const places = new Map<number, number>();
  for (const [index, field] of fields.entries()) {
    places.set(field, relative);
    relative += sizes[index]!;
  }
  for (let field = 0; field < slots; field++) push(bytes, places.get(field) ?? 0, 2);
  const start = bytes.length;
  push(bytes, start - vtable, 4);
  for (const size of sizes) push(bytes, 0, size);
  for (const field of fields) writeValue(bytes, start + places.get(field)!, table[field]!);
  return start;
}

function writeValue(bytes: number[], at: number, value: BuildValue): void {
  if (typeof value === 'string') return pointTo(bytes, at, () => list(bytes, [...Buffer.from(value)], 1, value.length));
  if ('int8' in value) bytes[at] = value.int8 & 0xff;
  else if ('int32' in value) patch(bytes, at, value.int32);
  else if ('uint64' in value) {
    patch(bytes, at, value.uint64 % 2 ** 32);
    patch(bytes, at + 4, Math.floor(value.uint64 / 2 ** 32));
  } else if ('bytes' in value) pointTo(bytes, at, () => list(bytes, [...value.bytes], 1));
  else if ('int32s' in value) pointTo(bytes, at, () => list(bytes, value.int32s, 4));
  else if ('table' in value) patch(bytes, at, writeTable(bytes, value.table) - at);
  else {
    const { tables } = value;
    pointTo(bytes, at, () =>
      list(
        bytes,
        tables.map(() => 0),
        4,
      ),
    );
    const first = bytes.length - tables.length * 4;
    for (const [index, table] of tables.entries())
      patch(bytes, first + index * 4, writeTable(bytes, table) - (first + index * 4));
  }
}

function pointTo(bytes: number[], at: number, write: () => void): void {
  patch(bytes, at, bytes.length - at);
  write();
}

function list(bytes: number[], values: number[], size: number, length = values.length): void {
  push(bytes, size === 1 ? values.length : length, 4);
  for (const value of values) push(bytes, value, size);
}

function sizeOf(value: BuildValue): number {
  if (typeof value === 'string') return 4;
  return 'int8' in value ? 1 : 'uint64' in value ? 8 : 4;
}

function push(bytes: number[], value: number, size: number): void {
  for (let index = 0; index < size; index++) bytes.push(index < 4 ? (value >>> (8 * index)) & 0xff : 0);
}

function patch(bytes: number[], at: number, value: number): void {
  for (let index = 0; index < 4; index++) bytes[at + index] = (value >>> (8 * index)) & 0xff;
}
