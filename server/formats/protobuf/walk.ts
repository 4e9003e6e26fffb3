import type { ReadContext } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import { MessageCursor } from './cursor.ts';

/** Bytes that are fetched at once: fields are short, and what is long is skipped. */
const windowBytes = 8 * 1024;

const part = 2 ** 28;

/**
 * Reads protobuf messages by position: nothing is parsed before it is asked for, and payloads that are not asked for
 * are not read. A step is one field; steps come out of the budget's opcodes.
 * It accepts all that any parser accepts: overlong numbers, groups, fields in any order and any number.
 * Source: Protocol Buffers, "Encoding".
 */
export class ProtobufWalk {
  readonly source: ByteSource;
  readonly #context: Pick<ReadContext, 'budget' | 'problem'>;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  #steps = 0;
  #broken = 0;
  /** True once a limit ended the walk: every cursor then ends. */
  #stopped = false;
  /** Where the last number ended. */
  end = 0;
  /** That number, when it is an int64. */
  signed = 0;

  constructor(source: ByteSource, context: Pick<ReadContext, 'budget' | 'problem'>) {
    this.source = source;
    this.#context = context;
  }

  /** The message in a range of bytes; the whole source by default. */
  message(start = 0, end = this.source.size, depth = 0): MessageCursor {
    return new MessageCursor(this, start, end, depth);
  }

  /** How many breaches of the encoding were met. */
  get broken(): number {
    return this.#broken;
  }

  /** Takes one step; false when the budget ends, which is told once. */
  step(offset: number): boolean {
    if (this.#stopped) return false;
    const { budget } = this.#context;
    this.#steps++;
    if (budget.opcodes <= 0) return this.#stop('limit-opcodes', offset, 'it has more fields than the limit on opcodes');
    budget.opcodes--;
    if ((this.#steps & 0xfff) === 0 && budget.timeIsUp)
      return this.#stop('limit-time', offset, 'reading it took longer than the limit allows');
    return true;
  }

  /** Records bytes that are not protobuf. The first ones name the cause. */
  malformed(offset: number, message: string): void {
    if (this.#broken++ > 0) return;
    this.#context.problem({ code: 'malformed', offset, message, incomplete: true });
  }

  tooDeep(offset: number, message: string): void {
    if (this.#broken++ > 0) return;
    this.#context.problem({ code: 'limit-depth', offset, message, incomplete: true });
  }

  /** The byte at an offset; -1 behind the end. */
  byte(offset: number): number {
    const at = offset - this.#windowStart;
    if (at >= 0 && at < this.#window.length) return this.#window[at]!;
    // A copy: the source's buffer belongs to whoever reads next.
    this.#window = Uint8Array.from(this.source.read(offset, windowBytes));
    this.#windowStart = offset;
    return this.#window[0] ?? -1;
  }

  /**
   * The number at `offset`, exact up to 2^53; -1 when there is none before `limit`. Then `end` tells where it ends, and `signed`
   * what it is as an int64.
   */
  varint(offset: number, limit: number): number {
    // Three parts of 28, 28 and 8 bits: 32-bit arithmetic is exact, and fast.
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let index = 0; index < 10 && offset + index < limit; index++) {
      const byte = this.byte(offset + index);
      if (byte < 0) return -1;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index < 8) middle |= bits << (7 * (index - 4));
      else high |= bits << (7 * (index - 8));
      if (byte < 0x80) {
        high &= 0xff;
        this.end = offset + index + 1;
        const value = (high * part + middle) * part + low;
        this.signed = high < 128 ? value : ((high - 256) * part + middle) * part + low;
        return value;
      }
    }
    return -1;
  }

  #stop(code: 'limit-opcodes' | 'limit-time', offset: number, message: string): false {
    this.#stopped = true;
    this.#context.problem({ code, offset, message, incomplete: true });
    return false;
  }
}
