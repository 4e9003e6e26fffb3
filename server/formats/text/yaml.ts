import { Composer, isAlias, isMap, isScalar, isSeq, Lexer, Parser, type CST, type Document } from 'yaml';
import { scalarsOf } from './configTree.ts';
import type { ConfigEntry, ConfigLeaf, ConfigNode, ConfigValue } from './facts.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import { textLimits, type ConfigText, type TextProblem } from './parse.ts';

/**
 * The trees of all documents of a YAML text, as they stand: an anchor's content is reported where it is written and never
 * expanded at its aliases (so that aliases of aliases cost nothing), but an alias of a scalar has that scalar's value.
 * Templates (`{{ }}`, `{% %}`) are masked when the text does not parse with them.
 */
export function parseYaml(text: string): ConfigText<'yaml'> {
  const { documents, problems } = readYaml(text, new LineIndex(text));
  return { language: 'yaml', documents, scalars: scalarsOf(documents), problems };
}

/** Scalars, marks of punctuation, line ends and runs of blanks. Real texts have one for three to five characters: these are more than a megabyte of them. */
const lexemesRead = 400_000;

/** What a YAML text came to. */
export interface YamlReading {
  documents: ConfigNode[];
  problems: TextProblem[];
  mistakes: YamlMistake[];
  /** Scalars, mappings and sequences. */
  nodes: number;
  /** Whether anything has an anchor, and whether anything is an alias. */
  anchored: boolean;
  aliased: boolean;
  /** Whether it was read with its templates masked. */
  masked: boolean;
}

/** Where the grammar is broken, and how. */
export interface YamlMistake {
  position: { line: number; column: number } | null;
  message: string;
}

/**
 * Reads a YAML text, or a part of one that stands for itself.
 * @param places of offsets of this text in the file.
 * @param depth of mappings and sequences around it.
 */
export function readYaml(text: string, places: Places, depth = 0): YamlReading {
  const first = read(text, text, places, depth);
  if (first.mistakes.length === 0 || !holdsTemplate(text)) return first;
  const masked = read(maskTemplates(text), text, places, depth);
  return masked.mistakes.length < first.mistakes.length ? { ...masked, masked: true } : first;
}

