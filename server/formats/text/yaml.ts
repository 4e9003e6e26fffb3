import { isAlias, isMap, isScalar, isSeq, parseAllDocuments, type Document } from 'yaml';
import type { ConfigScalar } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ParsedText, type TextProblem } from './parse.ts';

/**
 * Scalars of all documents of a YAML text. The syntax tree is walked as it stands: an anchor's content is reported
 * where it is written and never expanded at its aliases (so that aliases of aliases cost nothing), but an alias of a
 * scalar has that scalar's value. Templates (`{{ }}`, `{% %}`) are masked when the text does not parse with them.
 */
export function parseYaml(text: string): ParsedText {
  const first = read(text, text);
  if (first.errors === 0 || !/\{\{|\{%/.test(text)) return first.parsed;
  const masked = read(maskTemplates(text), text);
  return masked.errors < first.errors ? masked.parsed : first.parsed;
}

interface Reading {
  parsed: ParsedText;
  errors: number;
}

function read(text: string, original: string): Reading {
  const walker = new YamlWalker(original);
  let errors = 0;
  try {
    const deepest = flowDepth(text);
    if (deepest > textLimits.depth) throw new RangeError('nested too deep');
    const documents = parseAllDocuments(text, {
      strict: false,
      uniqueKeys: false,
      logLevel: 'silent',
      prettyErrors: false,
    });
    if (Array.isArray(documents)) {
      for (const document of documents) {
        errors += document.errors.length;
        const error = document.errors[0];
        if (error) walker.report('malformed', error.pos[0], 'the text is not YAML');
        walker.document(document);
      }
    }
  } catch (error) {
    // The library composes nodes recursively: nesting that exhausts the stack is a limit, too.
    if (!(error instanceof RangeError)) throw error;
    errors++;
    walker.report('limit-depth', null, `mappings and sequences are nested deeper than ${textLimits.depth}`);
  }
  return { parsed: { language: 'yaml', scalars: walker.scalars, problems: walker.problems }, errors };
}

class YamlWalker {
  readonly scalars: ConfigScalar[] = [];
  readonly problems: TextProblem[] = [];
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #anchors = new Map<string, ConfigScalar['value']>();

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineIndex(text);
  }

  document(document: Document): void {
    this.#anchors.clear();
    if (document.contents) this.#node(document.contents, [], 0);
  }

  report(code: TextProblem['code'], offset: number | null, message: string): void {
    if (this.problems.some((problem) => problem.code === code)) return;
    this.problems.push({ code, line: offset === null ? null : this.#lines.position(offset).line, message });
  }

  #node(node: unknown, path: (string | number)[], depth: number): void {
    if (depth > textLimits.depth) {
      this.report('limit-depth', null, `mappings and sequences are nested deeper than ${textLimits.depth}`);
    } else if (isMap(node)) {
      for (const pair of node.items) this.#node(pair.value, [...path, keyOf(pair.key)], depth + 1);
    } else if (isSeq(node)) {
      node.items.forEach((item, index) => this.#node(item, [...path, index], depth + 1));
    } else if (isScalar(node)) {
      const value = plain(node.value, node.source);
      if (node.anchor !== undefined) this.#anchors.set(node.anchor, value);
      this.#add(value, node.range, path);
    } else if (isAlias(node)) {
      const value = this.#anchors.get(node.source);
      if (value !== undefined) this.#add(value, node.range, path);
    }
  }

  #add(value: ConfigScalar['value'], span: readonly number[] | null | undefined, path: (string | number)[]): void {
    const start = span?.[0];
    const end = span?.[1];
    if (start === undefined || end === undefined) return;
    if (this.scalars.length >= textLimits.facts) {
      this.report('limit-facts', start, `there are more than ${textLimits.facts} values`);
      return;
    }
    const written = this.#text.slice(start, end);
    const quote = written[0] === '"' || written[0] === "'" ? written[0] : null;
    const quotes = quote !== null && written.length > 1 && written.endsWith(quote) ? 1 : 0;
    this.scalars.push({
      path,
      // Where a template was masked, the value is the text as it stands.
      value: typeof value === 'string' && value.includes(mask) ? written.slice(quotes, written.length - quotes) : value,
      range: this.#lines.range(start, end),
      innerRange: this.#lines.range(start + quotes, end - quotes),
    });
  }
}

function keyOf(key: unknown): string | number {
  if (!isScalar(key)) return '?';
  return typeof key.value === 'number' ? key.value : String(key.value);
}

function plain(value: unknown, source: string | undefined): ConfigScalar['value'] {
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
    .replace(/\{\{[^\r\n]*?\}\}|\{%[^\r\n]*?%\}/g, (template) => mask.repeat(template.length));
}
