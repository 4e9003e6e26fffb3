import { visit } from 'jsonc-parser';
import { scalarsOf } from './configTree.ts';
import type { ConfigLeaf, ConfigMapping, ConfigNode, ConfigSequence } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ConfigText, type TextProblem } from './parse.ts';

/** The tree of a JSON text, comments and trailing commas allowed. Of events of lineage, one a line, it is their list. */
export function parseJson(text: string): ConfigText<'json'> {
  const lines = eventLines(text);
  const builder = new JsonBuilder(text);
  const problems: TextProblem[] = [];
  const report = (code: TextProblem['code'], line: number | null, message: string): void => {
    if (!problems.some((problem) => problem.code === code)) problems.push({ code, line, message });
  };
  let depth = 0;
  let skipped = 0;
  const enter =
    (kind: 'mapping' | 'sequence') =>
    (offset: number, _length: number, line: number): boolean => {
      depth++;
      if (depth > textLimits.depth)
        report('limit-depth', line + 1, `objects and arrays are nested deeper than ${textLimits.depth}`);
      else if (builder.full()) report('limit-facts', line + 1, `there are more than ${textLimits.facts} values`);
      else {
        builder.open(kind, offset);
        return true;
      }
      // What is inside is not visited, and the end of it is.
      skipped++;
      return false;
    };
  const leave = (offset: number, length: number): void => {
    depth--;
    if (skipped > 0) skipped--;
    else builder.close(offset + length);
  };
  const read = (part: string, from: number, above: number): void => {
    visit(
      part,
      {
        onObjectBegin: (offset, length, line) => enter('mapping')(from + offset, length, above + line),
        onObjectEnd: (offset, length) => leave(from + offset, length),
        onArrayBegin: (offset, length, line) => enter('sequence')(from + offset, length, above + line),
        onArrayEnd: (offset, length) => leave(from + offset, length),
        onObjectProperty: (name, offset, length) => builder.key(name, from + offset, length),
        onLiteralValue(value: unknown, offset, length, line) {
          if (builder.full()) report('limit-facts', above + line + 1, `there are more than ${textLimits.facts} values`);
          else builder.literal(value as ConfigLeaf['value'], from + offset, length);
        },
        onError(_error, _offset, _length, line) {
          report('malformed', above + line + 1, 'the text is not JSON');
        },
      },
      { allowTrailingComma: true },
    );
  };
  try {
    if (lines === null) read(text, 0, 0);
    else {
      builder.open('sequence', 0);
      for (const [index, { line, from }] of lines.entries()) if (line.trim() !== '') read(line, from, index);
      builder.close(text.length);
    }
  } catch (error) {
    // The scanner descends once a level even where nothing is reported, so a hostile nesting can exhaust the stack.
    if (!(error instanceof RangeError)) throw error;
    report('limit-depth', null, `objects and arrays are nested deeper than ${textLimits.depth}`);
  }
  const documents = builder.documents();
  return { language: 'json', documents, scalars: scalarsOf(documents), problems };
}

/** The lines of a log to which OpenLineage appends one event a line; null for any other text. */
function eventLines(text: string): { line: string; from: number }[] | null {
  const end = text.indexOf('\n');
  if (end < 0) return null;
  const first = text.slice(0, end).trim();
  const isEvent = first.startsWith('{') && first.endsWith('}') && first.includes('"eventTime"');
  if (
    !isEvent ||
    !text
      .slice(end, end + 1024)
      .trimStart()
      .startsWith('{')
  )
    return null;
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
  readonly #lines: LineIndex;
  readonly #open: (ConfigMapping | ConfigSequence)[] = [];
  readonly #starts: number[] = [];
  readonly #keys: { name: string; offset: number; length: number }[] = [];
  readonly #roots: ConfigNode[] = [];
  #count = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineIndex(text);
  }

  full(): boolean {
    return this.#count >= textLimits.facts;
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
    this.#count++;
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
