import { parquetMetadata, parquetSchema } from 'hyparquet';
import type { ByteSource } from '../../formats/source.ts';
import { cutOff, fieldsOf } from './fieldsOf.ts';
import { jsonPlace } from './jsonPlaces.ts';
import { readWindow, windowsOf, type ParquetFile } from './parquetColumns.ts';
import type { RowProblem, RowSource } from './row.ts';

const magic = 'PAR1';
/** Bytes: what describes a file of a hundred thousand column chunks. */
const longestFooter = 64 << 20;

/** Whether a file begins as a Parquet file does. */
export function isParquet(source: ByteSource): boolean {
  return source.size >= 4 && Buffer.from(source.read(0, 4)).toString('latin1') === magic;
}

/**
 * The rows of a Parquet file, a window of rows at a time. What cannot be decoded (a broken footer, a page that lies about its size) is a problem at the row
 * from which on it is missing; the other row groups are read.
 */
export function parquetRows(source: ByteSource): RowSource {
  return {
    format: 'parquet',
    size: source.size,
    *rows({ onProblem, onBytes, wanted } = {}) {
      const file = opened(source, onProblem);
      if (!file) return;
      for (const window of windowsOf(file, onProblem)) {
        const columns = readWindow(file, window, onProblem);
        for (let index = 0; index < window.rows; index++) {
          const line = window.first + index;
          if (wanted && !wanted.has(line)) continue;
          const value: Record<string, unknown> = {};
          for (const { name, values, skipped } of columns)
            value[name] = plain(values[window.from + index - skipped], 0);
          const { fields, whole } = fieldsOf(value);
          if (!whole) onProblem?.(cutOff(line));
          yield {
            line,
            fields,
            get raw() {
              return JSON.stringify(value);
            },
          };
        }
        onBytes?.(Math.min(source.size, window.bytesDone));
      }
    },
    hasPlaces: false,
    head: () => '',
    place: ({ raw }, index, from, to) => jsonPlace(raw, index, from, to),
  };
}

function opened(source: ByteSource, onProblem?: (problem: RowProblem) => void): ParquetFile | null {
  const broken = (message: string): null => {
    onProblem?.({ line: 1, kind: 'malformed', message });
    return null;
  };
  const tail = Buffer.from(source.read(Math.max(0, source.size - 8), 8));
  if (source.size < 12 || tail.subarray(4).toString('latin1') !== magic) {
    return broken('the Parquet file has no footer at its end (is it cut off?), and no row can be read without one');
  }
  const length = tail.readUInt32LE(0);
  if (length > Math.min(longestFooter, source.size - 12)) return broken('the Parquet footer is longer than the file');
  const start = source.size - 8 - length;
  try {
    const footer = Uint8Array.from(source.read(start, length + 8));
    const metadata = parquetMetadata(footer.buffer, { geoparquet: false });
    return { source, metadata, schema: parquetSchema(metadata), dataEnd: start };
  } catch {
    // The decoder's own words may quote what is in the file.
    return broken('the Parquet footer cannot be read, and no row without it');
  }
}

/** What a value of Parquet is in JSON; bytes are no text. */
function plain(value: unknown, depth: number): unknown {
  if (value === null || value === undefined || depth > 64) return null;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return null;
  if (Array.isArray(value)) return value.map((each) => plain(each, depth + 1));
  if (typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each, depth + 1)]));
  }
  return value;
}
