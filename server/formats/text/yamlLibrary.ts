import {
  Composer,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  type CST,
  type Document,
  type Pair,
} from 'yaml';
import type { ConfigMapping, ConfigNode, ConfigValue } from './facts.ts';
import type { Places } from './lineIndex.ts';
import { textLimits, type TextProblem } from './parse.ts';
import { YamlNodes, type Props } from './yamlNodes.ts';

/** Scalars, marks of punctuation, line ends and runs of blanks. Real texts have one for three to five characters: these are two thirds of a megabyte of them. */
const lexemesRead = 200_000;

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

/** Reads any YAML: what is unusual, and what is broken. */
export function readByLibrary(text: string, original: string, places: Places, depth: number): YamlReading {
  const nodes = new YamlNodes(original, places);
  const walker = new YamlWalker(nodes);
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
      if (error) nodes.report('malformed', error.pos[0], 'the text is not YAML');
      walker.document(document, depth);
    }
    if (tokens.end !== null) nodes.report('limit-facts', tokens.end, 'there is more punctuation than is read');
  } catch (error) {
    // The library composes nodes recursively: nesting that exhausts the stack is a limit, too.
    if (!(error instanceof RangeError)) throw error;
    mistakes.push({ position: null, message: error.message });
    nodes.report('limit-depth', null, `mappings and sequences are nested deeper than ${textLimits.depth}`);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
  return readingOf(nodes, mistakes);
}

export function readingOf(
  { documents, problems, nodes, anchored, aliased }: YamlNodes,
  mistakes: YamlMistake[],
): YamlReading {
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

/** Goes through the nodes that the library composed. */
class YamlWalker {
  readonly #nodes: YamlNodes;

  constructor(nodes: YamlNodes) {
    this.#nodes = nodes;
  }

  document(document: Document, depth: number): void {
    this.#nodes.document(document.contents ? this.#node(document.contents, depth) : undefined);
  }

  #node(node: unknown, depth: number): ConfigNode | undefined {
    if (depth > textLimits.depth) {
      this.#nodes.report('limit-depth', null, `mappings and sequences are nested deeper than ${textLimits.depth}`);
      return undefined;
    }
    if (!isAlias(node) && !isMap(node) && !isSeq(node) && !isScalar(node)) return undefined;
    const [start, end] = node.range ?? [];
    if (start === undefined || end === undefined) return undefined;
    if (isAlias(node)) return this.#nodes.alias(node.source, start, end);
    const props: Props = {};
    if (node.anchor !== undefined) props.anchor = node.anchor;
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) props.tag = node.tag;
    if (isScalar(node)) {
      const isBlock = node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED';
      return this.#nodes.leaf(plain(node.value, node.source), start, end, props, isBlock);
    }
    const flow = node.flow === true;
    const found = this.#nodes.open(isMap(node) ? 'mapping' : 'sequence', start, props, flow);
    if (!found) return undefined;
    for (const item of node.items) {
      if (found.kind === 'sequence') {
        const value = this.#node(item, depth + 1);
        if (value) found.items.push(value);
      } else if (isPair(item)) this.#pair(item, found, depth);
    }
    this.#nodes.close(found, flow ? end : undefined);
    return found;
  }

  #pair({ key, value: of }: Pair, into: ConfigMapping, depth: number): void {
    const place = (isScalar(key) ? key.range : null) ?? [];
    const [start, end] = place;
    // A key without a value (`key:` at the end of a document): null, just behind the key.
    const value =
      of !== null
        ? this.#node(of, depth + 1)
        : end === undefined
          ? undefined
          : this.#nodes.bareLeaf(null, end, end, false);
    if (!value) return;
    if (start === undefined || end === undefined) into.entries.push({ key: keyOf(key), keyRange: value.range, value });
    else this.#nodes.entry(into, { name: keyOf(key), start, end }, value);
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
