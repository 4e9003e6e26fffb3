/** A JSON value with the place where it begins. Members keep their order, and those of one name all stand there. */
export type JsonNode = { offset: number } & (
  | { type: 'object'; members: [key: string, value: JsonNode][] }
  | { type: 'array'; items: JsonNode[] }
  | { type: 'string'; value: string }
  | { type: 'number'; value: number }
  | { type: 'literal'; value: boolean | null }
);

/** Where the text stops being JSON. `limit` tells a limit of ours from a breach of the format. */
export class JsonTreeBreak extends Error {
  readonly offset: number;
  readonly limit: boolean;

  constructor(offset: number, message: string, limit = false) {
    super(message);
    this.offset = offset;
    this.limit = limit;
  }
}

/** Python's reader stops at about 1,000 levels. */
const deepest = 500;
/** Values of one document: a tree takes about 100 bytes for each. */
const mostNodes = 2_000_000;

/**
 * Reads JSON as Python's `json` does, which also takes `NaN`, `Infinity` and `-Infinity`; offsets are in UTF-16 code
 * units. `JSON.parse` knows no places, and drops all but the last member of one name.
 * @throws {JsonTreeBreak}
 */
export function parseJsonTree(text: string): JsonNode {
  return new TreeParser(text).document();
}

/** The last member of that name, as Python and JavaScript take it. */
export function member(node: JsonNode | undefined, name: string): JsonNode | undefined {
  return node?.type === 'object' ? node.members.findLast(([key]) => key === name)?.[1] : undefined;
}

/** The text of a string node. */
export function stringOf(node: JsonNode | undefined): string | undefined {
  return node?.type === 'string' ? node.value : undefined;
}

const numbers = /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|Infinity)|NaN/y;
const words: Record<string, boolean | null> = { true: true, false: false, null: null };
const plain = /[^"\\]*/y;
const escapes: Record<string, string> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '"': '"', '\\': '\\', '/': '/' };

class TreeParser {
  readonly #text: string;
  #at = 0;
  #nodes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    if (this.#text.startsWith('\uFEFF')) this.#at = 1;
    const node = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) throw new JsonTreeBreak(this.#at, 'there is more than one JSON value');
    return node;
  }

  #value(depth: number): JsonNode {
    if (depth > deepest) throw new JsonTreeBreak(this.#at, `it is nested deeper than ${deepest}`, true);
    if (++this.#nodes > mostNodes) throw new JsonTreeBreak(this.#at, `it has more than ${mostNodes} values`, true);
    this.#space();
    const offset = this.#at;
    const first = this.#text[offset];
    if (first === '{') return { type: 'object', members: this.#members(depth), offset };
    if (first === '[') return { type: 'array', items: this.#items(depth), offset };
    if (first === '"') return { type: 'string', value: this.#string(), offset };
    numbers.lastIndex = offset;
    const number = numbers.exec(this.#text)?.[0];
    if (number !== undefined) {
      this.#at += number.length;
      return { type: 'number', value: Number(number), offset };
    }
    for (const [word, value] of Object.entries(words)) {
      if (!this.#text.startsWith(word, offset)) continue;
      this.#at += word.length;
      return { type: 'literal', value, offset };
    }
    throw new JsonTreeBreak(offset, 'it is not JSON');
  }

  #members(depth: number): [string, JsonNode][] {
    const members: [string, JsonNode][] = [];
    this.#at++;
    if (this.#skip('}')) return members;
    do {
      this.#space();
      if (this.#text[this.#at] !== '"') throw new JsonTreeBreak(this.#at, 'a name is missing in an object');
      const key = this.#string();
      if (!this.#skip(':')) throw new JsonTreeBreak(this.#at, 'a colon is missing in an object');
      members.push([key, this.#value(depth + 1)]);
    } while (this.#skip(','));
    if (!this.#skip('}')) throw new JsonTreeBreak(this.#at, 'an object does not end');
    return members;
  }

  #items(depth: number): JsonNode[] {
    const items: JsonNode[] = [];
    this.#at++;
    if (this.#skip(']')) return items;
    do items.push(this.#value(depth + 1));
    while (this.#skip(','));
    if (!this.#skip(']')) throw new JsonTreeBreak(this.#at, 'an array does not end');
    return items;
  }

  #string(): string {
    this.#at++;
    let value = '';
    for (;;) {
      plain.lastIndex = this.#at;
      const run = plain.exec(this.#text)?.[0] ?? '';
      value += run;
      this.#at += run.length;
      const stop = this.#text[this.#at];
      if (stop === undefined) throw new JsonTreeBreak(this.#at, 'a string does not end');
      if (stop === '"') {
        this.#at++;
        return value;
      }
      const kind = this.#text[this.#at + 1] ?? '';
      if (kind === 'u') {
        const hex = this.#text.slice(this.#at + 2, this.#at + 6);
        if (!/^[\da-fA-F]{4}$/.test(hex)) throw new JsonTreeBreak(this.#at, 'a string has an undefined escape');
        value += String.fromCharCode(parseInt(hex, 16));
        this.#at += 6;
        continue;
      }
      const escaped = escapes[kind];
      if (escaped === undefined) throw new JsonTreeBreak(this.#at, 'a string has an undefined escape');
      value += escaped;
      this.#at += 2;
    }
  }

  #space(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at++;
    }
  }

  #skip(character: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }
}
