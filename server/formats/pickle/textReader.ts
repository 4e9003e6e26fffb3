import type { ByteSource } from '../source.ts';
import { longestText, type ByteWindow } from './byteWindow.ts';
import { isDottedName } from './names.ts';
import {
  Bytes,
  Global,
  Instance,
  isText,
  MadeBytes,
  MadeText,
  Mapping,
  Method,
  Module,
  Sequence,
  textBase,
} from './values.ts';
import type { Value } from './values.ts';

interface Line {
  start: number;
  length: number;
}

const rendered = { depth: 3, items: 6, text: 80, total: 240, short: 60 };
const latin1 = new TextDecoder('latin1');

/** Reads strings, lines and numbers of a stream when they are asked for, and puts values into words. */
export class TextReader {
  readonly #source: ByteSource;
  readonly #window: ByteWindow;
  /** The last names read: the same few strings are asked for again and again. */
  readonly #recent = new Map<number, string | null>();

  constructor(source: ByteSource, window: ByteWindow) {
    this.#source = source;
    this.#window = window;
  }

  /** The string that a text value stands for; null when it is too long to be a name. */
  of(value: number): string | null {
    const known = this.#recent.get(value);
    if (known !== undefined) return known;
    const text = this.#readTextOpcode(value - textBase);
    if (this.#recent.size >= 256) this.#recent.clear();
    this.#recent.set(value, text);
    return text;
  }

  /** A string of the stream, or one that was worked out; null for anything else, and for what is too long to be a name. */
  known(value: Value): string | null {
    if (isText(value)) return this.of(value);
    return value instanceof MadeText && value.text.length <= longestText ? value.text : null;
  }

  /**
   * A string of the stream whole; null when it takes more than `most` bytes, or is not the same to every reader: half a
   * surrogate pair, or bytes beyond ASCII in an opcode that says nothing of their encoding.
   */
  whole(value: number, most: number): string | null {
    const opcode = this.#window.peek(value - textBase, 1)[0];
    const text = this.#readTextOpcode(value - textBase, most);
    const isUtf8 = opcode === 0x8c || opcode === 0x58 || opcode === 0x8d;
    return text === null || (isUtf8 ? text.includes('\ufffd') : !/^[\0-\x7f]*$/.test(text)) ? null : text;
  }

  /** Bytes of the stream or of a call; null when there are more than `most`. */
  bytesOf(value: Bytes, most: number): Uint8Array | null {
    if (value instanceof MadeBytes) return value.content;
    if (value.length > most) return null;
    const bytes = this.#source.read(value.offset, value.length);
    return value.asText === null ? bytes.slice() : decodeText(bytes, value.asText);
  }

  /** Where the bytes of a text stand that `_codecs.encode(text, 'latin1')` turns into bytes; null for a Python 2 string. */
  latin1Bytes(value: number): Bytes | null {
    const at = value - textBase;
    const head = this.#window.peek(at, 9);
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    switch (head[0]) {
      case 0x8c:
        return new Bytes(at + 2, head[1] ?? 0, 'utf8');
      case 0x58:
        return new Bytes(at + 5, view.getUint32(1, true), 'utf8');
      case 0x8d:
        return new Bytes(at + 9, Number(view.getBigUint64(1, true)), 'utf8');
      case 0x56: {
        const line = this.#window.lineAt(at + 1);
        return line === null ? null : new Bytes(line.start, line.length, 'line');
      }
      default:
        return null;
    }
  }

  #readTextOpcode(at: number, most = longestText): string | null {
    const head = this.#window.peek(at, 9);
    const opcode = head[0];
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    switch (opcode) {
      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING
        return this.#window.text(at + 2, head[1] ?? 0);
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        return this.#window.text(at + 5, view.getUint32(1, true), most);
      case 0x8d: // BINUNICODE8
        return this.#window.text(at + 9, Number(view.getBigUint64(1, true)), most);
      default: {
        // STRING or UNICODE: a line
        const line = this.#window.lineAt(at + 1);
        const text = line === null ? null : this.#lineText(line, most);
        if (text === null) return null;
        return opcode === 0x53 ? unquote(text) : unescapeUnicode(text);
      }
    }
  }

