import type { ByteInput } from './byteInput.ts';
import { StreamStop, type Expansion } from './expansion.ts';

/*
 * bzip2, after J. Tsai, "BZIP2: Format Specification" (2016), and the order of bits in bzip2 1.0.8's decompress.c.
 */

const maxCodeLength = 20;
const groupSize = 50;
const malformed = (what: string): StreamStop => new StreamStop('malformed', `a bzip2 block ${what}`);

/** Where a stream goes on with another block. */
export interface Bzip2State {
  level: number;
  held: number;
  count: number;
}

/** Bits, most significant first. */
class Bits {
  readonly #input: ByteInput;
  #held: number;
  #count: number;

  constructor(input: ByteInput, state?: Bzip2State) {
    this.#input = input;
    this.#held = state?.held ?? 0;
    this.#count = state?.count ?? 0;
  }

  state(level: number): Bzip2State {
    return { level, held: this.#held, count: this.#count };
  }

  /** Up to 24 bits. */
  take(count: number): number {
    while (this.#count < count) {
      this.#held = ((this.#held << 8) | this.#input.next()) >>> 0;
      this.#count += 8;
    }
    this.#count -= count;
    const value = (this.#held >>> this.#count) & ((1 << count) - 1);
    this.#held &= (1 << this.#count) - 1;
    return value;
  }

  take32(): number {
    return ((this.take(16) << 16) | this.take(16)) >>> 0;
  }
}

/** A canonical code, decoded by comparing with the largest code of each length. */
class Code {
  readonly #limits = new Int32Array(maxCodeLength + 2).fill(-1);
  readonly #bases = new Int32Array(maxCodeLength + 2);
  readonly #symbols: Uint16Array;
  readonly #shortest: number;
  readonly #longest: number;

  constructor(lengths: Uint8Array) {
    const counts = new Uint16Array(maxCodeLength + 1);
    for (const length of lengths) counts[length]!++;
    this.#symbols = new Uint16Array(lengths.length);
    this.#shortest = Math.min(...lengths);
    this.#longest = Math.max(...lengths);
    let code = 0;
    let index = 0;
    for (let length = this.#shortest; length <= this.#longest; length++) {
      this.#bases[length] = index - code;
      for (let symbol = 0; symbol < lengths.length; symbol++)
        if (lengths[symbol] === length) this.#symbols[index++] = symbol;
      code += counts[length]!;
      this.#limits[length] = code - 1;
      code <<= 1;
    }
  }

  read(bits: Bits): number {
    let length = this.#shortest;
    let code = bits.take(length);
    while (length <= this.#longest) {
      if (code <= this.#limits[length]!) {
        const symbol = this.#symbols[code + this.#bases[length]!];
        if (symbol !== undefined) return symbol;
        break;
      }
      length++;
      code = (code << 1) | bits.take(1);
    }
    throw malformed('uses a code that it does not define');
  }
}

const crcTable = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  crcTable[byte] = value;
}

function readLevel(bits: Bits): number {
  if (bits.take(24) !== 0x425a68) throw new StreamStop('malformed', 'a bzip2 header is missing');
  const level = bits.take(8) - 0x30;
  if (level < 1 || level > 9) throw new StreamStop('malformed', 'a bzip2 header has no block size');
  return level;
}

/** Expands one bzip2 stream, or the rest of it; false when a block's checksum is wrong. */
export function decodeBzip2Stream(input: ByteInput, output: Expansion, state?: Bzip2State): boolean {
  const bits = new Bits(input, state);
  const level = state?.level ?? readLevel(bits);
  output.window = 0;
  let blocks: Uint32Array | null = null;
  let good = true;
  for (;;) {
    if (output.length >= output.nextMark) output.mark(input.position, () => bits.state(level));
    const high = bits.take(24);
    const low = bits.take(24);
    if (high === 0x177245 && low === 0x385090) {
      bits.take32(); // The checksum of the blocks' checksums, which have been compared.
      return good;
    }
    if (high !== 0x314159 || low !== 0x265359) throw new StreamStop('malformed', 'a bzip2 block header is missing');
    blocks ??= new Uint32Array(level * 100_000);
    const expected = bits.take32();
    if (decodeBlock(bits, blocks, output) !== expected) good = false;
  }
}

function readSelectorsAndCodes(bits: Bits, symbols: number): { selectors: Uint8Array; codes: Code[] } {
  const codeCount = bits.take(3);
  const selectorCount = bits.take(15);
  if (codeCount < 2 || codeCount > 6 || selectorCount < 1) throw malformed('has no codes');
  const order = Array.from({ length: codeCount }, (_, index) => index);
  const selectors = new Uint8Array(selectorCount);
  for (let at = 0; at < selectorCount; at++) {
    let index = 0;
    while (bits.take(1) === 1) if (++index >= codeCount) throw malformed('selects a code that it does not have');
    const [chosen] = order.splice(index, 1);
    order.unshift(chosen!);
    selectors[at] = chosen!;
  }
  const codes: Code[] = [];
  for (let at = 0; at < codeCount; at++) {
    const lengths = new Uint8Array(symbols);
    let length = bits.take(5);
    for (let symbol = 0; symbol < symbols; symbol++) {
      for (;;) {
        if (length < 1 || length > maxCodeLength) throw malformed('has a code of an impossible length');
        if (bits.take(1) === 0) break;
        length += bits.take(1) === 0 ? 1 : -1;
      }
      lengths[symbol] = length;
    }
    codes.push(new Code(lengths));
  }
  return { selectors, codes };
}

/** Decodes one block into `output`; returns its checksum. */
function decodeBlock(bits: Bits, block: Uint32Array, output: Expansion): number {
  if (bits.take(1) === 1)
    throw new StreamStop('unsupported', 'a randomised bzip2 block (before version 0.9.5) is not supported');
  const origin = bits.take(24);
  const used = bits.take(16);
  const listed: number[] = [];
  for (let range = 0; range < 16; range++) {
    if (!(used & (0x8000 >> range))) continue;
    const present = bits.take(16);
    for (let low = 0; low < 16; low++) if (present & (0x8000 >> low)) listed.push(range * 16 + low);
  }
  const alphabet = Uint8Array.from(listed);
  if (alphabet.length === 0) throw malformed('has no alphabet');
  const endOfBlock = alphabet.length + 1;
  const { selectors, codes } = readSelectorsAndCodes(bits, alphabet.length + 2);

  const counts = new Uint32Array(256);
  let length = 0;
  let run = 0;
  let runBit = 1;
  const flush = (): void => {
    if (run === 0) return;
    if (length + run > block.length) throw malformed('is longer than its stream allows');
    const byte = alphabet[0]!;
    counts[byte]! += run;
    block.fill(byte, length, length + run);
    length += run;
    run = 0;
    runBit = 1;
  };
  for (let group = 0, left = 0, code = codes[0]!; ; left--) {
    if (left === 0) {
      if (group >= selectors.length) throw malformed('has more symbols than selectors');
      code = codes[selectors[group++]!]!;
      left = groupSize;
    }
    const symbol = code.read(bits);
    if (symbol <= 1) {
      // Runs are written in bijective base 2. Past a block's length the number no longer matters.
      if (runBit > block.length) throw malformed('is longer than its stream allows');
      run += runBit << symbol;
      runBit <<= 1;
      continue;
    }
    flush();
    if (symbol === endOfBlock) break;
    if (length >= block.length) throw malformed('is longer than its stream allows');
    const byte = alphabet[symbol - 1]!;
    alphabet.copyWithin(1, 0, symbol - 1);
    alphabet[0] = byte;
    counts[byte]!++;
    block[length++] = byte;
  }
  if (origin >= length) throw malformed('begins outside itself');

  // The inverse Burrows-Wheeler transform: each word gets the successor of its byte in the upper 24 bits.
  let sum = 0;
  for (let byte = 0; byte < 256; byte++) {
    const count = counts[byte]!;
    counts[byte] = sum;
    sum += count;
  }
  for (let at = 0; at < length; at++) block[counts[block[at]! & 0xff]!++]! |= at << 8;
  return unwind(block, length, origin, output);
}

/** Follows the successors from `origin`, and undoes the run lengths of four equal bytes and a count. */
function unwind(block: Uint32Array, length: number, origin: number, output: Expansion): number {
  let crc = 0xffffffff;
  let next = block[origin]! >>> 8;
  let previous = -1;
  let repeated = 0;
  for (let left = length; left > 0; left--) {
    const word = block[next]!;
    const byte = word & 0xff;
    next = word >>> 8;
    let count = 1;
    if (repeated === 4) {
      count = byte;
      repeated = 0;
    } else {
      repeated = byte === previous ? repeated + 1 : 1;
      previous = byte;
    }
    for (; count > 0; count--) {
      output.push(previous);
      crc = (crc << 8) ^ crcTable[(crc >>> 24) ^ previous]!;
    }
    if (repeated === 0) previous = -1;
  }
  return ~crc >>> 0;
}
