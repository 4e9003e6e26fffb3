import { scalarsOf } from './configScalars.ts';
import type { ConfigLeaf, ConfigMapping, ConfigNode, ConfigSequence } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ConfigText, type TextProblem } from './parse.ts';

/**
 * A protocol buffer in text format, without its schema (Triton's `config.pbtxt`, TensorFlow Serving's configs): a mapping in which a
 * repeated field stands more than once.
 * Source: protobuf.dev, "Text Format Language Specification".
 */
export function parseTextproto(text: string): ConfigText<'textproto'> {
  const reader = new TextprotoReader(text);
  const root = reader.read();
  return { language: 'textproto', documents: [root], scalars: scalarsOf([root]), problems: reader.problems };
}

interface Token {
  kind: 'name' | 'text' | 'sign' | 'end';
  value: string;
  start: number;
  end: number;
}

const token =
  /[ \t\r\n\f\v]+|#[^\n]*|("(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?)|([A-Za-z0-9_.+\-/]+)|([\s\S])/gu;

class Broken extends Error {}

class TextprotoReader {
  readonly problems: TextProblem[] = [];
  readonly #text: string;
  readonly #lines: LineIndex;
  readonly #pattern = new RegExp(token);
  #token: Token;
  #count = 0;

  constructor(text: string) {
    this.#text = text;
    this.#lines = new LineIndex(text);
    this.#token = { kind: 'end', value: '', start: 0, end: 0 };
    this.#advance();
  }

  read(): ConfigMapping {
    const root: ConfigMapping = {
      kind: 'mapping',
      entries: [],
      range: this.#lines.range(0, this.#text.length),
      flow: false,
    };
    try {
      while (this.#token.kind !== 'end') this.#field(root, 0);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
    }
    return root;
  }

  #field(into: ConfigMapping, depth: number): void {
    let name = this.#token;
    if (name.kind === 'sign' && name.value === '[') {
      // `[type.googleapis.com/x.Y]` names an extension.
      this.#advance();
      name = this.#token;
      this.#advance();
      if (!this.#takes(']')) this.#broken('a name in brackets is not closed');
    } else if (name.kind === 'name') this.#advance();
    else this.#broken('the text is not a protocol buffer in text format');
    const colon = this.#takes(':');
    const value = this.#value(depth, colon);
    into.entries.push({ key: name.value, keyRange: this.#lines.range(name.start, name.end), value });
    if (!this.#takes(',')) this.#takes(';');
  }

  #value(depth: number, scalarToo: boolean): ConfigNode {
    if (depth > textLimits.depth) this.#broken(`messages are nested deeper than ${textLimits.depth}`, 'limit-depth');
    if (++this.#count > textLimits.facts) this.#broken(`there are more than ${textLimits.facts} values`, 'limit-facts');
    const { start, value, kind } = this.#token;
    if (kind === 'sign' && (value === '{' || value === '<')) return this.#message(value === '{' ? '}' : '>', depth);
    if (kind === 'sign' && value === '[') return this.#list(depth);
    if (!scalarToo || kind === 'sign' || kind === 'end')
      this.#broken('the text is not a protocol buffer in text format');
    return kind === 'text' ? this.#string() : this.#word(start);
  }

  #message(close: string, depth: number): ConfigMapping {
    const { start } = this.#token;
    this.#advance();
    const message: ConfigMapping = { kind: 'mapping', entries: [], range: this.#lines.range(start, start), flow: true };
    while (!(this.#token.kind === 'sign' && this.#token.value === close)) {
      if (this.#token.kind === 'end') this.#broken('a message is not closed');
      this.#field(message, depth + 1);
    }
    message.range = this.#lines.range(start, this.#token.end);
    message.flow = message.range.line === message.range.endLine;
    this.#advance();
    return message;
  }

  #list(depth: number): ConfigSequence {
    const { start } = this.#token;
    this.#advance();
    const list: ConfigSequence = { kind: 'sequence', items: [], range: this.#lines.range(start, start), flow: true };
    while (!(this.#token.kind === 'sign' && this.#token.value === ']')) {
      if (this.#token.kind === 'end') this.#broken('a list is not closed');
      list.items.push(this.#value(depth + 1, true));
      this.#takes(',');
    }
    list.range = this.#lines.range(start, this.#token.end);
    this.#advance();
    return list;
  }

  /** Strings that follow one another are one. */
  #string(): ConfigLeaf {
    const first = this.#token;
    let value = '';
    let end = first.end;
    let parts = 0;
    for (; this.#token.kind === 'text'; this.#advance()) {
      const closed = this.#token.value.length > 1 && this.#token.value.at(-1) === this.#token.value[0] ? 1 : 0;
      value += unescape(this.#token.value.slice(1, this.#token.value.length - closed));
      end = this.#token.end;
      parts++;
    }
    const last = end - (parts > 1 || end - first.start > 1 ? 1 : 0);
    return {
      kind: 'scalar',
      value,
      range: this.#lines.range(first.start, end),
      innerRange: this.#lines.range(first.start + 1, Math.max(last, first.start + 1)),
      style: 'quoted',
      source: this.#text.slice(first.start + 1, Math.max(last, first.start + 1)),
    };
  }

  #word(start: number): ConfigLeaf {
    const { value, end } = this.#token;
    this.#advance();
    const number = /^[-+.\d]/.test(value) ? Number(value.replace(/f$/i, '')) : Number.NaN;
    const range = this.#lines.range(start, end);
    return {
      kind: 'scalar',
      value: value === 'true' ? true : value === 'false' ? false : Number.isNaN(number) ? value : number,
      range,
      innerRange: range,
      style: 'plain',
      source: value,
    };
  }

  #takes(sign: string): boolean {
    if (this.#token.kind !== 'sign' || this.#token.value !== sign) return false;
    this.#advance();
    return true;
  }

  #advance(): void {
    for (let match = this.#pattern.exec(this.#text); match; match = this.#pattern.exec(this.#text)) {
      const [whole, quoted, word, sign] = match;
      const start = match.index;
      const kind = quoted !== undefined ? 'text' : word !== undefined ? 'name' : sign !== undefined ? 'sign' : null;
      if (kind === null) continue;
      this.#token = { kind, value: whole, start, end: start + whole.length };
      return;
    }
    this.#token = { kind: 'end', value: '', start: this.#text.length, end: this.#text.length };
  }

  #broken(message: string, code: TextProblem['code'] = 'malformed'): never {
    this.problems.push({ code, line: this.#lines.position(this.#token.start).line, message });
    throw new Broken(message);
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

function unescape(text: string): string {
  return text.replace(
    /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3})|([\s\S]))/g,
    (_, hex?: string, octal?: string, other = '') =>
      hex !== undefined
        ? String.fromCharCode(parseInt(hex, 16))
        : octal !== undefined
          ? String.fromCharCode(parseInt(octal, 8))
          : (escapes[other as string] ?? (other as string)),
  );
}
