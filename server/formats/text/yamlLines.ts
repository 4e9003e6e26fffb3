import type { ConfigMapping, ConfigNode, ConfigSequence } from './facts.ts';
import { textLimits } from './parse.ts';
import type { KeyPlace, Props, YamlNodes } from './yamlNodes.ts';
import { closingQuote, plainValue, resolved, resolvedBlock, Unusual } from './yamlScalars.ts';

const newline = 0x0a;
const space = 0x20;
/** Implicit keys may be 1024 characters long (YAML 1.2.2, 7.4.2). */
const longestKey = 1_000;

/** What no plain scalar begins with, and `?` and `:`, which may mean a key. */
const indicators = new Set([...'\t ,[]{}#&*!|>\'"%@`?:'].map((sign) => sign.charCodeAt(0)));

/**
 * Reads YAML line by line: what nearly every file is written in (block mappings and sequences, plain and quoted scalars, `|` and `>`, lists and
 * mappings in brackets, comments, anchors, aliases, local tags), ten times as fast as the library, which makes a token object of each mark.
 * Whatever else stands there ends it: `Unusual` is thrown, and nothing is taken for what it is not.
 */
export class YamlLines {
  readonly #text: string;
  readonly #nodes: YamlNodes;
  #at = 0;
  /** The column (from 0) of what comes next; -1 at the end of a document. */
  #column = -1;
  /** Behind the mark that began the document. */
  #begin = 0;

  constructor(text: string, nodes: YamlNodes) {
    this.#text = text;
    this.#nodes = nodes;
  }

