import type { ConfigValue } from './facts.ts';

/** Where the grammar is broken. */
export class TomlMistake extends Error {
  readonly at: number;

  constructor(at: number) {
    super('the text is not TOML');
    this.at = at;
  }
}

const bareKey = /[A-Za-z0-9_-]+/y;
const blanks = /[ \t]*/y;
const lineBreaks = /[ \t\r\n]+/y;
const comment = /#[^\r\n]*/y;
const restOfLine = /[ \t]*(?:#[^\r\n]*)?(?:\r?\n|$)/y;
/** A date with a time may have a blank between them. */
const bareValue = /\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#"'[{]+/y;

/** Goes through a TOML text token by token. Source: toml.io, TOML 1.0.0, and its grammar (toml.abnf). */
export class TomlCursor {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The character that comes next; undefined at the end. */
  get next(): string | undefined {
    return this.text[this.at];
  }

  skipBlanks(): void {
    this.#match(blanks);
  }

  /** To what is no blank, no line break and no comment. */
  skipLines(): void {
    // One pattern for both would remember each comment on its way.
    while (this.#match(lineBreaks) !== null || this.#match(comment) !== null);
  }

  /** Nothing but a comment may stand behind a value or a header. */
  endLine(): void {
    if (this.#match(restOfLine) === null) throw new TomlMistake(this.at);
  }

  takes(sign: string): boolean {
    if (!this.text.startsWith(sign, this.at)) return false;
    this.at += sign.length;
    return true;
  }

  expect(sign: string): void {
    if (!this.takes(sign)) throw new TomlMistake(this.at);
  }

  /** A bare or quoted key, without the dots behind it. */
  key(): string {
    const sign = this.next;
    if (sign === '"' || sign === "'") return this.#string(sign, 1);
    const name = this.#match(bareKey);
    if (name === null) throw new TomlMistake(this.at);
    return name;
  }

  /** A value that holds no others, and how many quotes are on each side of it. */
  scalar(): { value: ConfigValue; quotes: number } {
    const sign = this.next;
    if (sign === '"' || sign === "'") {
      const quotes = this.text.startsWith(sign.repeat(3), this.at) ? 3 : 1;
      return { value: this.#string(sign, quotes), quotes };
    }
    const start = this.at;
    const value = bare(this.#match(bareValue) ?? '');
    if (value === undefined) throw new TomlMistake(start);
    return { value, quotes: 0 };
  }

  #string(sign: '"' | "'", quotes: number): string {
    const start = this.at + quotes;
    const end = quotes === 1 ? this.#endOfLineString(sign, start) : this.#endOfLongString(sign, start);
    this.at = end + quotes;
    // A line break that follows the quotes is no part of a long string.
    const skipped = quotes === 3 ? (/^\r?\n/.exec(this.text.slice(start, start + 2))?.[0].length ?? 0) : 0;
    const written = this.text.slice(start + skipped, end);
    return sign === '"' && written.includes('\\') ? unescaped(written) : written;
  }

  #endOfLineString(sign: string, start: number): number {
    const { text } = this;
    for (let at = start; at < text.length; at++) {
      const each = text[at];
      if (each === sign) return at;
      if (each === '\n') break;
      if (each === '\\' && sign === '"') at++;
    }
    throw new TomlMistake(start - 1);
  }

  /** One or two quotes may stand before the three that end it. */
  #endOfLongString(sign: string, start: number): number {
    const { text } = this;
    for (let at = start; at < text.length; at++) {
      const each = text[at];
      if (each === '\\' && sign === '"') at++;
      else if (each === sign && text[at + 1] === sign && text[at + 2] === sign) {
        const more = text[at + 3] === sign ? (text[at + 4] === sign ? 2 : 1) : 0;
        return at + more;
      }
    }
    throw new TomlMistake(start - 3);
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }
}

const date =
  /^(?:\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:\d\d)?)?|\d\d:\d\d(?::\d\d(?:\.\d+)?)?)$/;
const decimal = /^[+-]?(?:0|[1-9](?:_?\d)*)(?:\.\d(?:_?\d)*)?(?:[eE][+-]?\d(?:_?\d)*)?$/;
const based = /^0(?:x[\dA-Fa-f](?:_?[\dA-Fa-f])*|o[0-7](?:_?[0-7])*|b[01](?:_?[01])*)$/;

/** No number and no date takes more characters. */
const longestBare = 1_000;

/** Numbers as those of JavaScript, dates as they are written; undefined for what is no value. */
function bare(written: string): ConfigValue | undefined {
  if (written.length > longestBare) return undefined;
  if (written === 'true') return true;
  if (written === 'false') return false;
  if (decimal.test(written) || based.test(written)) return Number(written.replaceAll('_', ''));
  if (/^[+-]?inf$/.test(written)) return written.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(written)) return Number.NaN;
  return date.test(written) ? written : undefined;
}

const escapes: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\x1b' };

/** A backslash at the end of a line takes the blanks and line breaks that follow. */
function unescaped(written: string): string {
  return written.replace(
    /\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|[ \t]*\r?\n\s*|([\s\S]))/g,
    (_, short?: string, long?: string, byte?: string, other?: string) => {
      const hex = short ?? long ?? byte;
      if (hex === undefined) return other === undefined ? '' : (escapes[other] ?? other);
      const code = parseInt(hex, 16);
      return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
    },
  );
}
