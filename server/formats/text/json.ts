import { visit } from 'jsonc-parser';
import { scalarsOf } from './configScalars.ts';
import type { ConfigLeaf, ConfigMapping, ConfigNode, ConfigSequence } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { textLimits, type ConfigText, type TextProblem } from './parse.ts';

/** The tree of a JSON text, comments and trailing commas allowed. Of events of lineage, one a line, it is their list. */
export function parseJson(text: string): ConfigText<'json'> {
  const { documents, problems } = readJson(text, new LineIndex(text));
  return { language: 'json', documents, scalars: scalarsOf(documents), problems };
}

/** What a JSON text came to. */
export interface JsonReading {
  documents: ConfigNode[];
  problems: TextProblem[];
  /** Where the grammar is broken: the first places. */
  mistakes: { line: number; column: number }[];
  /** Scalars, mappings and sequences. */
  nodes: number;
  /** Whether it is a log of events, one a line. */
  isLog: boolean;
}

/** Nobody asks for more places at which the grammar is broken. */
export const mostMistakes = 100;

/** Reads a whole JSON text. */
export function readJson(text: string, lines: Places): JsonReading {
  const isLog = isEventLog(text);
  const reader = new JsonReader(text, lines, 0);
  if (isLog) reader.readLog(eventLines(text));
  else reader.read(text, 0);
  return { ...reader.reading(), isLog };
}

/**
 * Reads the one value that begins at an offset, as it is read within its text: what a value comes to does not depend on what stands before it.
 * @param depth of objects and arrays around it.
 */
export function readJsonValue(text: string, lines: Places, from: number, depth: number): Omit<JsonReading, 'isLog'> {
  const reader = new JsonReader(text, lines, depth);
  reader.read(text.slice(from), from);
  return reader.reading();
}

/** Goes through a text with the visitor, within what a text may cost. */
class JsonReader {
  readonly #builder: JsonBuilder;
  readonly #lines: Places;
  readonly #text: string;
  readonly #problems: TextProblem[] = [];
  readonly #mistakes: JsonReading['mistakes'] = [];
  #depth: number;
  #skipped = 0;

  constructor(text: string, lines: Places, depth: number) {
    this.#builder = new JsonBuilder(text, lines);
    this.#lines = lines;
    this.#text = text;
    this.#depth = depth;
  }

