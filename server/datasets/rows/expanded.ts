import { expand } from '../../formats/compression/expand.ts';
import { bzip2, gzip, lz4, xz, zstd } from '../../formats/compression/streams.ts';
import { Budget, defaultLimits } from '../../formats/limits.ts';
import type { ByteSource } from '../../formats/source.ts';
import type { RowProblem, RowSource } from './row.ts';

/** Data is longer than models' archives are, and its text compresses well; the ratio alone is what tells a bomb. */
const limits = { ...defaultLimits, expandedBytes: 2 ** 40, timeMs: 60 * 60 * 1000 };

export interface ExpandedData {
  content: ByteSource;
  /** The name without its `.gz`. */
  name: string;
  /** Why it could not be expanded to its end; null when it could. */
  stop: string | null;
}

/** What a compressed data file expands to, up to a break or a limit; null for what is not compressed. */
export function expandedData(source: ByteSource, name: string): ExpandedData | null {
  const stream = [gzip, zstd, bzip2, xz, lz4].find((each) => each.begins(source, 0));
  if (!stream) return null;
  const { content, stop } = expand(source, new Budget(limits, source.size), (input, output, state) => {
    let from = state;
    do {
      stream.decode(input, output, from);
      from = undefined;
    } while (!input.atEnd && stream.begins(source, input.position));
  });
  const bare = name.replace(/\.(?:gz|gzip|zst|zstd|bz2|xz|lz4)$/i, '');
  return { content, name: bare, stop: stop?.message ?? null };
}

/** The same rows, and at their end that these are not all. */
export function cutShort(rows: RowSource, stop: string): RowSource {
  return {
    ...rows,
    *rows(reading = {}) {
      let line = 1;
      for (const row of rows.rows(reading)) {
        line = row.line;
        yield row;
      }
      const problem: RowProblem = {
        line,
        kind: 'cut-off',
        message: `the compressed file was not read any further than here: ${stop}`,
      };
      reading.onProblem?.(problem);
    },
  };
}
