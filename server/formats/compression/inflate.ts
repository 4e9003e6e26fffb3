import type { ByteInput } from './byteInput.ts';
import { StreamStop, type Expansion } from './expansion.ts';

// RFC 1951, section 3.2.5.
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const distanceBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
const codeLengthOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const maxBits = 15;
const fastBits = 10;

/** A canonical Huffman code: a table for codes of up to ten bits, counting (as in zlib's `puff`) for longer ones. */
class HuffmanCode {
  /** symbol << 4 | length, by the next ten bits as they lie in the stream; 0 where the code is longer. */
  readonly fast = new Uint16Array(1 << fastBits);
  readonly counts = new Uint16Array(maxBits + 1);
  readonly symbols: Uint16Array;

  constructor(lengths: Uint8Array, what: string) {
    for (const length of lengths) this.counts[length]!++;
    this.counts[0] = 0;
    let left = 1;
    const offsets = new Uint16Array(maxBits + 2);
    const nextCode = new Uint16Array(maxBits + 2);
    for (let bits = 1, code = 0; bits <= maxBits; bits++) {
      left = left * 2 - this.counts[bits]!;
      if (left < 0) throw new StreamStop('malformed', `the ${what} code of a deflate block is over-subscribed`);
      offsets[bits + 1] = offsets[bits]! + this.counts[bits]!;
      nextCode[bits] = code;
      code = (code + this.counts[bits]!) << 1;
    }
    this.symbols = new Uint16Array(lengths.length);
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      const length = lengths[symbol]!;
      if (length === 0) continue;
      this.symbols[offsets[length]!++] = symbol;
      const code = nextCode[length]!++;
      if (length > fastBits) continue;
      let reversed = 0;
      for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      for (let at = reversed; at < 1 << fastBits; at += 1 << length) this.fast[at] = (symbol << 4) | length;
    }
  }
}