  reading(): Omit<JsonReading, 'isLog'> {
    const documents = this.#builder.documents();
    return { documents, problems: this.#problems, mistakes: this.#mistakes, nodes: this.#builder.count };
  }

  readLog(events: readonly { line: string; from: number }[]): void {
    this.#builder.open('sequence', 0);
    for (const { line, from } of events) if (line.trim() !== '') this.read(line, from);
    this.#builder.close(this.#text.length);
  }

  /** Reads a part of the text. @param from where it begins there. */
  read(part: string, from: number): void {
    try {
      visit(
        part,
        {
          onObjectBegin: (offset) => this.#enter('mapping', from + offset),
          onObjectEnd: (offset, length) => this.#leave(from + offset + length),
          onArrayBegin: (offset) => this.#enter('sequence', from + offset),
          onArrayEnd: (offset, length) => this.#leave(from + offset + length),
          onObjectProperty: (name, offset, length) => this.#builder.key(name, from + offset, length),
          onLiteralValue: (value: unknown, offset, length) => this.#literal(value, from + offset, length),
          onError: (_error, offset) => this.#mistake(from + offset),
        },
        { allowTrailingComma: true },
      );
    } catch (error) {
      // The scanner descends once a level even where nothing is reported, so a hostile nesting can exhaust the stack.
      if (!(error instanceof RangeError)) throw error;
      this.#report('limit-depth', null, `objects and arrays are nested deeper than ${textLimits.depth}`);
    }
  }

  #enter(kind: 'mapping' | 'sequence', offset: number): boolean {
    this.#depth++;
    if (this.#depth > textLimits.depth)
      this.#report('limit-depth', offset, `objects and arrays are nested deeper than ${textLimits.depth}`);
    else if (this.#builder.full())
      this.#report('limit-facts', offset, `there are more than ${textLimits.facts} values`);
    else {
      this.#builder.open(kind, offset);
      return true;
    }
    // What is inside is not visited, and the end of it is.
    this.#skipped++;
    return false;
  }

  #leave(end: number): void {
    this.#depth--;
    if (this.#skipped > 0) this.#skipped--;
    else this.#builder.close(end);
  }

  #literal(value: unknown, offset: number, length: number): void {
    if (this.#builder.full()) this.#report('limit-facts', offset, `there are more than ${textLimits.facts} values`);
    else this.#builder.literal(value as ConfigLeaf['value'], offset, length);
  }

  #mistake(offset: number): void {
    this.#report('malformed', offset, 'the text is not JSON');
    if (this.#mistakes.length < mostMistakes) this.#mistakes.push(this.#lines.position(offset));
  }

  #report(code: TextProblem['code'], offset: number | null, message: string): void {
    if (this.#problems.some((problem) => problem.code === code)) return;
    this.#problems.push({ code, line: offset === null ? null : this.#lines.position(offset).line, message });
  }
}

/** Whether a text is a log to which OpenLineage appends one event a line. */
export function isEventLog(text: string): boolean {
  const end = text.indexOf('\n');
  if (end < 0) return false;
  const first = text.slice(0, end).trim();
  if (!first.startsWith('{') || !first.endsWith('}') || !first.includes('"eventTime"')) return false;
  const behind = text.slice(end, end + 1024).trimStart();
  return behind.startsWith('{');
}

function eventLines(text: string): { line: string; from: number }[] {
  let from = 0;
  return text.split('\n').map((line) => {
    const start = from;
    from += line.length + 1;
    return { line, from: start };
  });
}

/** Puts the nodes together as the visitor meets them. */
class JsonBuilder {
  readonly #text: string;
  readonly #lines: Places;
  readonly #open: (ConfigMapping | ConfigSequence)[] = [];
  readonly #starts: number[] = [];
  readonly #keys: { name: string; offset: number; length: number }[] = [];
  readonly #roots: ConfigNode[] = [];
  /** Scalars, mappings and sequences. */
  count = 0;

  constructor(text: string, lines: Places) {
    this.#text = text;
    this.#lines = lines;
  }

  full(): boolean {
    return this.count >= textLimits.facts;
  }

  documents(): ConfigNode[] {
    while (this.#open.length > 0) this.close(this.#text.length);
    return this.#roots;
  }

  open(kind: 'mapping' | 'sequence', offset: number): void {
    const range = this.#lines.range(offset, offset + 1);
    const node: ConfigMapping | ConfigSequence =
      kind === 'mapping' ? { kind, entries: [], range, flow: true } : { kind, items: [], range, flow: true };
    this.#add(node);
    this.#open.push(node);
    this.#starts.push(offset);
  }

  close(end: number): void {
    const node = this.#open.pop();
    const start = this.#starts.pop();
    if (node && start !== undefined) node.range = this.#lines.range(start, end);
  }

  key(name: string, offset: number, length: number): void {
    this.#keys[this.#open.length] = { name, offset, length };
  }

  literal(value: ConfigLeaf['value'], offset: number, length: number): void {
    const text = this.#text;
    const quoted = text[offset] === '"' ? 1 : 0;
    const closed = quoted === 1 && length > 1 && text[offset + length - 1] === '"' ? 1 : 0;
    this.#add({
      kind: 'scalar',
      value,
      range: this.#lines.range(offset, offset + length),
      innerRange: this.#lines.range(offset + quoted, offset + length - closed),
      style: quoted === 1 ? 'quoted' : 'plain',
      source: text.slice(offset + quoted, offset + length - closed),
    });
  }

  #add(node: ConfigNode): void {
    this.count++;
    const parent = this.#open.at(-1);
    if (!parent) this.#roots.push(node);
    else if (parent.kind === 'sequence') parent.items.push(node);
    else {
      const key = this.#keys[this.#open.length];
      if (!key) return;
      const keyRange = this.#lines.range(key.offset, key.offset + key.length);
      parent.entries.push({ key: key.name, keyRange, value: node });
    }
  }
}