export function holdsTemplate(text: string): boolean {
  return /\{\{|\{%/.test(text);
}

function read(text: string, original: string, places: Places, depth: number): YamlReading {
  const walker = new YamlWalker(original, places);
  const mistakes: YamlMistake[] = [];
  // Each mistake is an error object: of a text of nothing else, their stacks would take longer than the text.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const deepest = flowDepth(text);
    if (deepest > textLimits.depth) throw new RangeError('nested too deep');
    const tokens = new YamlTokens(text);
    const composer = new Composer({ strict: false, uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
    for (const document of composer.compose(tokens.read())) {
      for (const { pos, message } of document.errors) mistakes.push({ position: places.position(pos[0]), message });
      const error = document.errors[0];
      if (error) walker.report('malformed', error.pos[0], 'the text is not YAML');
      walker.document(document, depth);
    }
    if (tokens.end !== null) walker.report('limit-facts', tokens.end, 'there is more punctuation than is read');
  } catch (error) {
    // The library composes nodes recursively: nesting that exhausts the stack is a limit, too.
    if (!(error instanceof RangeError)) throw error;
    mistakes.push({ position: null, message: error.message });
    walker.report('limit-depth', null, `mappings and sequences are nested deeper than ${textLimits.depth}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  const { documents, problems, nodes, anchored, aliased } = walker;
  return { documents, problems, mistakes, nodes, anchored, aliased, masked: false };
}

/** The tokens of a text, as far as it is read: the library takes some microseconds for each mark of punctuation, whatever it means. */
class YamlTokens {
  /** The offset where reading ended before the text did. */
  end: number | null = null;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  *read(): Generator<CST.Token, void> {
    const parser = new Parser();
    let count = 0;
    let offset = 0;
    for (const lexeme of new Lexer().lex(this.#text)) {
      if (++count > lexemesRead) {
        this.end = offset;
        break;
      }
      offset += lexeme.length;
      yield* parser.next(lexeme);
    }
    yield* parser.end();
  }
}

class YamlWalker {
  readonly documents: ConfigNode[] = [];
  readonly problems: TextProblem[] = [];
  nodes = 0;
  anchored = false;
  aliased = false;
  readonly #text: string;
  readonly #lines: Places;
  readonly #anchors = new Map<string, ConfigNode>();

  constructor(text: string, lines: Places) {
    this.#text = text;
    this.#lines = lines;
  }

  document(document: Document, depth: number): void {
    this.#anchors.clear();
    const node = document.contents ? this.#node(document.contents, depth) : undefined;
    if (node) this.documents.push(node);
  }

  report(code: TextProblem['code'], offset: number | null, message: string): void {
    if (this.problems.some((problem) => problem.code === code)) return;
    this.problems.push({ code, line: offset === null ? null : this.#lines.position(offset).line, message });
  }

  #node(node: unknown, depth: number): ConfigNode | undefined {
    if (depth > textLimits.depth) {
      this.report('limit-depth', null, `mappings and sequences are nested deeper than ${textLimits.depth}`);
      return undefined;
    }
    if (isAlias(node)) return this.#alias(node.source, node.range);
    if (!isMap(node) && !isSeq(node) && !isScalar(node)) return undefined;
    const span = node.range;
    const start = span?.[0];
    const end = span?.[1];
    if (start === undefined || end === undefined) return undefined;
    if (this.nodes >= textLimits.facts) {
      this.report('limit-facts', start, `there are more than ${textLimits.facts} values`);
      return undefined;
    }
    this.nodes++;
    const range = this.#lines.range(start, end);
    const tag = node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:') ? { tag: node.tag } : {};
    const flow = !isScalar(node) && node.flow === true;
    let found: ConfigNode;
    if (isMap(node)) {
      const entries: ConfigEntry[] = [];
      found = { kind: 'mapping', entries, range, flow, ...tag };
      this.#remember(node.anchor, found);
      for (const pair of node.items) {
        const value = pair.value === null ? this.#nothing(pair.key) : this.#node(pair.value, depth + 1);
        if (value) entries.push({ key: keyOf(pair.key), keyRange: this.#keyRange(pair.key, value), value });
      }
    } else if (isSeq(node)) {
      const items: ConfigNode[] = [];
      found = { kind: 'sequence', items, range, flow, ...tag };
      this.#remember(node.anchor, found);
      for (const item of node.items) {
        const value = this.#node(item, depth + 1);
        if (value) items.push(value);
      }
    } else {
      found = { ...this.#leaf(plain(node.value, node.source), start, end, node.type), ...tag };
      this.#remember(node.anchor, found);
    }
    return found;
  }

  #remember(anchor: string | undefined, node: ConfigNode): void {
    if (anchor === undefined) return;
    this.anchored = true;
    this.#anchors.set(anchor, node);
  }

  #alias(name: string, span: readonly number[] | null | undefined): ConfigNode | undefined {
    this.aliased = true;
    const target = this.#anchors.get(name);
    const [start, end] = span ?? [];
    if (start === undefined || end === undefined) return undefined;
    const range = this.#lines.range(start, end);
    if (target?.kind !== 'scalar') return { kind: 'alias', target, range };
    return { ...target, range, innerRange: range };
  }

  /** A key without a value (`key:` at the end of a document): null, just behind the key. */
  #nothing(key: unknown): ConfigNode | undefined {
    const end = isScalar(key) ? key.range?.[1] : undefined;
    return end === undefined ? undefined : this.#leaf(null, end, end, undefined);
  }

  #keyRange(key: unknown, value: ConfigNode): ConfigNode['range'] {
    const [start, end] = (isScalar(key) ? key.range : null) ?? [];
    return start === undefined || end === undefined ? value.range : this.#lines.range(start, end);
  }

  #leaf(value: ConfigValue, start: number, end: number, type: string | undefined): ConfigLeaf {
    const written = this.#text.slice(start, end);
    const quote = written[0] === '"' || written[0] === "'" ? written[0] : null;
    const quotes = quote !== null && written.length > 1 && written.endsWith(quote) ? 1 : 0;
    const inner = written.slice(quotes, written.length - quotes);
    const isBlock = type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED';
    return {
      kind: 'scalar',
      // Where a template was masked, the value is the text as it stands.
      value: typeof value === 'string' && value.includes(mask) ? inner : value,
      range: this.#lines.range(start, end),
      innerRange: this.#lines.range(start + quotes, end - quotes),
      style: isBlock ? 'block' : quotes === 1 ? 'quoted' : 'plain',
      source: inner,
    };
  }
}

function keyOf(key: unknown): string {
  return isScalar(key) ? String(key.value) : '?';
}

function plain(value: unknown, source: string | undefined): ConfigValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string')
    return value;
  // Dates, big integers and values of unknown tags: what is written.
  return source ?? null;
}

/** Brackets inside brackets, quotes and comments disregarded: a cheap upper bound that block indentation cannot reach. */
function flowDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5b || code === 0x7b) deepest = Math.max(deepest, ++depth);
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
  }
  return deepest;
}

/** A private-use character: it stands in no configuration, and YAML takes it as part of a plain scalar. */
const mask = '\uE000';

/** Replaces templates by as many characters, so that every offset stays: a line of its own becomes blank. */
function maskTemplates(text: string): string {
  return text
    .replace(/^[ \t]*(?:\{%[^\r\n]*?%\}|\{\{-?[^\r\n]*?-?\}\})[ \t]*$/gm, (line) => ' '.repeat(line.length))
    .replace(/\{\{[^\r\n]{0,1000}?\}\}|\{%[^\r\n]{0,1000}?%\}/g, (template) => mask.repeat(template.length));
}
