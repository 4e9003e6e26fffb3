import type { ByteSource } from '../../formats/source.ts';
import { ElementScanner, type Element } from './elementScanner.ts';
import { jsonPlace } from './jsonPlaces.ts';
import { parsedFields } from './jsonRows.ts';
import type { Row, RowReading, RowSource } from './row.ts';

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
      for (const element of elements(source, new ElementScanner(onProblem), onBytes)) {
        if (wanted && !wanted.has(element.line)) continue;
        const row = rowOf(element, onProblem);
        if (row) yield row;
      }
    },
    *pieces({ onProblem, onBytes } = {}) {
      const scanner = new ElementScanner(onProblem, true);
      for (const element of elements(source, scanner, onBytes)) {
        yield { between: element.between, isMember: element.isMember, row: rowOf(element, onProblem) };
      }
      return { rest: scanner.rest(), broken: scanner.broken };
    },
    hasPlaces: true,
    head: () => '',
    place: ({ raw }, index, from, to) => jsonPlace(raw, index, from, to),
  };
}

function* elements(
  source: ByteSource,
  scanner: ElementScanner,
  onBytes: RowReading['onBytes'],
): Generator<Element, void> {
  const head = source.read(0, 3);
  let position = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  for (;;) {
    const block = position < source.size ? source.read(position, Math.min(blockSize, source.size - position)) : null;
    position += block?.length ?? 0;
    yield* block && block.length > 0 ? scanner.scan(block) : scanner.end();
    if (!block || block.length === 0) return;
    onBytes?.(position);
  }
}

function rowOf({ raw, line, column, key }: Element, onProblem: RowReading['onProblem']): Row | null {
  const fields = raw === null ? undefined : parsedFields(raw, line, onProblem);
  if (raw === null || !fields) return null;
  const named =
    key === null ? fields : fields.map(({ name, text }) => ({ name: name === 'value' ? key : `${key}.${name}`, text }));
  return { line, fields: named, raw, ...(column > 1 && { column }) };
}
