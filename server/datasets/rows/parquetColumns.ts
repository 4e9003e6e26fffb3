import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { flatten, snappyUncompress, type FileMetaData, type RowGroup, type SchemaTree } from 'hyparquet';
import { assembleNested } from 'hyparquet/src/assemble.js';
import { parquetHeader, readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath, isFlatColumn } from 'hyparquet/src/schema.js';
import { expandInMemory } from '../../formats/compression/expand.ts';
import { decodeZstdFrame } from '../../formats/compression/zstd.ts';
import { Budget, defaultLimits } from '../../formats/limits.ts';
import { MemorySource, type ByteSource } from '../../formats/source.ts';
import type { RowProblem } from './row.ts';

export interface ParquetFile {
  source: ByteSource;
  metadata: FileMetaData;
  schema: SchemaTree;
  /** Where the footer begins: no column stands behind it. */
  dataEnd: number;
}

/** Rows that are decoded together. */
export interface Window {
  group: RowGroup;
  /** The 1-based number of the first row in the file. */
  first: number;
  /** Of the first row in its group. */
  from: number;
  rows: number;
  bytesDone: number;
}

export interface Column {
  name: string;
  /** Indexable by row of the group, less `skipped`. */
  values: ArrayLike<unknown>;
  skipped: number;
}

const limits = {
  /** Bytes of one page when it is expanded. Writers make pages of 1 MiB; long texts make longer ones. */
  page: 64 << 20,
  /** Compressed bytes of one column of one group. */
  chunk: 256 << 20,
  /** Rows of one group: a page of a few bytes can say that it holds a thousand million of the same. */
  groupRows: 8_000_000,
  /** Expanded bytes that are decoded together, as far as the file tells. */
  window: 16 << 20,
};

/** The windows of all row groups. What a group says of itself that cannot be is told, and the group left out. */
export function* windowsOf(
  { metadata, source }: ParquetFile,
  onProblem?: (problem: RowProblem) => void,
): Generator<Window> {
  let first = 1;
  let done = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const bytes = Math.max(0, Number(group.total_byte_size));
    if (!Number.isSafeInteger(rows) || rows < 0 || rows > limits.groupRows) {
      const message = `a row group says that it has ${rows} rows, more than are read at once, and was left out`;
      onProblem?.({ line: first, kind: 'too-long', message });
      continue;
    }
    const nested = group.columns.some(({ meta_data: data }) => (data?.path_in_schema.length ?? 1) > 1);
    // Nested columns can only be put together as a whole group.
    const most = nested ? rows : Math.max(256, Math.floor((rows * limits.window) / Math.max(1, bytes)));
    for (let from = 0; from < rows; from += most) {
      const count = Math.min(most, rows - from);
      done += (count / Math.max(1, rows)) * Math.min(bytes, source.size);
      yield { group, first: first + from, from, rows: count, bytesDone: done };
    }
    first += rows;
  }
}

/** The columns of a window. One that cannot be decoded is told at the window's first row, and is missing. */
export function readWindow(file: ParquetFile, window: Window, onProblem?: (problem: RowProblem) => void): Column[] {
  const leaves = new Map<string, Map<string, ArrayLike<unknown>>>();
  const flat: Column[] = [];
  for (const chunk of window.group.columns) {
    const path = chunk.meta_data?.path_in_schema ?? [];
    try {
      const { values, skipped } = readChunk(file, window, chunk);
      const top = path[0] ?? '';
      if (path.length === 1) flat.push({ name: top, values, skipped });
      else leaves.set(top, (leaves.get(top) ?? new Map<string, ArrayLike<unknown>>()).set(path.join('.'), values));
    } catch (error) {
      const reason = error instanceof RefusedChunk ? error.message : 'it cannot be decoded';
      const message = `a column of ${window.rows} rows from here on was left out: ${reason}`;
      onProblem?.({ line: window.first, kind: error instanceof RefusedChunk ? 'too-long' : 'malformed', message });
    }
  }
  for (const child of file.schema.children) {
    const columns = leaves.get(child.element.name);
    if (!columns) continue;
    try {
      assembleNested(columns as Parameters<typeof assembleNested>[0], child, DEFAULT_PARSERS);
      const values = columns.get(child.element.name);
      if (values) flat.push({ name: child.element.name, values, skipped: 0 });
    } catch {
      const message = `a nested column of ${window.rows} rows from here on was left out: it cannot be put together`;
      onProblem?.({ line: window.first, kind: 'malformed', message });
    }
  }
  return flat;
}

