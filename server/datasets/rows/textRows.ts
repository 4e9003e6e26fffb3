import type { ByteSource } from '../../formats/source.ts';
import { linesOf } from './lines.ts';
import { spanIn } from './places.ts';
import type { RowSource } from './row.ts';

/** A row of plain lines: each is one field, `text`. */
export function textLines(source: ByteSource): RowSource {
  return {
    format: 'text',
    size: source.size,
    *rows({ onProblem, onBytes, wanted } = {}) {
      for (const { number, text } of linesOf(source, onProblem, onBytes)) {
        if (text === null || (wanted && !wanted.has(number)) || text.trim() === '') continue;
        yield { line: number, fields: [{ name: 'text', text }], raw: text };
      }
    },
    span: (row, _index, from = 0, to = row.raw.length) => spanIn(row, from, to - from),
  };
}
