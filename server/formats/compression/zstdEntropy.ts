import { StreamStop } from './expansion.ts';

/*
 * The entropy coders of Zstandard: FSE (finite state entropy) and Huffman. Source: RFC 8878, section 4.
 */

const malformed = (what: string): StreamStop => new StreamStop('malformed', `the Zstandard stream ${what}`);

const highestBit = (value: number): number => 31 - Math.clz32(value);

/** Reads bits onward from the least significant of the first byte. */
class ForwardBits {
  readonly #bytes: Uint8Array;
  bit: number;

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.bit = from * 8;
  }

  read(count: number): number {
    let value = 0;
    for (let at = 0; at < count; at++, this.bit++) {
      const byte = this.#bytes[this.bit >> 3];
      if (byte === undefined) throw malformed('ends inside a table');
      value |= ((byte >> (this.bit & 7)) & 1) << at;
    }
    return value;
  }
}

/** Reads bits backward from the mark in the last byte; before the first byte stand zeros. */
export class BackwardBits {
  readonly #bytes: Uint8Array;
  /** Bits that are left; negative once more were read than there are. */
  left: number;

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0;
    if (last === 0) throw malformed('has bits without an end mark');
    this.#bytes = bytes;
    this.left = bytes.length * 8 - 8 + highestBit(last);
  }

  read(count: number): number {
    this.left -= count;
    return this.#at(this.left, count);
  }

  /** What `read` would give, without reading. */
  peek(count: number): number {
    return this.#at(this.left - count, count);
  }

  #at(from: number, count: number): number {
    if (from >= 0 && count <= 24) {
      const bytes = this.#bytes;
      const at = from >> 3;
      const four = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      return (four >>> (from & 7)) & ((1 << count) - 1);
    }
    let value = 0;
    let shift = 0;
    let bit = from;
    if (bit < 0) {
      shift = Math.min(count, -bit);
      bit = 0;
    }
    while (shift < count) {
      const inside = bit & 7;
      const taken = Math.min(8 - inside, count - shift);
      value += (((this.#bytes[bit >> 3] ?? 0) >> inside) & ((1 << taken) - 1)) * 2 ** shift;
      shift += taken;
      bit += taken;
    }
    return value;
  }
}

/** A decoding table: what each state stands for, and how to come to the next. */
export interface FseTable {
  accuracy: number;
  symbols: Uint8Array;
  bits: Uint8Array;
  bases: Uint16Array;
}

/** A table whose only symbol takes no bits. */
export const singleSymbol = (symbol: number): FseTable => ({
  accuracy: 0,
  symbols: Uint8Array.of(symbol),
  bits: Uint8Array.of(0),
  bases: Uint16Array.of(0),
});

/** The table of a distribution; -1 stands for "less than one". RFC 8878, 4.1.1. */
export function fseTable(probabilities: readonly number[], accuracy: number): FseTable {
  const size = 1 << accuracy;
  const symbols = new Uint8Array(size);
  const next = new Uint16Array(probabilities.length);
  let high = size;
  probabilities.forEach((probability, symbol) => {
    if (probability !== -1) return;
    symbols[--high] = symbol;
    next[symbol] = 1;
  });
  const step = (size >> 1) + (size >> 3) + 3;
  let at = 0;
  probabilities.forEach((probability, symbol) => {
    if (probability <= 0) return;
    next[symbol] = probability;
    for (let left = probability; left > 0; left--) {
      symbols[at] = symbol;
      do at = (at + step) & (size - 1);
      while (at >= high);
    }
  });
  const bits = new Uint8Array(size);
  const bases = new Uint16Array(size);
  for (let state = 0; state < size; state++) {
    const symbol = symbols[state] as number;
    const count = next[symbol] as number;
    next[symbol] = count + 1;
    bits[state] = accuracy - highestBit(count);
    bases[state] = (count << (bits[state] as number)) - size;
  }
  return { accuracy, symbols, bits, bases };
}

/** Reads a distribution; gives its table and where it ends. RFC 8878, 4.1.1 "FSE Table Description". */
export function readFseTable(
  bytes: Uint8Array,
  from: number,
  mostAccuracy: number,
  mostSymbols: number,
): { table: FseTable; end: number } {
  const input = new ForwardBits(bytes, from);
  const accuracy = input.read(4) + 5;
  if (accuracy > mostAccuracy) throw malformed('has a table that is too fine');
  const probabilities: number[] = [];
  let remaining = 1 << accuracy;
  while (remaining > 0) {
    if (probabilities.length >= mostSymbols) throw malformed('has a table of too many symbols');
    const count = highestBit(remaining + 1) + 1;
    const lower = (1 << (count - 1)) - 1;
    const threshold = (1 << count) - 2 - remaining;
    let value = input.read(count);
    if ((value & lower) < threshold) {
      input.bit--;
      value &= lower;
    } else if (value > lower) value -= threshold;
    const probability = value - 1;
    remaining -= Math.abs(probability);
    probabilities.push(probability);
    if (probability !== 0) continue;
    for (let repeat = 3; repeat === 3;) {
      repeat = input.read(2);
      for (let left = repeat; left > 0; left--) probabilities.push(0);
    }
  }
  if (remaining < 0 || probabilities.length > mostSymbols) throw malformed('has a table that does not add up');
  return { table: fseTable(probabilities, accuracy), end: Math.ceil(input.bit / 8) };
}

/** One state of a decoder. */
export class FseState {
  readonly #table: FseTable;
  #state: number;

  constructor(table: FseTable, input: BackwardBits) {
    this.#table = table;
    this.#state = input.read(table.accuracy);
  }

  get symbol(): number {
    return this.#table.symbols[this.#state] as number;
  }

  next(input: BackwardBits): void {
    const { bases, bits } = this.#table;
    this.#state = (bases[this.#state] as number) + input.read(bits[this.#state] as number);
  }
}

export interface HuffmanTable {
  bits: number;
  symbols: Uint8Array;
  lengths: Uint8Array;
}

/** Reads a Huffman tree; gives its table and where it ends. RFC 8878, 4.2.1. */
export function readHuffmanTable(bytes: Uint8Array, from: number): { table: HuffmanTable; end: number } {
  const header = bytes[from] ?? 0;
  let weights: number[];
  let end: number;
  if (header >= 128) {
    const count = header - 127;
    end = from + 1 + Math.ceil(count / 2);
    weights = Array.from({ length: count }, (_, index) => {
      const byte = bytes[from + 1 + (index >> 1)] ?? 0;
      return index % 2 === 0 ? byte >> 4 : byte & 15;
    });
  } else {
    end = from + 1 + header;
    weights = packedWeights(bytes.subarray(0, end), from + 1);
  }
  if (end > bytes.length) throw malformed('ends inside a Huffman tree');
  const sum = weights.reduce((total, weight) => total + (weight > 0 ? 2 ** (weight - 1) : 0), 0);
  if (sum === 0) throw malformed('has an empty Huffman tree');
  const most = highestBit(sum) + 1;
  const rest = 2 ** most - sum;
  if (most > 11 || (rest & (rest - 1)) !== 0 || weights.length > 255) throw malformed('has an impossible Huffman tree');
  weights.push(highestBit(rest) + 1);
  const table: HuffmanTable = { bits: most, symbols: new Uint8Array(1 << most), lengths: new Uint8Array(1 << most) };
  let at = 0;
  for (let weight = 1; weight <= most; weight++) {
    weights.forEach((own, symbol) => {
      if (own !== weight) return;
      table.symbols.fill(symbol, at, at + 2 ** (weight - 1));
      table.lengths.fill(most + 1 - weight, at, at + 2 ** (weight - 1));
      at += 2 ** (weight - 1);
    });
  }
  return { table, end };
}

/** Weights packed by two interleaved states, up to the end of their bits. */
function packedWeights(bytes: Uint8Array, from: number): number[] {
  const { table, end } = readFseTable(bytes, from, 6, 256);
  const input = new BackwardBits(bytes.subarray(end));
  const states = [new FseState(table, input), new FseState(table, input)] as const;
  const weights: number[] = [];
  for (let turn = 0; weights.length < 255; turn ^= 1) {
    const state = states[turn as 0 | 1];
    weights.push(state.symbol);
    state.next(input);
    if (input.left < 0) {
      weights.push(states[(turn ^ 1) as 0 | 1].symbol);
      return weights;
    }
  }
  throw malformed('has a Huffman tree of too many symbols');
}

/** Expands one stream of literals to `into`. */
export function huffmanStream(table: HuffmanTable, bytes: Uint8Array, into: Uint8Array): void {
  const input = new BackwardBits(bytes);
  const { bits, symbols, lengths } = table;
  const mask = (1 << bits) - 1;
  let { left } = input;
  for (let at = 0; at < into.length; at++) {
    const from = left - bits;
    let index: number;
    if (from >= 0) {
      const byte = from >> 3;
      index = ((bytes[byte]! | (bytes[byte + 1]! << 8) | (bytes[byte + 2]! << 16)) >>> (from & 7)) & mask;
    } else {
      input.left = left;
      index = input.peek(bits);
    }
    into[at] = symbols[index]!;
    left -= lengths[index]!;
    if (left < 0) throw malformed('ends inside its literals');
  }
}
