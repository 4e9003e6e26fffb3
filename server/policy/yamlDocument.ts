import { readFileSync, statSync } from 'node:fs';
import { isNode, isSeq, LineCounter, parseDocument } from 'yaml';
import { WeighbridgeError } from '../errors.ts';
import type { Json } from '../formats/facts.ts';

const longest = 1 << 20;

/**
 * A small YAML or JSON file that a person wrote.
 * @throws {WeighbridgeError} `not-found`, `unreadable` or `bad-config`, naming the place.
 */
export function readYamlDocument(file: string): Json {
  let text: string;
  try {
    if (statSync(file).size > longest)
      throw new WeighbridgeError('bad-config', `${file} is longer than ${longest} bytes`);
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (cause instanceof WeighbridgeError) throw cause;
    const gone = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new WeighbridgeError(
      gone ? 'not-found' : 'unreadable',
      gone ? `there is no file ${file}` : `cannot read ${file}: ${(cause as Error).message}`,
      { cause },
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [error] = document.errors;
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new WeighbridgeError('bad-config', `${file}:${line}:${col}: ${error.message.split('\n', 1)[0]}`);
  }
  try {
    return JSON.parse(JSON.stringify(document.toJS({ maxAliasCount: 100 }) ?? null)) as Json;
  } catch (cause) {
    throw new WeighbridgeError('bad-config', `${file}: ${(cause as Error).message}`, { cause });
  }
}

/** The lines (1-based) at which the items of a list at the top of such a file begin; none for a file that has no such list. */
export function linesOfItems(file: string, key: string): number[] {
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines, prettyErrors: false });
  const list: unknown = document.get(key);
  if (!isSeq(list)) return [];
  return list.items.map((item) => (isNode(item) && item.range ? lines.linePos(item.range[0]).line : 1));
}

/** The fields of an object; of anything else, none. */
export function fieldsOf(value: Json | undefined): Record<string, Json> {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};
}

export const listOf = (value: Json | undefined): Json[] => (Array.isArray(value) ? value : []);

export const textOf = (value: Json | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
