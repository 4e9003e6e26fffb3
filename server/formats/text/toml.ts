import { scalarsOf } from './configScalars.ts';
import type { ConfigEntry, ConfigLeaf, ConfigMapping, ConfigNode, ConfigSequence, TextRange } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ConfigText, type TextProblem } from './parse.ts';
import { TomlCursor, TomlMistake } from './tomlTokens.ts';

/**
 * The tree of a TOML text. Behind the first mistake nothing is read; a key that is written twice is none, and stands here twice.
 * Source: toml.io, TOML 1.0.0, and of 1.1 commas behind the last key and line breaks in inline tables.
 */
export function parseToml(text: string): ConfigText<'toml'> {
  const reader = new TomlReader(text);
  const root = reader.read();
  return { language: 'toml', documents: [root], scalars: scalarsOf([root]), problems: reader.problems };
}

/** Reading ended at a limit: what was read stays, however deep it stands. */
class Ended extends Error {}

interface Key {
  name: string;
  start: number;
  end: number;
}

class TomlReader {
  readonly problems: TextProblem[] = [];
  readonly #cursor: TomlCursor;
  readonly #lines: LineIndex;
  readonly #root: ConfigMapping;
  #count = 0;
  /** Places of what the last header opened: they end where the next one begins. */
  #open: TextRange[] = [];
  /** Of each table that keys were looked up in: how many of its entries stand in the map beside. */
  readonly #known = new Map<ConfigMapping, { seen: number; values: Map<string, ConfigNode> }>();

  constructor(text: string) {
    this.#cursor = new TomlCursor(text);
    this.#lines = new LineIndex(text);
    this.#root = { kind: 'mapping', entries: [], range: this.#lines.range(0, text.length), flow: false };
  }

  read(): ConfigMapping {
    const cursor = this.#cursor;
    let table: ConfigMapping | undefined = this.#root;
    let kept = 0;
    try {
      for (cursor.skipLines(); !cursor.atEnd; cursor.skipLines()) {
        kept = table?.entries.length ?? 0;
        if (cursor.next === '[') {
          const opened = this.#header();
          kept = opened?.entries.length ?? 0;
          table = opened;
        } else {
          this.#pair(table ?? emptyTable(this.#root.range), 0);
          this.#closeAt(cursor.at);
        }
        cursor.endLine();
      }
    } catch (error) {
      if (error instanceof TomlMistake) {
        this.#report('malformed', error.at, 'the text is not TOML');
        if (table) table.entries.length = Math.min(kept, table.entries.length);
      } else if (!(error instanceof Ended)) throw error;
    }
    return this.#root;
  }