const filled = (length: number, value: (index: number) => number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => value(i));
const fixedLiterals = new HuffmanCode(
  filled(288, (symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
  'literal',
);
const fixedDistances = new HuffmanCode(
  filled(30, () => 5),
  'distance',
);

/** Bits of a deflate stream, least significant first. Takes bytes only as they are needed, so that the end is exact. */
class Bits {
  readonly input: ByteInput;
  held: number;
  count: number;

  constructor(input: ByteInput, held: number, count: number) {
    this.input = input;
    this.held = held;
    this.count = count;
  }

  take(count: number): number {
    while (this.count < count) {
      this.held |= this.input.next() << this.count;
      this.count += 8;
    }
    const value = this.held & ((1 << count) - 1);
    this.held >>>= count;
    this.count -= count;
    return value;
  }

  alignToByte(): void {
    this.held = 0;
    this.count = 0;
  }

  symbol(code: HuffmanCode): number {
    for (;;) {
      const entry = code.fast[this.held & ((1 << fastBits) - 1)]!;
      const length = entry & 15;
      if (length > 0 && length <= this.count) {
        this.held >>>= length;
        this.count -= length;
        return entry >> 4;
      }
      if (length === 0 && this.count >= fastBits) return this.#longSymbol(code);
      this.held |= this.input.next() << this.count;
      this.count += 8;
    }
  }

  #longSymbol(code: HuffmanCode): number {
    let value = 0;
    let first = 0;
    let index = 0;
    for (let bits = 1; bits <= maxBits; bits++) {
      value |= this.take(1);
      const count = code.counts[bits]!;
      if (value - count < first) return code.symbols[index + value - first]!;
      index += count;
      first = (first + count) << 1;
      value <<= 1;
    }
    throw undefinedCode();
  }
}

const undefinedCode = (): StreamStop =>
  new StreamStop('malformed', 'a deflate block uses a code that it does not define');

/** A code longer than the table, at the front of `held`, as the table would have it: symbol << 4 | length. */
function longEntry(code: HuffmanCode, held: number): number {
  let value = 0;
  let first = 0;
  let index = 0;
  for (let bits = 1; bits <= maxBits; bits++) {
    value |= (held >>> (bits - 1)) & 1;
    const count = code.counts[bits]!;
    if (value - count < first) return (code.symbols[index + value - first]! << 4) | bits;
    index += count;
    first = (first + count) << 1;
    value <<= 1;
  }
  throw undefinedCode();
}

function readCodes(bits: Bits): [HuffmanCode, HuffmanCode] {
  const literalCount = bits.take(5) + 257;
  const distanceCount = bits.take(5) + 1;
  const codeLengthCount = bits.take(4) + 4;
  const codeLengths = new Uint8Array(19);
  for (let at = 0; at < codeLengthCount; at++) codeLengths[codeLengthOrder[at]!] = bits.take(3);
  const code = new HuffmanCode(codeLengths, 'length');
  const lengths = new Uint8Array(literalCount + distanceCount);
  let at = 0;
  while (at < lengths.length) {
    const symbol = bits.symbol(code);
    if (symbol < 16) {
      lengths[at++] = symbol;
      continue;
    }
    if (symbol === 16 && at === 0)
      throw new StreamStop('malformed', 'a deflate block repeats a length before the first');
    const value = symbol === 16 ? lengths[at - 1]! : 0;
    const count = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    if (at + count > lengths.length) throw new StreamStop('malformed', 'a deflate block has too many code lengths');
    lengths.fill(value, at, at + count);
    at += count;
  }
  return [
    new HuffmanCode(lengths.subarray(0, literalCount), 'literal'),
    new HuffmanCode(lengths.subarray(literalCount), 'distance'),
  ];
}

type Codes = readonly [literals: HuffmanCode, distances: HuffmanCode];

/** Where a stream goes on: before a block, or before a symbol of one. */
export interface InflateState {
  held: number;
  count: number;
  /** Where the content begins. */
  start: number;
  last: boolean;
  /** Those of the block; null before one. */
  codes: Codes | null;
}

const longestMatch = 258;
/** Bytes of input that the symbols of one match take at most, and what is taken ahead. */
const mostInput = 12;

function inflateBlock(bits: Bits, output: Expansion, start: number, last: boolean, codes: Codes): void {
  const [literals, distances] = codes;
  const { input } = bits;
  for (;;) {
    if (output.length >= output.nextMark) {
      const { held, count } = bits;
      output.mark(input.position, () => ({ held, count, start, last, codes }));
    }
    if (inflateFast(bits, output, start, literals, distances)) return;
    // What is near the end of a block of input or of the room for output, one symbol.
    const symbol = bits.symbol(literals);
    if (symbol < 256) {
      output.push(symbol);
      continue;
    }
    if (symbol === 256) return;
    if (symbol > 285) throw new StreamStop('malformed', 'a deflate block uses an undefined length');
    const length = lengthBase[symbol - 257]! + bits.take(lengthBits[symbol - 257]!);
    const distanceSymbol = bits.symbol(distances);
    if (distanceSymbol > 29) throw new StreamStop('malformed', 'a deflate block uses an undefined distance');
    const distance = distanceBase[distanceSymbol]! + bits.take(distanceBits[distanceSymbol]!);
    if (distance > output.length - start) throw tooFarBack();
    output.repeat(distance, length);
  }
}

const tooFarBack = (): StreamStop =>
  new StreamStop('malformed', 'a deflate block refers to bytes before the beginning');

/**
 * Symbols for as long as both input and room suffice for any of them, with everything in local variables: nearly all
 * of the time of a large file is spent here. Returns true at the end of the block.
 */
function inflateFast(
  bits: Bits,
  output: Expansion,
  start: number,
  literals: HuffmanCode,
  distances: HuffmanCode,
): boolean {
  const { input } = bits;
  const { block } = input;
  const { buffer } = output;
  const lastInput = block.length - mostInput;
  const lastRoom = Math.min(output.limit - longestMatch, output.nextMark - output.base);
  const origin = start - output.base;
  const mask = (1 << fastBits) - 1;
  const fastLiterals = literals.fast;
  const fastDistances = distances.fast;
  let { held, count } = bits;
  let from = input.at;
  let to = output.at;
  let ended = false;
  while (from < lastInput && to < lastRoom) {
    if (count < 16) {
      held |= (block[from]! | (block[from + 1]! << 8)) << count;
      from += 2;
      count += 16;
    }
    let entry = fastLiterals[held & mask]!;
    if (entry === 0) entry = longEntry(literals, held);
    held >>>= entry & 15;
    count -= entry & 15;
    const symbol = entry >> 4;
    if (symbol < 256) {
      buffer[to++] = symbol;
      continue;
    }
    if (symbol === 256) {
      ended = true;
      break;
    }
    if (symbol > 285) throw new StreamStop('malformed', 'a deflate block uses an undefined length');
    if (count < 16) {
      held |= (block[from]! | (block[from + 1]! << 8)) << count;
      from += 2;
      count += 16;
    }
    const extraLength = lengthBits[symbol - 257]!;
    const length = lengthBase[symbol - 257]! + (held & ((1 << extraLength) - 1));
    held >>>= extraLength;
    count -= extraLength;
    if (count < 16) {
      held |= (block[from]! | (block[from + 1]! << 8)) << count;
      from += 2;
      count += 16;
    }
    entry = fastDistances[held & mask]!;
    if (entry === 0) entry = longEntry(distances, held);
    held >>>= entry & 15;
    count -= entry & 15;
    if (entry >> 4 > 29) throw new StreamStop('malformed', 'a deflate block uses an undefined distance');
    if (count < 16) {
      held |= (block[from]! | (block[from + 1]! << 8)) << count;
      from += 2;
      count += 16;
    }
    const extraDistance = distanceBits[entry >> 4]!;
    const distance = distanceBase[entry >> 4]! + (held & ((1 << extraDistance) - 1));
    held >>>= extraDistance;
    count -= extraDistance;
    if (distance > to - origin || distance > to) throw tooFarBack();
    if (distance >= length && length > 24) {
      buffer.copyWithin(to, to - distance, to - distance + length);
      to += length;
    } else {
      for (const end = to + length; to < end; to++) buffer[to] = buffer[to - distance]!;
    }
  }
  // Whole bytes that were taken ahead go back, so that the end of the stream is exact.
  bits.count = count & 7;
  bits.held = held & ((1 << bits.count) - 1);
  input.at = from - (count >> 3);
  output.at = to;
  return ended;
}

/**
 * Expands one deflate stream (RFC 1951), or the rest of one, and leaves `input` at the byte after it.
 *
 * Ours rather than node:zlib's, whose synchronous calls drop everything that came before a corruption or a limit. A
 * loader that reads a broken stream piece by piece acts on the good part, so the good part has to be seen.
 * @throws {StreamStop} where the stream breaks or a limit is reached; `output` holds what came before.
 */
export function inflate(input: ByteInput, output: Expansion, state?: InflateState): void {
  const bits = new Bits(input, state?.held ?? 0, state?.count ?? 0);
  const start = state?.start ?? output.length;
  let last = state?.last ?? false;
  output.window = 32 << 10;
  if (state?.codes) inflateBlock(bits, output, start, last, state.codes);
  while (!last) {
    output.tick();
    if (output.length >= output.nextMark) {
      const { held, count } = bits;
      output.mark(input.position, () => ({ held, count, start, last: false, codes: null }));
    }
    last = bits.take(1) === 1;
    const type = bits.take(2);
    if (type === 0) inflateStored(bits, output);
    else if (type === 1) inflateBlock(bits, output, start, last, [fixedLiterals, fixedDistances]);
    else if (type === 2) inflateBlock(bits, output, start, last, readCodes(bits));
    else throw new StreamStop('malformed', 'a deflate block has an undefined type');
  }
}

function inflateStored(bits: Bits, output: Expansion): void {
  const { input } = bits;
  bits.alignToByte();
  const length = input.next() | (input.next() << 8);
  const complement = input.next() | (input.next() << 8);
  if (length !== (~complement & 0xffff)) {
    throw new StreamStop('malformed', 'a stored deflate block does not repeat its length');
  }
  input.pass(length, (bytes) => output.append(bytes));
}
