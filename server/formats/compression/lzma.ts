import type { ByteInput } from './byteInput.ts';
import { StreamStop, type Expansion } from './expansion.ts';

/*
 * LZMA, after I. Pavlov's "LZMA specification" (DRAFT version, 2015) in the LZMA SDK. Names follow it.
 */

const malformed = (what: string): StreamStop => new StreamStop('malformed', `the LZMA stream ${what}`);
const half = 1024;

/** The range decoder: bits by probability. */
export class RangeDecoder {
  readonly #input: ByteInput;
  #range = 0xffffffff;
  #code = 0;

  constructor(input: ByteInput, state?: { range: number; code: number }) {
    this.#input = input;
    if (state) {
      this.#range = state.range;
      this.#code = state.code;
      return;
    }
    if (input.next() !== 0) throw malformed('does not begin with zero');
    for (let at = 0; at < 4; at++) this.#code = ((this.#code << 8) | input.next()) >>> 0;
  }

  state(): { range: number; code: number } {
    return { range: this.#range, code: this.#code };
  }

  bit(probabilities: Uint16Array, index: number): number {
    const probability = probabilities[index]!;
    const bound = (this.#range >>> 11) * probability;
    let bit = 0;
    if (this.#code < bound) {
      this.#range = bound;
      probabilities[index] = probability + ((2048 - probability) >> 5);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      probabilities[index] = probability - (probability >> 5);
      bit = 1;
    }
    this.#normalize();
    return bit;
  }

  direct(count: number): number {
    let value = 0;
    for (let left = count; left > 0; left--) {
      this.#range >>>= 1;
      const bit = this.#code >= this.#range ? 1 : 0;
      if (bit) this.#code -= this.#range;
      this.#normalize();
      value = value * 2 + bit;
    }
    return value;
  }

  /** `bits` bits, most significant first, each with a probability by what came before. */
  tree(probabilities: Uint16Array, offset: number, bits: number): number {
    return this.bitsAfter(probabilities, offset, 1, 1 << bits) - (1 << bits);
  }

  /**
   * Puts bits behind those of `symbol` until it is `until` or more, each with a probability by those before. The same as
   * `bit` again and again, in local variables: most of the time is spent here.
   */
  bitsAfter(probabilities: Uint16Array, offset: number, symbol: number, until: number): number {
    let range = this.#range;
    let code = this.#code;
    let value = symbol;
    while (value < until) {
      const index = offset + value;
      const probability = probabilities[index]!;
      const bound = (range >>> 11) * probability;
      value <<= 1;
      if (code < bound) {
        range = bound;
        probabilities[index] = probability + ((2048 - probability) >> 5);
      } else {
        range -= bound;
        code -= bound;
        probabilities[index] = probability - (probability >> 5);
        value |= 1;
      }
      if (range < 0x1000000) {
        range = (range << 8) >>> 0;
        code = ((code << 8) | this.#input.next()) >>> 0;
      }
    }
    this.#range = range;
    this.#code = code;
    return value;
  }

  /** The same, least significant first. */
  reverseTree(probabilities: Uint16Array, offset: number, bits: number): number {
    let symbol = 1;
    let value = 0;
    for (let at = 0; at < bits; at++) {
      const bit = this.bit(probabilities, offset + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << at;
    }
    return value;
  }

  #normalize(): void {
    if (this.#range >= 0x1000000) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#input.next()) >>> 0;
  }
}

const probabilities = (count: number): Uint16Array => new Uint16Array(count).fill(half);

class LengthDecoder {
  readonly #choice = probabilities(2);
  readonly #low = probabilities(16 << 3);
  readonly #middle = probabilities(16 << 3);
  readonly #high = probabilities(256);

  take(from: LengthDecoder): void {
    this.#choice.set(from.#choice);
    this.#low.set(from.#low);
    this.#middle.set(from.#middle);
    this.#high.set(from.#high);
  }

  read(range: RangeDecoder, position: number): number {
    if (range.bit(this.#choice, 0) === 0) return range.tree(this.#low, position << 3, 3);
    if (range.bit(this.#choice, 1) === 0) return 8 + range.tree(this.#middle, position << 3, 3);
    return 16 + range.tree(this.#high, 0, 8);
  }
}

/** What carries over from symbol to symbol: probabilities and the last four distances. */
export class LzmaState {
  readonly #literalContext: number;
  readonly #literalPosition: number;
  readonly #positionMask: number;
  readonly #literals: Uint16Array;
  readonly #isMatch = probabilities(12 << 4);
  readonly #isRep = probabilities(12);
  readonly #isRepG0 = probabilities(12);
  readonly #isRepG1 = probabilities(12);
  readonly #isRepG2 = probabilities(12);
  readonly #isRep0Long = probabilities(12 << 4);
  readonly #slots = probabilities(4 << 6);
  readonly #distances = probabilities(115);
  readonly #align = probabilities(16);
  readonly #length = new LengthDecoder();
  readonly #repLength = new LengthDecoder();
  #state = 0;
  #reps: [number, number, number, number] = [0, 0, 0, 0];

  /** `properties` is the byte `(pb * 5 + lp) * 9 + lc`. */
  readonly properties: number;

  constructor(properties: number) {
    if (properties >= 225) throw malformed('has impossible properties');
    this.properties = properties;
    this.#literalContext = properties % 9;
    this.#literalPosition = Math.floor(properties / 9) % 5;
    this.#positionMask = (1 << Math.floor(properties / 45)) - 1;
    this.#literals = probabilities(0x300 << (this.#literalContext + this.#literalPosition));
  }

  copy(): LzmaState {
    const copy = new LzmaState(this.properties);
    copy.#literals.set(this.#literals);
    copy.#isMatch.set(this.#isMatch);
    copy.#isRep.set(this.#isRep);
    copy.#isRepG0.set(this.#isRepG0);
    copy.#isRepG1.set(this.#isRepG1);
    copy.#isRepG2.set(this.#isRepG2);
    copy.#isRep0Long.set(this.#isRep0Long);
    copy.#slots.set(this.#slots);
    copy.#distances.set(this.#distances);
    copy.#align.set(this.#align);
    copy.#length.take(this.#length);
    copy.#repLength.take(this.#repLength);
    copy.#state = this.#state;
    copy.#reps = [...this.#reps];
    return copy;
  }

  /**
   * Decodes until `output` has `limit` bytes, or to the end marker, or a little past `pause`. `start` is where the
   * dictionary begins in `output`. Returns true when the end marker was met.
   */
  decode(range: RangeDecoder, output: Expansion, start: number, limit: number, pause = limit): boolean {
    const until = Math.min(limit, pause);
    while (output.length < until) {
      const position = (output.length - start) & this.#positionMask;
      const state = this.#state;
      if (range.bit(this.#isMatch, (state << 4) + position) === 0) {
        this.#literal(range, output, start);
        continue;
      }
      let length: number;
      if (range.bit(this.#isRep, state) === 0) {
        length = this.#length.read(range, position);
        this.#state = state < 7 ? 7 : 10;
        const distance = this.#distance(range, length);
        if (distance === 0xffffffff) return true;
        this.#reps = [distance, this.#reps[0], this.#reps[1], this.#reps[2]];
      } else if (this.#shortRep(range, state, position)) {
        this.#state = state < 7 ? 9 : 11;
        this.#copy(output, start, 1, limit);
        continue;
      } else {
        length = this.#repLength.read(range, position);
        this.#state = state < 7 ? 8 : 11;
      }
      this.#copy(output, start, length + 2, limit);
    }
    return false;
  }

  #copy(output: Expansion, start: number, length: number, limit: number): void {
    const distance = this.#reps[0] + 1;
    if (distance > output.length - start) throw malformed('refers to bytes before the beginning');
    output.repeat(distance, Math.min(length, limit - output.length));
  }

  #literal(range: RangeDecoder, output: Expansion, start: number): void {
    const at = output.length - start;
    const previous = at === 0 ? 0 : output.back(1);
    const low = at & ((1 << this.#literalPosition) - 1);
    const context = (low << this.#literalContext) + (previous >> (8 - this.#literalContext));
    const offset = 0x300 * context;
    let symbol = 1;
    if (this.#state >= 7) {
      if (this.#reps[0] + 1 > at) throw malformed('refers to bytes before the beginning');
      let matched = output.back(this.#reps[0] + 1);
      while (symbol < 0x100) {
        const matchBit = (matched >> 7) & 1;
        matched <<= 1;
        const bit = range.bit(this.#literals, offset + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (matchBit !== bit) break;
      }
    }
    output.push(range.bitsAfter(this.#literals, offset, symbol, 0x100) & 0xff);
    this.#state = this.#state < 4 ? 0 : this.#state < 10 ? this.#state - 3 : this.#state - 6;
  }

  /** Picks one of the last four distances; true when only one byte is repeated. */
  #shortRep(range: RangeDecoder, state: number, position: number): boolean {
    const [first, second, third, fourth] = this.#reps;
    if (range.bit(this.#isRepG0, state) === 0) return range.bit(this.#isRep0Long, (state << 4) + position) === 0;
    if (range.bit(this.#isRepG1, state) === 0) this.#reps = [second, first, third, fourth];
    else if (range.bit(this.#isRepG2, state) === 0) this.#reps = [third, first, second, fourth];
    else this.#reps = [fourth, first, second, third];
    return false;
  }

  #distance(range: RangeDecoder, length: number): number {
    const slot = range.tree(this.#slots, Math.min(length, 3) << 6, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = (2 | (slot & 1)) * 2 ** bits;
    if (slot < 14) return base + range.reverseTree(this.#distances, base - slot, bits);
    return base + range.direct(bits - 4) * 16 + range.reverseTree(this.#align, 0, 4);
  }
}

/** Where a raw stream goes on. */
export interface RawLzmaState {
  lzma: LzmaState;
  range: { range: number; code: number };
  /** Where the content begins. */
  start: number;
  /** How far back it refers at most, in bytes. */
  window: number;
  /** Bytes of content; null when an end marker tells. */
  size: number | null;
}

/** A `.lzma` file, or the rest of one: properties, dictionary size, size (or all ones), and a raw stream. */
export function decodeLzmaAlone(input: ByteInput, output: Expansion, state?: RawLzmaState): void {
  if (state) return decodeRest(input, output, state);
  const properties = input.take(5);
  const size = new DataView(input.take(8).buffer).getBigUint64(0, true);
  const known = size !== 0xffffffffffffffffn;
  if (known && size > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed('has a size that no file can have');
  decodeRawLzma(input, output, properties, known ? Number(size) : null);
}

/**
 * A raw stream of `size` bytes, or up to its end marker when `size` is null; or the rest of one. `properties` are its five
 * bytes: contexts, and the size of the dictionary.
 */
export function decodeRawLzma(
  input: ByteInput,
  output: Expansion,
  properties: Uint8Array,
  size: number | null,
  state?: RawLzmaState,
): void {
  if (state) return decodeRest(input, output, state);
  if (properties.length < 5) throw malformed('has no properties');
  const window = Math.max(1 << 12, new DataView(properties.buffer, properties.byteOffset).getUint32(1, true));
  const range = new RangeDecoder(input).state();
  decodeRest(input, output, { lzma: new LzmaState(properties[0]!), range, start: output.length, window, size });
}

function decodeRest(input: ByteInput, output: Expansion, state: RawLzmaState): void {
  const { start, window, size } = state;
  const lzma = state.lzma.copy();
  const range = new RangeDecoder(input, state.range);
  output.window = window;
  const limit = size === null ? Infinity : start + size;
  while (output.length < limit && !lzma.decode(range, output, start, limit, output.nextMark)) {
    if (output.length < output.nextMark) return;
    output.mark(input.position, () => ({ lzma: lzma.copy(), range: range.state(), start, window, size }));
  }
}
