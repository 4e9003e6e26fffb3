import type { ByteSource } from '../source.ts';
import type { MsgpackViolation } from './facts.ts';

/** Where the structure breaks: what was read before it counts. */
export class MsgpackBreak extends Error {
  readonly code: MsgpackViolation['code'];
  readonly offset: number;

  constructor(code: MsgpackViolation['code'], offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

export interface Token {
  what: 'number' | 'other' | 'text' | 'bytes' | 'list' | 'map' | 'extension';
  offset: number;
  /** Bytes of the payload, which has not been consumed; of a list its items, of a map its pairs; 0 for the rest. */
  size: number;
  /** The number, or the type of an extension. */
  value: number;
}

const blockSize = 16 * 1024;

/** Reads one value after the other. Source: the MessagePack specification, "Formats". */
export class MsgpackTokens {
  position: number;
  readonly end: number;
  readonly #source: ByteSource;
  #block = new DataView(new ArrayBuffer(0));
  #start = 0;

  constructor(source: ByteSource, position = 0, end = source.size) {
    this.#source = source;
    this.position = position;
    this.end = Math.min(end, source.size);
  }

  get left(): number {
    return this.end - this.position;
  }

  /** @throws {MsgpackBreak} when the value does not fit into what is left. */
  next(): Token {
    const offset = this.position;
    const first = this.#take(1, (view, at) => view.getUint8(at));
    const token = (what: Token['what'], size = 0, value = 0): Token => this.#fitting({ what, offset, size, value });
    if (first < 0x80) return token('number', 0, first);
    if (first < 0x90) return token('map', first & 15);
    if (first < 0xa0) return token('list', first & 15);
    if (first < 0xc0) return token('text', first & 31);
    if (first >= 0xe0) return token('number', 0, first - 256);
    if (first === 0xc0 || first === 0xc2 || first === 0xc3) return token('other');
    if (first === 0xc1)
      throw new MsgpackBreak('reserved', offset, 'a value begins with the byte 0xC1, which none does');
    if (first <= 0xc6) return token('bytes', this.#unsigned(first - 0xc4));
    if (first <= 0xc9) return this.#extension(offset, this.#unsigned(first - 0xc7));
    if (first <= 0xcb) {
      const wide = first === 0xcb;
      return token(
        'number',
        0,
        this.#take(wide ? 8 : 4, (v, at) => (wide ? v.getFloat64(at) : v.getFloat32(at))),
      );
    }
    if (first <= 0xcf) return token('number', 0, this.#unsigned(first - 0xcc));
    if (first <= 0xd3) return token('number', 0, this.#signed(first - 0xd0));
    if (first <= 0xd8) return this.#extension(offset, 1 << (first - 0xd4));
    if (first <= 0xdb) return token('text', this.#unsigned(first - 0xd9));
    return token(first <= 0xdd ? 'list' : 'map', this.#unsigned(1 + (first & 1)));
  }

  /** The text of a payload, cut after `kept` bytes; the payload is consumed whole. */
  text(size: number, kept: number): string {
    const shown = Math.min(size, kept);
    const text = new TextDecoder().decode(this.#source.read(this.position, shown));
    this.skip(size);
    return text;
  }

  skip(size: number): void {
    this.position += size;
  }

  #extension(offset: number, size: number): Token {
    const value = this.#take(1, (view, at) => view.getInt8(at));
    return this.#fitting({ what: 'extension', offset, size, value });
  }

  /** An item takes a byte at least, a pair two. */
  #fitting(token: Token): Token {
    const { what, size, offset } = token;
    if (size === 0) return token;
    if (what === 'list' || what === 'map') {
      if (size * (what === 'map' ? 2 : 1) > this.left)
        throw new MsgpackBreak('count', offset, `a ${what} claims ${size} items, and ${this.left} bytes are left`);
    } else if (size > this.left)
      throw new MsgpackBreak('truncated', offset, `a value claims ${size} bytes, and ${this.left} are left`);
    return token;
  }

  #unsigned(power: number): number {
    return this.#take(1 << power, (view, at) => {
      if (power === 0) return view.getUint8(at);
      if (power === 1) return view.getUint16(at);
      return power === 2 ? view.getUint32(at) : Number(view.getBigUint64(at));
    });
  }

  #signed(power: number): number {
    return this.#take(1 << power, (view, at) => {
      if (power === 0) return view.getInt8(at);
      if (power === 1) return view.getInt16(at);
      return power === 2 ? view.getInt32(at) : Number(view.getBigInt64(at));
    });
  }

  #take(size: number, get: (view: DataView, at: number) => number): number {
    if (size > this.left) throw new MsgpackBreak('truncated', this.position, 'the data ends inside a value');
    const from = this.position - this.#start;
    if (from < 0 || from + size > this.#block.byteLength) {
      this.#start = this.position;
      // A copy: the source's buffer belongs to whoever reads next.
      this.#block = new DataView(Uint8Array.from(this.#source.read(this.#start, blockSize)).buffer);
      if (this.#block.byteLength < size)
        throw new MsgpackBreak('truncated', this.position, 'the data ends inside a value');
    }
    const at = this.position - this.#start;
    this.position += size;
    return get(this.#block, at);
  }
}
