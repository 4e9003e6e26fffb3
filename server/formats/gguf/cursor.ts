import type { GgufViolationCode } from './facts.ts';
import type { ByteSource } from '../source.ts';

/** Where the header breaks: what was read before it counts. */
export class GgufBreak extends Error {
  readonly code: GgufViolationCode;
  readonly offset: number;

  constructor(code: GgufViolationCode, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

const blockSize = 256 * 1024;

/** Reads numbers and strings of either byte order onward, never more than the file has. */
export class GgufCursor {
  offset: number;
  readonly little: boolean;
  /** Version 1 counts with 32 bits. */
  readonly wide: boolean;
  readonly #source: ByteSource;
  #block: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #start = 0;

  constructor(source: ByteSource, offset: number, little: boolean, wide: boolean) {
    this.#source = source;
    this.offset = offset;
    this.little = little;
    this.wide = wide;
  }

  get left(): number {
    return this.#source.size - this.offset;
  }

  u32(): number {
    return this.#take(4).getUint32(this.#at(4), this.little);
  }

  /** A count or a length: 64 bits, or 32 in version 1. Beyond 2^53 it is a large number all the same. */
  count(): number {
    return this.wide ? Number(this.#take(8).getBigUint64(this.#at(8), this.little)) : this.u32();
  }

  /** A string of at most `kept` bytes, cut there; its bytes are stepped over whole. */
  string(what: string, kept: number): { text: string; offset: number; bytes: number } {
    const start = this.offset;
    const bytes = this.count();
    if (bytes > this.left)
      throw new GgufBreak('length', start, `${what} says it is ${bytes} bytes long, and ${this.left} are left`);
    const offset = this.offset;
    let text = '';
    const shown = Math.min(bytes, kept);
    if (shown > 0) {
      const content = shown <= blockSize ? this.#bytes(shown) : this.#source.read(offset, shown);
      text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
    }
    this.offset = offset + bytes;
    return { text, offset, bytes };
  }

  /** A text of so many bytes. */
  bytes(length: number): string {
    if (length > this.left) throw new GgufBreak('truncated', this.offset, 'a name ends behind the end of the file');
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytes(length));
    this.offset += length;
    return text;
  }

  /** A number as a person reads it. */
  number(type: number): string {
    const width = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][type] ?? 0;
    const view = this.#take(width);
    const at = this.#at(width);
    const { little } = this;
    switch (type) {
      case 0:
        return String(view.getUint8(at));
      case 1:
        return String(view.getInt8(at));
      case 2:
        return String(view.getUint16(at, little));
      case 3:
        return String(view.getInt16(at, little));
      case 4:
        return String(view.getUint32(at, little));
      case 5:
        return String(view.getInt32(at, little));
      case 6:
        return String(view.getFloat32(at, little));
      case 7:
        return view.getUint8(at) === 0 ? 'false' : 'true';
      case 10:
        return String(view.getBigUint64(at, little));
      case 11:
        return String(view.getBigInt64(at, little));
      default:
        return String(view.getFloat64(at, little));
    }
  }

  skip(bytes: number): void {
    if (bytes > this.left) throw new GgufBreak('truncated', this.offset, 'the header ends too early');
    this.offset += bytes;
  }

  #bytes(length: number): Uint8Array {
    this.#fill(length);
    return this.#block.subarray(this.offset - this.#start, this.offset - this.#start + length);
  }

  #take(length: number): DataView {
    if (length > this.left) throw new GgufBreak('truncated', this.offset, 'the header ends too early');
    this.#fill(length);
    this.offset += length;
    return this.#view;
  }

  /** Where the last `length` bytes that were taken stand in the block. */
  #at(length: number): number {
    return this.offset - length - this.#start;
  }

  #fill(length: number): void {
    if (this.offset >= this.#start && this.offset + length <= this.#start + this.#block.length) return;
    this.#start = this.offset;
    // A copy: the source's buffer belongs to whoever reads next.
    this.#block = Uint8Array.from(this.#source.read(this.offset, blockSize));
    this.#view = new DataView(this.#block.buffer);
  }
}
