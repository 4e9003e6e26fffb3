import type { ByteSource } from '../source.ts';

const blockSize = 64 * 1024;

/** Nested deeper than this, serde_json (and so the reference reader) gives up. */
const maxDepth = 128;

/** Where and why a header is not JSON. `offset` is that of the source. */
export class JsonBreak extends Error {
  readonly code: 'header-json' | 'header-encoding';
  readonly offset: number;

  constructor(offset: number, message: string, code: 'header-json' | 'header-encoding' = 'header-json') {
    super(message);
    this.offset = offset;
    this.code = code;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const code = (character: string): number => character.charCodeAt(0);
const escaped: Record<string, number> = {
  '"': 0x22,
  '\\': 0x5c,
  '/': 0x2f,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
};

/**
 * Reads JSON (RFC 8259) token by token from a source, so that a header of 100 MB costs a block of memory and every
 * token has its byte offset. As strict as serde_json, which the reference reader uses.
 */
export class JsonCursor {
  readonly #source: ByteSource;
  readonly #end: number;
  #block: Uint8Array = new Uint8Array(0);
  #blockStart: number;
  #at = 0;
  #text = new Uint8Array(256);

  constructor(source: ByteSource, start: number, end: number) {
    this.#source = source;
    this.#blockStart = start;
    this.#end = end;
  }

  /** Offset of the next byte. */
  get offset(): number {
    return this.#blockStart + this.#at;
  }

  /** The next byte that is not white space, without taking it; -1 at the end. */
  peek(): number {
    for (;;) {
      const byte = this.#current();
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return byte;
      this.#at++;
    }
  }

  /** Takes a character after white space, when it is the next. */
  takes(character: string): boolean {
    if (this.peek() !== code(character)) return false;
    this.#at++;
    return true;
  }

  expect(character: string): void {
    if (!this.takes(character)) throw this.#broken(`lacks a ${character}`);
  }

  /** Calls `member` after each key and its colon; `member` must take the value. */
  object(member: (key: string, keyOffset: number) => void): void {
    this.expect('{');
    if (this.takes('}')) return;
    do {
      this.peek();
      const offset = this.offset;
      const key = this.string();
      this.expect(':');
      this.peek();
      member(key, offset);
    } while (this.takes(','));
    this.expect('}');
  }

  /** Calls `item` before each value of an array; `item` must take it. */
  array(item: () => void): void {
    this.expect('[');
    if (this.takes(']')) return;
    do item();
    while (this.takes(','));
    this.expect(']');
  }

  string(): string {
    this.expect('"');
    const start = this.offset;
    let length = 0;
    for (;;) {
      const byte = this.#take();
      if (byte === 0x22) break;
      if (byte < 0x20) throw this.#broken('has a string with a raw control character, or one that does not end');
      if (length + 3 >= this.#text.length) this.#widen();
      if (byte === 0x5c) length = this.#escape(length);
      else this.#text[length++] = byte;
    }
    try {
      return utf8.decode(this.#text.subarray(0, length));
    } catch {
      throw new JsonBreak(start, 'has a string that is not UTF-8', 'header-encoding');
    }
  }

  /** A number as it is written. */
  number(): string {
    this.peek();
    const start = this.offset;
    let text = '';
    for (let byte = this.#current(); (byte >= 0x30 && byte <= 0x39) || '+-.eE'.includes(String.fromCharCode(byte));) {
      if (byte < 0 || text.length > 400) break;
      text += String.fromCharCode(byte);
      this.#at++;
      byte = this.#current();
    }
    if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(text))
      throw new JsonBreak(start, 'has a value that is not JSON');
    return text;
  }

  /** Takes any value without keeping it. */
  skip(depth = 0): void {
    if (depth > maxDepth) throw this.#broken('is nested too deeply');
    const first = this.peek();
    if (first === code('{')) this.object(() => this.skip(depth + 1));
    else if (first === code('[')) this.array(() => this.skip(depth + 1));
    else if (first === code('"')) this.string();
    else if (first === code('t')) this.#word('true');
    else if (first === code('f')) this.#word('false');
    else if (first === code('n')) this.#word('null');
    else this.number();
  }

  #word(word: string): void {
    const start = this.offset;
    for (const character of word) {
      if (this.#take() !== code(character)) throw new JsonBreak(start, 'has a value that is not JSON');
    }
  }

  /** Writes what an escape means to the text, as UTF-8; gives the new length. */
  #escape(length: number): number {
    const character = String.fromCharCode(this.#take());
    if (character !== 'u') {
      const byte = escaped[character];
      if (byte === undefined) throw this.#broken('has an undefined escape');
      this.#text[length] = byte;
      return length + 1;
    }
    let point = this.#hex();
    if (point >= 0xd800 && point < 0xe000) {
      const paired = point < 0xdc00 && this.#take() === 0x5c && this.#take() === code('u');
      const low = paired ? this.#hex() : 0;
      if (low < 0xdc00 || low > 0xdfff) throw this.#broken('has half of a surrogate pair');
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    const encoded = Buffer.from(String.fromCodePoint(point));
    this.#text.set(encoded, length);
    return length + encoded.length;
  }

  #hex(): number {
    let text = '';
    for (let digit = 0; digit < 4; digit++) text += String.fromCharCode(this.#take());
    if (!/^[\da-fA-F]{4}$/.test(text)) throw this.#broken('has an undefined escape');
    return parseInt(text, 16);
  }

  #take(): number {
    const byte = this.#current();
    if (byte < 0) throw this.#broken('ends too early');
    this.#at++;
    return byte;
  }

  #current(): number {
    if (this.#at < this.#block.length) return this.#block[this.#at]!;
    this.#blockStart += this.#at;
    this.#at = 0;
    const length = Math.min(blockSize, this.#end - this.#blockStart);
    // A copy: the source's buffer belongs to whoever reads next.
    this.#block = length > 0 ? Uint8Array.from(this.#source.read(this.#blockStart, length)) : new Uint8Array(0);
    return this.#block.length > 0 ? this.#block[0]! : -1;
  }

  #widen(): void {
    const wider = new Uint8Array(this.#text.length * 2);
    wider.set(this.#text);
    this.#text = wider;
  }

  #broken(message: string): JsonBreak {
    return new JsonBreak(this.offset, message);
  }
}
