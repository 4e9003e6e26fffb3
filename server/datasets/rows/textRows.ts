import type { ByteSource } from '../../formats/source.ts';
import { linesOf } from './lines.ts';
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
    hasPlaces: true,
    head: () => '',
    place: ({ raw }, _index, from = 0, to = raw.length) => ({ offset: from, length: to - from }),
  };
}