/** Asks for more than is given: a bomb, or a lie. */
class RefusedChunk extends Error {}

function readChunk(
  { source, schema, dataEnd }: ParquetFile,
  { group, from, rows }: Window,
  { meta_data: data, file_path: elsewhere }: RowGroup['columns'][number],
): { values: ArrayLike<unknown>; skipped: number } {
  if (!data || elsewhere) throw new RefusedChunk('its data stands in another file');
  const start = Number(data.dictionary_page_offset ?? data.data_page_offset);
  const size = Number(data.total_compressed_size);
  if (!(start >= 4 && size >= 0 && start + size <= dataEnd)) throw new RefusedChunk('its place is not in the file');
  if (size > limits.chunk) throw new RefusedChunk(`it is longer than ${limits.chunk >> 20} MiB`);
  const bytes = Uint8Array.from(source.read(start, size));
  const path = getTreePath(schema, data.path_in_schema);
  const flat = isFlatColumn(path);
  checkPages(bytes, Number(group.num_rows), flat);
  const decoder = {
    pathInSchema: data.path_in_schema,
    element: path[path.length - 1]!.element,
    schemaPath: path,
    ...data,
    parsers: DEFAULT_PARSERS,
    compressors,
  } as unknown as Parameters<typeof readColumn>[2];
  const select = { groupStart: 0, groupRows: Number(group.num_rows), selectStart: from, selectEnd: from + rows };
  const { data: parts, skipped } = readColumn(
    { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 },
    select,
    decoder,
  );
  return { values: flatten(parts), skipped };
}

/** Walks the page headers of a column before any page is expanded. */
function checkPages(bytes: Uint8Array, rows: number, flat: boolean): void {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  let values = 0;
  while (reader.offset < bytes.length - 1) {
    const header = parquetHeader(reader);
    const expanded = Number(header.uncompressed_page_size);
    const count =
      header.data_page_header?.num_values ??
      header.data_page_header_v2?.num_values ??
      header.dictionary_page_header?.num_values ??
      0;
    if (!(expanded >= 0) || expanded > limits.page) {
      throw new RefusedChunk(`a page says that it expands to ${expanded} bytes`);
    }
    const most = flat && !header.dictionary_page_header ? rows : limits.groupRows;
    if (header.dictionary_page_header === undefined) values += count;
    if (!(count >= 0) || count > most || values > 4 * limits.groupRows) {
      throw new RefusedChunk(`a page says that it has ${count} values`);
    }
    if (!(Number(header.compressed_page_size) >= 0)) throw new RefusedChunk('a page has no length');
    reader.offset += Number(header.compressed_page_size);
  }
}

/** By Node's own decompressors and ours; each stops at what the page's header promised, which was checked. */
const compressors = {
  SNAPPY: (input: Uint8Array, length: number) => {
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  },
  GZIP: (input: Uint8Array, length: number) => bytesOf(gunzipSync(input, { maxOutputLength: Math.max(1, length) })),
  BROTLI: (input: Uint8Array, length: number) =>
    bytesOf(brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
  ZSTD: (input: Uint8Array, length: number) => {
    // A page of one value over and over is honest, and expands a thousandfold.
    const budget = new Budget({ ...defaultLimits, ratio: 1e9, expandedBytes: length });
    const { content } = expandInMemory(new MemorySource(input), budget, length, decodeZstdFrame as never);
    return Uint8Array.from(content.read(0, length));
  },
};

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}
