import type { ByteSource } from '../../formats/source.ts';
import { ElementScanner } from './elementScanner.ts';
import { jsonPlace } from './jsonPlaces.ts';
import { parsedFields } from './jsonRows.ts';
import type { RowSource } from './row.ts';

const blockSize = 1 << 20;

/**
 * One JSON document (RFC 8259), read in memory of one element, however long it is: each element of a list is a record. Of an object, each
 * element of its lists is one, named by the key of the list (`data.text`), and so is each other member.
 */
export function jsonDocument(source: ByteSource): RowSource {
  return {
    format: 'json',
    size: source.size,
    *rows({ onProblem, onBytes, wanted } = {}) {
      const head = source.read(0, 3);
      let position = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
      const scanner = new ElementScanner(onProblem);
      for (;;) {
        const block =
          position < source.size ? source.read(position, Math.min(blockSize, source.size - position)) : null;
        position += block?.length ?? 0;
        for (const { raw, line, column, key } of block && block.length > 0 ? scanner.scan(block) : scanner.end()) {
          if (wanted && !wanted.has(line)) continue;
          const fields = parsedFields(raw, line, onProblem);
          if (!fields) continue;
          const named =
            key === null
              ? fields
              : fields.map(({ name, text }) => ({ name: name === 'value' ? key : `${key}.${name}`, text }));
          yield { line, fields: named, raw, ...(column > 1 && { column }) };
        }
        if (!block || block.length === 0) return;
        onBytes?.(position);
      }
    },
    hasPlaces: true,
    head: () => '',
    place: ({ raw }, index, from, to) => jsonPlace(raw, index, from, to),
  };
}