  #lineText(line: Line, most = longestText): string | null {
    return this.#window.text(line.start, line.length, most);
  }

  /** A line of GLOBAL or INST; null when it is too long. */
  name(line: Line): string | null {
    return this.#lineText(line);
  }

  /** A line for a message: printable, cut short. */
  plainLine(line: Line): string {
    return quote(this.#lineText({ start: line.start, length: Math.min(line.length, rendered.text) }) ?? '');
  }

  /**
   * The number of an INT or LONG line, in all spellings that some CPython takes: up to 3.13 the C unpickler
   * uses `strtol(..., 0)`, so `0x10`, `+1` and leading spaces are numbers. `00` and `01` of INT are booleans.
   * Undefined when it is no number; large numbers come as a value that is just data.
   */
  integerLine(line: Line, isLong: boolean): number | boolean | undefined {
    if (line.length > longestText) return undefined;
    const plain = this.#plainNumber(line);
    if (plain !== null) return plain;
    let text = (this.#lineText(line) ?? '').trim();
    if (!isLong && text === '00') return false;
    if (!isLong && text === '01') return true;
    if (isLong && /l$/i.test(text)) text = text.slice(0, -1);
    const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|\d[\d_]*)$/.exec(text);
    if (match === null) return undefined;
    const digits = (match[2] as string).replaceAll('_', '');
    const value = /^0[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number(digits);
    const signed = match[1] === '-' ? -value : value;
    return Math.abs(signed) < textBase ? signed : -textBase;
  }

  /** The number of a line that is nothing but a few digits, as nearly all are; null for any other. */
  #plainNumber({ start, length }: Line): number | null {
    if (length === 0 || length > 12) return null;
    const bytes = this.#window.peek(start, length);
    if (bytes.length < length || (bytes[0] === 0x30 && length > 1)) return null;
    let value = 0;
    for (const byte of bytes) {
      if (byte < 0x30 || byte > 0x39) return null;
      value = value * 10 + byte - 0x30;
    }
    return value;
  }

  /**
   * The number of a GET or PUT line, which both unpicklers read as `int(line)` does: in base 10, with leading zeros and
   * single underscores. Source: Modules/_pickle.c, load_get and load_put.
   */
  indexOf(line: Line): number | undefined {
    if (line.length > longestText) return undefined;
    const plain = this.#plainNumber(line);
    if (plain !== null) return plain;
    const match = /^[+-]?\d+(?:_\d+)*$/.exec((this.#lineText(line) ?? '').trim());
    const value = match === null ? NaN : Number(match[0].replaceAll('_', ''));
    return Number.isSafeInteger(value) ? value : undefined;
  }

  /** A LONG1 or LONG4 of at most 6 bytes. */
  signedLittleEndian(start: number, length: number): Value {
    const bytes = this.#window.peek(start, length);
    let value = 0;
    for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[index] as number);
    if (length > 0 && (bytes[length - 1] as number) >= 0x80) value -= 2 ** (8 * length);
    return Math.abs(value) < textBase ? value : undefined;
  }

  /** `('echo hi', 1)`: the arguments of a call as a person would write them, data cut short, control characters escaped. */
  renderArguments(args: Value, rest: string): string {
    if (args instanceof Sequence && args.type === 'tuple') {
      const more = args.length > rendered.items ? ', …' : '';
      const shown = args.items.slice(0, rendered.items).map((item) => this.render(item));
      return cut(`(${shown.join(', ')}${more}${rest})`, rendered.total);
    }
    return cut(`(*${this.render(args)}${rest})`, rendered.total);
  }

  /** A value in a few words. */
  short(value: Value): string {
    return cut(this.render(value, rendered.depth - 1), rendered.short);
  }

  render(value: Value, depth = 0): string {
    if (isText(value)) return quote(this.of(value) ?? '…');
    if (typeof value === 'number') return value <= -textBase ? '…' : String(value);
    if (value === null) return 'None';
    if (value === true) return 'True';
    if (value === false) return 'False';
    if (value === undefined) return '…';
    if (value instanceof Bytes) return `<${value.length} bytes>`;
    if (value instanceof Global) return value.dotted;
    if (value instanceof MadeText) return quote(value.text);
    if (value instanceof Module) return `<module ${cut(value.name, rendered.text)}>`;
    if (depth >= rendered.depth) return '…';
    if (value instanceof Method) return `${this.render(value.object, depth + 1)}.${cut(value.name, rendered.text)}`;
    if (value instanceof Instance) {
      const args = value.args instanceof Sequence ? value.args.items.slice(0, rendered.items) : [];
      return cut(
        `${this.render(value.callee, depth + 1)}(${args.map((item) => this.render(item, depth + 1)).join(', ')})`,
        rendered.total,
      );
    }
    if (value instanceof Mapping) {
      const pairs = value.pairs
        .slice(0, rendered.items)
        .map(([key, item]) => `${this.render(key, depth + 1)}: ${this.render(item, depth + 1)}`);
      return `{${pairs.join(', ')}${value.length > pairs.length ? ', …' : ''}}`;
    }
    const items = value.items.slice(0, rendered.items).map((item) => this.render(item, depth + 1));
    const inner = `${items.join(', ')}${value.length > items.length ? ', …' : ''}`;
    if (value.type === 'tuple') return items.length === 1 ? `(${inner},)` : `(${inner})`;
    return value.type === 'list' ? `[${inner}]` : `{${inner}}`;
  }

  /** True when a text value is a name that Python could look up. */
  isName(value: Value): boolean {
    return isText(value) && isDottedName(this.of(value) ?? '');
  }
}

/** Python's `escape_decode` on a quoted STRING line; the line itself when the quotes are wrong. */
function unquote(line: string): string {
  const text = line.trimEnd();
  const mark = text[0];
  if (text.length < 2 || (mark !== "'" && mark !== '"') || !text.endsWith(mark)) return text;
  return text.slice(1, -1).replace(/\\(x[0-9a-fA-F]{2}|[0-7]{1,3}|[abfnrtv\\'"])/g, (_whole, code: string) => {
    if (code[0] === 'x') return String.fromCharCode(parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8) & 0xff);
    return { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }[code] ?? code;
  });
}

/** Python's `raw_unicode_escape`: only `\uXXXX` and `\UXXXXXXXX` mean something, unless the backslash follows another. */
function unescapeUnicode(line: string): string {
  return line.replace(/\\(\\|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})/g, (whole, code: string) => {
    if (code === '\\') return whole;
    const point = parseInt(code.slice(1), 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}

/** The bytes that a text stands for, one for each character. */
export function decodeText(text: Uint8Array, form: 'utf8' | 'line'): Uint8Array {
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const characters = form === 'utf8' ? buffer.toString('utf8') : unescapeUnicode(buffer.toString('latin1'));
  return new Uint8Array(Buffer.from(characters, 'latin1'));
}

/** A Python string literal that is safe to show: control and bidirectional characters are escaped. */
export function quote(text: string): string {
  const safe = cut(text, rendered.text).replace(
    /[\\'\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (c) => {
      if (c === '\\' || c === "'") return `\\${c}`;
      if (c === '\n') return '\\n';
      if (c === '\t') return '\\t';
      const code = c.charCodeAt(0);
      return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
    },
  );
  return `'${safe}'`;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/** Latin-1 text of raw bytes, for disassembly. */
export function latin1Text(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}
