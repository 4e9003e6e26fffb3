import { ParseError, parseTOML, type AST } from 'toml-eslint-parser';
import { scalarsOf } from './configTree.ts';
import type { ConfigEntry, ConfigLeaf, ConfigMapping, ConfigNode, ConfigSequence } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ConfigText, type TextProblem } from './parse.ts';

/** The tree of a TOML text. Behind the first mistake nothing is read. */
export function parseToml(text: string): ConfigText<'toml'> {
  const lines = new LineIndex(text);
  const root: ConfigMapping = { kind: 'mapping', entries: [], range: lines.range(0, text.length), flow: false };
  const problems: TextProblem[] = [];
  try {
    new TomlWalker(text, lines, problems).program(parse(text, lines, problems), root);
  } catch (error) {
    // The parser descends once a level.
    if (!(error instanceof RangeError)) throw error;
    problems.push({
      code: 'limit-depth',
      line: null,
      message: `arrays and tables are nested deeper than ${textLimits.depth}`,
    });
  }
  return { language: 'toml', documents: [root], scalars: scalarsOf([root]), problems };
}

/** How many lines from a mistake backwards the reader drops: it may be noticed behind the line that holds it. */
const dropped = 3;

function parse(text: string, lines: LineIndex, problems: TextProblem[]): AST.TOMLProgram | null {
  let kept = text;
  for (let attempt = 0; attempt <= dropped; attempt++) {
    try {
      return parseTOML(kept);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      const end = Math.min(error.index, kept.length);
      const { line } = lines.position(end);
      if (attempt === 0) problems.push({ code: 'malformed', line, message: 'the text is not TOML' });
      const behind = kept.lastIndexOf('\n', end - 1);
      if (behind < 0) return null;
      kept = kept.slice(0, behind);
    }
  }
  return null;
}

class TomlWalker {
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #problems: TextProblem[];
  #count = 0;
  /** Of each table that keys were looked up in: how many of its entries stand in the map beside. */
  readonly #known = new Map<ConfigMapping, { seen: number; values: Map<string, ConfigNode> }>();

  constructor(text: string, lines: LineIndex, problems: TextProblem[]) {
    this.#text = text;
    this.#lines = lines;
    this.#problems = problems;
  }

  program(program: AST.TOMLProgram | null, root: ConfigMapping): void {
    for (const item of program?.body[0].body ?? []) {
      if (item.type === 'TOMLKeyValue') this.#pair(item, root, 0);
      else {
        const table = this.#table(root, item);
        if (table) for (const pair of item.body) this.#pair(pair, table, 0);
      }
    }
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

  /** The mapping that `[a.b]` or an element of `[[a.b]]` opens. */
  #table(root: ConfigMapping, item: AST.TOMLTable): ConfigMapping | undefined {
    let at: ConfigMapping = root;
    const last = item.key.keys.length - 1;
    for (const [index, part] of item.key.keys.entries()) {
      const found = this.#last(at, keyOf(part));
      const range = this.#lines.range(item.range[0], item.range[1]);
      if (index === last && item.kind === 'array') {
        const list: ConfigSequence =
          found?.kind === 'sequence' ? found : { kind: 'sequence', items: [], range, flow: false };
        if (found !== list) at.entries.push(this.#entry(part, list));
        const element: ConfigMapping = { kind: 'mapping', entries: [], range, flow: false };
        list.items.push(element);
        return this.#counted(element);
      }
      const inside = found?.kind === 'sequence' ? found.items.at(-1) : found;
      if (inside !== undefined && inside.kind !== 'mapping') return undefined;
      const table: ConfigMapping = inside ?? { kind: 'mapping', entries: [], range, flow: false };
      if (inside === undefined) at.entries.push(this.#entry(part, table));
      at = table;
    }
    return this.#counted(at);
  }

  #counted<N extends ConfigNode>(node: N): N | undefined {
    if (++this.#count <= textLimits.facts) return node;
    if (this.#count === textLimits.facts + 1) {
      const message = `there are more than ${textLimits.facts} values`;
      this.#problems.push({ code: 'limit-facts', line: node.range.line, message });
    }
    return undefined;
  }

  #entry(part: AST.TOMLBare | AST.TOMLQuoted, value: ConfigNode): ConfigEntry {
    return { key: keyOf(part), keyRange: this.#lines.range(part.range[0], part.range[1]), value };
  }

  #pair(pair: AST.TOMLKeyValue, table: ConfigMapping, depth: number): void {
    const value = this.#value(pair.value, depth + 1);
    const last = pair.key.keys.at(-1);
    if (!value || !last) return;
    let at = table;
    // `a.b = 1` is a table of its own.
    for (const part of pair.key.keys.slice(0, -1)) {
      const found = this.#last(at, keyOf(part));
      if (found !== undefined && found.kind !== 'mapping') return;
      const inner: ConfigMapping = found ?? { kind: 'mapping', entries: [], range: value.range, flow: false };
      if (found === undefined) at.entries.push(this.#entry(part, inner));
      at = inner;
    }
    at.entries.push(this.#entry(last, value));
  }

  #value(node: AST.TOMLContentNode, depth: number): ConfigNode | undefined {
    if (depth > textLimits.depth) throw new RangeError('nested too deep');
    const [start, end] = node.range;
    const range = this.#lines.range(start, end);
    if (node.type === 'TOMLArray') {
      const items = node.elements.flatMap((element) => this.#value(element, depth + 1) ?? []);
      return this.#counted({ kind: 'sequence', items, range, flow: true });
    }
    if (node.type === 'TOMLInlineTable') {
      const mapping: ConfigMapping = { kind: 'mapping', entries: [], range, flow: true };
      for (const pair of node.body) this.#pair(pair, mapping, depth);
      return this.#counted(mapping);
    }
    const quotes = node.kind !== 'string' ? 0 : node.multiline ? 3 : 1;
    return this.#counted({
      kind: 'scalar',
      value: scalar(node),
      range,
      innerRange: this.#lines.range(start + quotes, end - quotes),
      style: quotes > 0 ? 'quoted' : 'plain',
      source: this.#text.slice(start + quotes, end - quotes),
    });
  }
}

function keyOf(part: AST.TOMLBare | AST.TOMLQuoted): string {
  return part.type === 'TOMLBare' ? part.name : part.value;
}

function scalar(node: AST.TOMLValue): ConfigLeaf['value'] {
  switch (node.kind) {
    case 'string':
    case 'boolean':
      return node.value;
    case 'integer':
    case 'float':
      return Number(node.value);
    default:
      return node.datetime;
  }
}
