/** A value of a Python literal. A whole number that JavaScript cannot hold exactly is `absurd`. */
export type PythonLiteral =
  | { kind: 'string'; value: string }
  | { kind: 'number'; value: number; absurd: boolean }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'none' }
  | { kind: 'list' | 'tuple'; items: PythonLiteral[] }
  | { kind: 'dict'; entries: [PythonLiteral, PythonLiteral][] };

/** Where and why a text is not a literal. `position` counts from the start of the text. */
export class LiteralError extends Error {
  readonly position: number;

  constructor(position: number, message: string) {
    super(message);
    this.position = position;
  }
}

/** Deeper than any dtype; Python's own parser gives up at about 90. */
const maxDepth = 32;

/**
 * Parses what Python's `ast.literal_eval` would take of a NumPy header: strings, whole numbers, booleans, None, lists,
 * tuples and dictionaries. Nothing is evaluated.
 * @throws {LiteralError} for anything else.
 */
export function parsePythonLiteral(text: string): PythonLiteral {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.expectEnd();
  return value;
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"', '\n': '' };

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): PythonLiteral {
    if (depth > maxDepth) throw this.#error('is nested too deeply');
    const token = this.#peek();
    if (token === '{') return this.#dict(depth);
    if (token === '[') return { kind: 'list', items: this.#items('[', ']', depth).items };
    if (token === '(') {
      const { items, comma } = this.#items('(', ')', depth);
      return items.length === 1 && !comma ? items[0]! : { kind: 'tuple', items };
    }
    const quoted = this.#match(/[uU]?(?=['"])/y);
    if (quoted !== null) return this.#strings();
    const number = this.#match(/-?\d[\d_]*[lL]?(?![\w.])/y);
    if (number !== null) {
      const value = Number(number.replace(/[_lL]/g, ''));
      return { kind: 'number', value, absurd: !Number.isSafeInteger(value) };
    }
    const word = this.#match(/(?:True|False|None)\b/y);
    if (word === 'None') return { kind: 'none' };
    if (word !== null) return { kind: 'boolean', value: word === 'True' };
    throw this.#error('is not a plain literal');
  }

  expectEnd(): void {
    this.#peek();
    if (this.#at < this.#text.length) throw this.#error('goes on after its value');
  }

  #dict(depth: number): PythonLiteral {
    this.#take('{');
    const entries: [PythonLiteral, PythonLiteral][] = [];
    while (this.#peek() !== '}') {
      const key = this.value(depth + 1);
      this.#take(':');
      entries.push([key, this.value(depth + 1)]);
      if (this.#peek() !== '}') this.#take(',');
    }
    this.#take('}');
    return { kind: 'dict', entries };
  }

  #items(open: string, close: string, depth: number): { items: PythonLiteral[]; comma: boolean } {
    this.#take(open);
    const items: PythonLiteral[] = [];
    let comma = false;
    while (this.#peek() !== close) {
      items.push(this.value(depth + 1));
      comma = false;
      if (this.#peek() === close) break;
      this.#take(',');
      comma = true;
    }
    this.#take(close);
    return { items, comma };
  }

  /** One string, or several beside each other, which Python joins. */
  #strings(): PythonLiteral {
    let value = '';
    do {
      const quote = this.#text[this.#at++]!;
      for (;;) {
        const c = this.#text[this.#at++];
        if (c === undefined || c === '\n') throw this.#error('has a string that does not end');
        if (c === quote) break;
        value += c === '\\' ? this.#escape() : c;
      }
      this.#peek();
    } while (this.#match(/[uU]?(?=['"])/y) !== null);
    return { kind: 'string', value };
  }

  #escape(): string {
    const hex = this.#match(/x[\da-fA-F]{2}|u[\da-fA-F]{4}/y);
    if (hex !== null) return String.fromCharCode(parseInt(hex.slice(1), 16));
    const octal = this.#match(/[0-7]{1,3}/y);
    if (octal !== null) return String.fromCharCode(parseInt(octal, 8));
    const c = this.#text[this.#at++] ?? '';
    return escapes[c] ?? `\\${c}`;
  }

  /** The next character that is not white space; empty at the end. */
  #peek(): string {
    while (' \t\n\r\f'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
    return this.#text[this.#at] ?? '';
  }

  #take(c: string): void {
    if (this.#peek() !== c) throw this.#error(`lacks a ${c}`);
    this.#at++;
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found) this.#at = pattern.lastIndex;
    return found ? found[0] : null;
  }

  #error(message: string): LiteralError {
    return new LiteralError(Math.min(this.#at, this.#text.length), message);
  }
}