  /** The mapping that `[a.b]` or an element of `[[a.b]]` opens; undefined where something else stands there. */
  #header(): ConfigMapping | undefined {
    const cursor = this.#cursor;
    const start = cursor.at;
    const isList = cursor.takes('[[');
    if (!isList) cursor.expect('[');
    cursor.skipBlanks();
    const keys = this.#keys();
    cursor.expect(isList ? ']]' : ']');
    this.#open = [];
    const range = (): TextRange => {
      const opened = this.#lines.range(start, cursor.at);
      this.#open.push(opened);
      return opened;
    };
    let at = this.#root;
    for (const [index, key] of keys.entries()) {
      const found = this.#last(at, key.name);
      if (isList && index === keys.length - 1) {
        const list: ConfigSequence =
          found?.kind === 'sequence' ? found : { kind: 'sequence', items: [], range: range(), flow: false };
        if (found !== list) at.entries.push(this.#entry(key, list));
        at = { kind: 'mapping', entries: [], range: range(), flow: false };
        list.items.push(at);
        continue;
      }
      const inside = found?.kind === 'sequence' ? found.items.at(-1) : found;
      if (inside !== undefined && inside.kind !== 'mapping') return undefined;
      const table: ConfigMapping = inside ?? { kind: 'mapping', entries: [], range: range(), flow: false };
      if (inside === undefined) at.entries.push(this.#entry(key, table));
      at = table;
    }
    this.#counted(start);
    return at;
  }

  #closeAt(end: number): void {
    if (this.#open.length === 0) return;
    const { line, column } = this.#lines.position(end);
    for (const range of this.#open) [range.endLine, range.endColumn] = [line, column];
  }

  #pair(table: ConfigMapping, depth: number): void {
    const cursor = this.#cursor;
    const keys = this.#keys();
    cursor.expect('=');
    cursor.skipBlanks();
    const start = cursor.at;
    const last = keys.pop() as Key;
    let at: ConfigMapping | undefined = table;
    const above: ConfigMapping[] = [];
    // `a.b = 1` is a table of its own.
    for (const key of keys) {
      const found: ConfigNode | undefined = this.#last(at, key.name);
      if (found !== undefined && found.kind !== 'mapping') {
        at = undefined;
        break;
      }
      if (found === undefined) {
        const inner = emptyTable(this.#lines.range(start, start));
        at.entries.push(this.#entry(key, inner));
        above.push(inner);
        at = inner;
      } else at = found;
    }
    const into = at;
    this.#value(depth + keys.length + 1, (value) => into?.entries.push(this.#entry(last, value)));
    for (const inner of above) inner.range = this.#lines.range(start, cursor.at);
  }

  /** Reads a value. @param attach is handed it before what is inside of it is read: where reading ends there, the beginning is kept. */
  #value(depth: number, attach: (value: ConfigNode) => void): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    this.#within(depth);
    this.#counted(start);
    if (cursor.next === '[') return this.#array(depth, attach);
    if (cursor.next === '{') return this.#inlineTable(depth, attach);
    const { value, quotes } = cursor.scalar();
    attach(this.#leaf(value, start, cursor.at, quotes));
  }

  #array(depth: number, attach: (value: ConfigNode) => void): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    const list: ConfigSequence = {
      kind: 'sequence',
      items: [],
      range: this.#lines.range(start, start + 1),
      flow: true,
    };
    attach(list);
    cursor.expect('[');
    for (cursor.skipLines(); cursor.next !== ']'; cursor.skipLines()) {
      this.#value(depth + 1, (item) => list.items.push(item));
      cursor.skipLines();
      if (cursor.next !== ']') cursor.expect(',');
    }
    cursor.expect(']');
    list.range = this.#lines.range(start, cursor.at);
  }

  #inlineTable(depth: number, attach: (value: ConfigNode) => void): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    const table: ConfigMapping = { ...emptyTable(this.#lines.range(start, start + 1)), flow: true };
    attach(table);
    cursor.expect('{');
    for (cursor.skipLines(); cursor.next !== '}'; cursor.skipLines()) {
      this.#pair(table, depth);
      cursor.skipLines();
      if (cursor.next !== '}') cursor.expect(',');
    }
    cursor.expect('}');
    table.range = this.#lines.range(start, cursor.at);
  }

  #leaf(value: ConfigLeaf['value'], start: number, end: number, quotes: number): ConfigLeaf {
    const range = this.#lines.range(start, end);
    return {
      kind: 'scalar',
      value,
      range,
      innerRange: quotes > 0 ? this.#lines.range(start + quotes, end - quotes) : { ...range },
      style: quotes > 0 ? 'quoted' : 'plain',
      source: this.#cursor.text.slice(start + quotes, end - quotes),
    };
  }

  /** Keys with dots between them, and the blanks behind. */
  #keys(): Key[] {
    const cursor = this.#cursor;
    const keys: Key[] = [];
    do {
      cursor.skipBlanks();
      const start = cursor.at;
      const name = cursor.key();
      keys.push({ name, start, end: cursor.at });
      this.#within(keys.length);
      cursor.skipBlanks();
    } while (cursor.takes('.'));
    return keys;
  }

  #entry({ name, start, end }: Key, value: ConfigNode): ConfigEntry {
    return { key: name, keyRange: this.#lines.range(start, end), value };
  }

  /** What a key of a table has last, found without going through all of its keys. */
  #last(table: ConfigMapping, wanted: string): ConfigNode | undefined {
    let known = this.#known.get(table);
    if (known === undefined) this.#known.set(table, (known = { seen: 0, values: new Map() }));
    for (; known.seen < table.entries.length; known.seen++) {
      const entry = table.entries[known.seen] as ConfigEntry;
      known.values.set(entry.key, entry.value);
    }
    return known.values.get(wanted);
  }

  #within(depth: number): void {
    if (depth <= textLimits.depth) return;
    this.#report('limit-depth', null, `arrays and tables are nested deeper than ${textLimits.depth}`);
    throw new Ended();
  }

  #counted(at: number): void {
    if (++this.#count <= textLimits.facts) return;
    this.#report('limit-facts', at, `there are more than ${textLimits.facts} values`);
    throw new Ended();
  }

  #report(code: TextProblem['code'], offset: number | null, message: string): void {
    this.problems.push({ code, line: offset === null ? null : this.#lines.position(offset).line, message });
  }
}

function emptyTable(range: TextRange): ConfigMapping {
  return { kind: 'mapping', entries: [], range, flow: false };
}