  /** @throws {Unusual} */
  read(depth: number): void {
    if (/[\r\uFEFF]/.test(this.#text)) throw new Unusual();
    let begun = false;
    for (;;) {
      this.#nextLine();
      if (this.#column >= 0) {
        this.#nodes.document(this.#block(-1, depth, {}));
        if (this.#column >= 0) throw new Unusual();
      } else if (begun) this.#nodes.document(this.#nothing(this.#begin));
      if (!this.#takesMark()) return;
      begun = true;
    }
  }

  /** Takes the mark (`---`) of the next document. */
  #takesMark(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.#at += 3;
    this.#begin = this.#skipSpaces();
    this.#endLine();
    return true;
  }

  #open(
    kind: 'mapping' | 'sequence',
    start: number,
    depth: number,
    props: Props,
    flow: boolean,
  ): ConfigMapping | ConfigSequence | undefined {
    if (depth > textLimits.depth) throw new Unusual();
    return this.#nodes.open(kind, start, props, flow);
  }

  /** A value that is left out: it stands where it would begin. */
  #nothing(at: number): ConfigNode | undefined {
    return this.#nodes.leaf(null, at, at, {});
  }

  /** A collection that begins here, or a scalar that stands on lines of its own. @param around the column of what holds it. */
  #block(around: number, depth: number, props: Props): ConfigNode | undefined {
    const column = this.#column;
    if (this.#isDash()) return this.#sequence(column, depth, props);
    const key = this.#key();
    return key ? this.#mapping(column, key, depth, props) : this.#inline(around, depth, props);
  }

  #mapping(column: number, first: KeyPlace, depth: number, props: Props): ConfigNode | undefined {
    const mapping = this.#open('mapping', first.start, depth, props, false);
    let key: KeyPlace | undefined = first;
    while (key) {
      const value = this.#value(column, depth + 1, true);
      if (mapping?.kind === 'mapping') this.#nodes.entry(mapping, key, value);
      if (this.#column < column) break;
      if (this.#column > column || this.#isDash()) throw new Unusual();
      key = this.#key();
      if (!key) throw new Unusual();
    }
    if (mapping) this.#nodes.close(mapping);
    return mapping;
  }

  #sequence(column: number, depth: number, props: Props): ConfigNode | undefined {
    const start = this.#at;
    const sequence = this.#open('sequence', start, depth, props, false);
    while (this.#column === column && this.#isDash()) {
      this.#at++;
      const item = this.#value(column, depth + 1, false);
      if (sequence?.kind === 'sequence' && item) sequence.items.push(item);
    }
    if (this.#column > column) throw new Unusual();
    if (sequence) this.#nodes.close(sequence);
    return sequence;
  }

  /** What stands behind a colon or a dash, on its line or below. @param column of the key or the dash. */
  #value(column: number, depth: number, ofKey: boolean): ConfigNode | undefined {
    if (depth > textLimits.depth) throw new Unusual();
    const behind = this.#skipSpaces();
    const code = this.#text.charCodeAt(behind);
    if (!ofKey && !this.#atLineEnd()) {
      // `- - x` and `- key: x`: a collection that begins on the line of its dash.
      this.#column = behind - (this.#text.lastIndexOf('\n', behind - 1) + 1);
      if (this.#isDash()) return this.#sequence(this.#column, depth, {});
      const key = this.#key();
      if (key) return this.#mapping(this.#column, key, depth, {});
    }
    const props = code === 0x26 || code === 0x21 ? this.#props() : {};
    if (!this.#atLineEnd()) return this.#inline(column, depth, props);
    this.#endLine();
    this.#nextLine();
    if (this.#column > column || (ofKey && this.#column === column && this.#isDash()))
      return this.#block(column, depth, props);
    if (props.anchor !== undefined || props.tag !== undefined) throw new Unusual();
    return this.#nothing(behind);
  }

  /** An anchor, a local tag, or both, in any order. */
  #props(): Props {
    const props: Props = {};
    for (;;) {
      const found = matchAt(/&([\w.-]+)(?=[ \n]|$)|(![A-Za-z][\w.-]*)(?=[ \n]|$)/y, this.#text, this.#at);
      if (!found) break;
      const [whole, anchor, tag] = found;
      if (anchor !== undefined && props.anchor === undefined) props.anchor = anchor;
      else if (tag !== undefined && props.tag === undefined) props.tag = tag;
      else throw new Unusual();
      this.#at += whole.length;
      this.#skipSpaces();
    }
    if (props.anchor === undefined && props.tag === undefined) throw new Unusual();
    return props;
  }

  /** A value that begins on this line; goes on to the next line with something on it. */
  #inline(around: number, depth: number, props: Props): ConfigNode | undefined {
    const text = this.#text;
    const start = this.#at;
    const code = text.charCodeAt(start);
    let node: ConfigNode | undefined;
    if (code === 0x7c || code === 0x3e) return this.#blockScalar(around, props);
    if (code === 0x2a) node = this.#alias(props);
    else if (code === 0x5b || code === 0x7b) node = this.#flow(around, depth, props);
    else if (code === 0x22 || code === 0x27) {
      const value = this.#longQuoted(around);
      node = this.#nodes.leaf(value, start, this.#at, props);
    } else return this.#plain(around, props);
    this.#skipSpaces();
    this.#endLine();
    this.#nextLine();
    if (this.#column > around) throw new Unusual();
    return node;
  }

  #plain(around: number, props: Props): ConfigNode | undefined {
    const start = this.#at;
    let end = this.#plainLine();
    let isLong = false;
    for (;;) {
      const commented =
        this.#text[end] !== '\n' && end < this.#text.length && this.#skipSpacesFrom(end) < this.#lineEnd(end);
      this.#at = this.#lineEnd(end);
      const below = this.#at + 1;
      this.#nextLine();
      if (this.#column <= around) break;
      // A plain scalar goes on in the next line; a comment or an empty line before it is left to the library.
      if (commented || this.#at - this.#column !== below || this.#isDash()) throw new Unusual();
      isLong = true;
      end = this.#plainLine();
    }
    const source = this.#text.slice(start, end);
    const value = isLong ? resolved('scalar', source) : source;
    return this.#nodes.leaf(props.tag === undefined ? plainValue(value) : value, start, end, props);
  }

  /** The end of what a plain scalar has on this line. */
  #plainLine(): number {
    const text = this.#text;
    const start = this.#at;
    this.#mayBePlain(start);
    const line = text.slice(start, this.#lineEnd(start));
    const comment = line.indexOf(' #');
    const written = (comment < 0 ? line : line.slice(0, comment)).trimEnd();
    if (line.includes('\t') || written.includes(': ') || written.endsWith(':')) throw new Unusual();
    if (comment < 0 && /[^\S ]$/.test(line)) throw new Unusual();
    return start + written.length;
  }

  #mayBePlain(at: number): void {
    const code = this.#text.charCodeAt(at);
    if (indicators.has(code)) throw new Unusual();
    if (code === 0x2d && isBlank(this.#text.charCodeAt(at + 1))) throw new Unusual();
  }

  /** The key that begins here with its colon; undefined where there is none on this line. */
  #key(): KeyPlace | undefined {
    const text = this.#text;
    const start = this.#at;
    const code = text.charCodeAt(start);
    if (code === 0x22 || code === 0x27) return this.#quotedKey();
    const line = text.slice(start, this.#lineEnd(start));
    let colon = 0;
    do colon = line.indexOf(':', colon + 1);
    while (colon >= 0 && !isBlank(line.charCodeAt(colon + 1)));
    if (colon < 0) return undefined;
    const name = line.slice(0, colon);
    // A colon in a comment, in quotes or in brackets ends no key.
    if (name.includes(' #')) return undefined;
    // What begins like a value in brackets, an alias or a tag may still be a key: told by what is found behind it.
    if (code === 0x5b || code === 0x7b || code === 0x2a || code === 0x26 || code === 0x21) return undefined;
    this.#mayBePlain(start);
    if (/\s$|\t/.test(name) || name.length > longestKey) throw new Unusual();
    this.#at = start + colon + 1;
    return { name: String(plainValue(name)), start, end: start + colon };
  }

  #quotedKey(): KeyPlace | undefined {
    const text = this.#text;
    const start = this.#at;
    const quote = closingQuote(text, start, this.#lineEnd(start));
    if (quote < 0 || text[quote + 1] !== ':' || !isBlank(text.charCodeAt(quote + 2))) return undefined;
    if (quote - start > longestKey) throw new Unusual();
    const name = this.#unquoted(start, quote);
    this.#at++;
    return { name, start, end: quote + 1 };
  }

  /** A scalar in quotes that ends on its line. */
  #quoted(): string {
    const start = this.#at;
    const end = closingQuote(this.#text, start, this.#lineEnd(start));
    if (end < 0) throw new Unusual();
    return this.#unquoted(start, end);
  }

  /** A scalar in quotes that may go on in lines that stand further right than what holds it. */
  #longQuoted(around: number): string {
    const text = this.#text;
    const start = this.#at;
    const end = closingQuote(text, start, text.length);
    if (end < 0) throw new Unusual();
    for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) {
      const first = this.#skipSpacesFrom(at + 1);
      const code = text.charCodeAt(first);
      if (code === 0x09 || (code !== newline && first - at - 1 <= Math.max(around, 0))) throw new Unusual();
    }
    return this.#unquoted(start, end);
  }

  #unquoted(start: number, end: number): string {
    const text = this.#text;
    this.#at = end + 1;
    const inner = text.slice(start + 1, end);
    const isDouble = text[start] === '"';
    if (inner.includes('\n') || (isDouble && inner.includes('\\')))
      return resolved(isDouble ? 'double-quoted-scalar' : 'single-quoted-scalar', text.slice(start, end + 1));
    return isDouble ? inner : inner.replaceAll("''", "'");
  }

  #alias(props: Props): ConfigNode | undefined {
    const found = matchAt(/\*([\w.-]+)/y, this.#text, this.#at);
    if (!found || props.anchor !== undefined || props.tag !== undefined) throw new Unusual();
    const start = this.#at;
    this.#at += found[0].length;
    return this.#nodes.alias(found[1] ?? '', start, this.#at);
  }

  #flow(around: number, depth: number, props: Props): ConfigNode | undefined {
    const start = this.#at++;
    const isMapping = this.#text[start] === '{';
    const close = isMapping ? '}' : ']';
    const node = this.#open(isMapping ? 'mapping' : 'sequence', start, depth, props, true);
    this.#skipInFlow(around);
    while (this.#text[this.#at] !== close) {
      if (isMapping) {
        const key = this.#flowKey();
        this.#skipInFlow(around);
        const value = this.#flowValue(around, depth + 1);
        if (node?.kind === 'mapping') this.#nodes.entry(node, key, value);
      } else {
        const item = this.#flowValue(around, depth + 1);
        if (node?.kind === 'sequence' && item) node.items.push(item);
      }
      this.#skipInFlow(around);
      if (this.#text[this.#at] === ',') {
        this.#at++;
        this.#skipInFlow(around);
      } else if (this.#text[this.#at] !== close) throw new Unusual();
    }
    this.#at++;
    if (node) this.#nodes.close(node, this.#at);
    return node;
  }

  #flowKey(): KeyPlace {
    const text = this.#text;
    const start = this.#at;
    const isQuoted = text[start] === '"' || text[start] === "'";
    const name = isQuoted ? this.#quoted() : String(plainValue(this.#flowPlain()));
    const end = this.#at;
    if (text[end] !== ':' || end - start > longestKey) throw new Unusual();
    if (!isQuoted && !isBlank(text.charCodeAt(end + 1))) throw new Unusual();
    this.#at++;
    return { name, start, end };
  }

  #flowValue(around: number, depth: number): ConfigNode | undefined {
    if (depth > textLimits.depth) throw new Unusual();
    const start = this.#at;
    const code = this.#text.charCodeAt(start);
    if (code === 0x5b || code === 0x7b) return this.#flow(around, depth, {});
    if (code === 0x2a) return this.#alias({});
    const value = code === 0x22 || code === 0x27 ? this.#quoted() : plainValue(this.#flowPlain());
    // A pair in a list is a mapping of its own.
    if (this.#text[this.#at] === ':') throw new Unusual();
    return this.#nodes.leaf(value, start, this.#at, {});
  }

  /** A plain scalar in brackets, all of it on this line. */
  #flowPlain(): string {
    const start = this.#at;
    const code = this.#text.charCodeAt(start);
    if (indicators.has(code) || code === 0x2d) this.#mayBeNumber(start);
    const found = matchAt(/[^\s,[\]{}:#]+(?:(?: |:(?=[^\s,[\]{}]))[^\s,[\]{}:#]+)*/y, this.#text, start);
    if (!found) throw new Unusual();
    this.#at = start + found[0].length;
    return found[0];
  }

  #mayBeNumber(at: number): void {
    if (!/[-][\w.]/y.test(this.#text.slice(at, at + 2))) throw new Unusual();
  }

  /** Blanks and line breaks in brackets: what follows has to stand further right than what is around them. */
  #skipInFlow(around: number): void {
    this.#skipSpaces();
    while (this.#text.charCodeAt(this.#at) === newline) {
      const start = this.#at + 1;
      this.#at = start;
      this.#skipSpaces();
      if (this.#text.charCodeAt(this.#at) !== newline && this.#at - start <= around + 1) throw new Unusual();
    }
  }

  #blockScalar(around: number, props: Props): ConfigNode | undefined {
    const text = this.#text;
    const start = this.#at;
    const header = matchAt(/[|>]-?(?=\n)/y, text, start)?.[0];
    if (header === undefined) throw new Unusual();
    const from = start + header.length + 1;
    let indent = -1;
    let end = from;
    for (let at = from; at < text.length;) {
      const lineEnd = this.#lineEnd(at);
      const first = this.#skipSpacesFrom(at);
      if (first < lineEnd) {
        const column = first - at;
        if (column <= Math.max(around, 0) && column <= around) break;
        if (indent < 0) indent = column;
        if (column < indent) {
          if (column > around) throw new Unusual();
          break;
        }
        end = Math.min(lineEnd + 1, text.length);
      } else if (indent < 0 ? first > at : first - at > indent) throw new Unusual();
      at = lineEnd + 1;
    }
    if (indent <= 0) throw new Unusual();
    const value = resolvedBlock(header, text.slice(from, end));
    const node = this.#nodes.leaf(value, start, end, props, true);
    this.#at = end - 1;
    if (text.charCodeAt(this.#at) !== newline) this.#at = end;
    this.#nextLine();
    if (this.#column > around) throw new Unusual();
    return node;
  }

  /** From the end of a line to what comes next; lines that are empty or a comment are skipped. */
  #nextLine(): void {
    const text = this.#text;
    let at = this.#at;
    if (text.charCodeAt(at) === newline) at++;
    for (; at < text.length; at = this.#lineEnd(at) + 1) {
      const first = this.#skipSpacesFrom(at);
      const code = text.charCodeAt(first);
      if (first >= text.length) break;
      if (code === newline || code === 0x23) continue;
      if (code === 0x09) throw new Unusual();
      this.#at = first;
      this.#column = first - at;
      if (this.#column === 0) {
        if (code === 0x25 || isMark(text, first, '...')) throw new Unusual();
        if (isMark(text, first, '---')) this.#column = -1;
      }
      return;
    }
    this.#at = text.length;
    this.#column = -1;
  }

  #isDash(): boolean {
    return this.#text.charCodeAt(this.#at) === 0x2d && isBlank(this.#text.charCodeAt(this.#at + 1));
  }

  #skipSpaces(): number {
    return (this.#at = this.#skipSpacesFrom(this.#at));
  }

  #skipSpacesFrom(from: number): number {
    let at = from;
    while (this.#text.charCodeAt(at) === space) at++;
    return at;
  }

  /** Whether nothing but a comment stands on the rest of the line. */
  #atLineEnd(): boolean {
    const code = this.#text.charCodeAt(this.#at);
    return Number.isNaN(code) || code === newline || (code === 0x23 && this.#text.charCodeAt(this.#at - 1) === space);
  }

  #endLine(): void {
    if (!this.#atLineEnd()) throw new Unusual();
    this.#at = this.#lineEnd(this.#at);
  }

  #lineEnd(from: number): number {
    const end = this.#text.indexOf('\n', from);
    return end < 0 ? this.#text.length : end;
  }
}

function isBlank(code: number): boolean {
  return code === space || code === newline || Number.isNaN(code);
}

function isMark(text: string, at: number, mark: string): boolean {
  return text.startsWith(mark, at) && isBlank(text.charCodeAt(at + 3));
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
