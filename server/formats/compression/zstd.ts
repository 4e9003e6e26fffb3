import type { ByteInput } from './byteInput.ts';
import { StreamStop, type Expansion } from './expansion.ts';
import {
  BackwardBits,
  FseState,
  fseTable,
  huffmanStream,
  readFseTable,
  readHuffmanTable,
  singleSymbol,
  type FseTable,
  type HuffmanTable,
} from './zstdEntropy.ts';

/*
 * Zstandard. Source: RFC 8878, section 3.
 */

const malformed = (what: string): StreamStop => new StreamStop('malformed', `the Zstandard stream ${what}`);

/** Bytes of a block, packed or not. */
const largestBlock = 128 << 10;

const base = (counted: number, first: number, extra: readonly number[]): { bases: number[]; bits: number[] } => {
  const bits = [...Array.from({ length: counted }, () => 0), ...extra];
  const bases: number[] = [];
  let next = first;
  for (const each of bits) {
    bases.push(next);
    next += 2 ** each;
  }
  return { bases, bits };
};

/** Tables 16 and 17 of the RFC: lengths begin at 0 and 3. */
const literalLengths = base(16, 0, [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const matchLengths = base(32, 3, [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);

const repeat = (value: number, times: number): number[] => Array.from({ length: times }, () => value);

/** 3.1.1.3.2.2 "Default Distributions". */
const defaults = {
  literals: fseTable([4, 3, ...repeat(2, 11), 1, 1, 1, ...repeat(2, 9), 3, 2, ...repeat(1, 5), ...repeat(-1, 4)], 6),
  offsets: fseTable([...repeat(1, 6), 2, 2, 2, ...repeat(1, 15), ...repeat(-1, 5)], 5),
  matches: fseTable([1, 4, 3, ...repeat(2, 6), ...repeat(1, 37), ...repeat(-1, 7)], 6),
};

/** What carries over from block to block. */
interface FrameState {
  huffman: HuffmanTable | null;
  literals: FseTable | null;
  offsets: FseTable | null;
  matches: FseTable | null;
  repeats: [number, number, number];
}

/** Where a frame goes on with another block. */
export interface ZstdState {
  descriptor: number;
  window: number;
  /** Where the frame's content begins. */
  start: number;
  blocks: FrameState;
}

/** Expands one frame, or the rest of it, or steps over a skippable one; its checksum (xxHash) is stepped over. */
export function decodeZstdFrame(input: ByteInput, output: Expansion, state?: ZstdState): boolean {
  const frame = state ?? readFrameHeader(input, output.length);
  if (frame === null) return true;
  const { descriptor, window, start } = frame;
  const blocks: FrameState = { ...frame.blocks, repeats: [...frame.blocks.repeats] };
  output.window = window;
  for (let last = false; !last;) {
    if (output.length >= output.nextMark) {
      const copy = { descriptor, window, start, blocks: { ...blocks, repeats: [...blocks.repeats] } };
      output.mark(input.position, () => copy);
    }
    output.tick();
    const header = input.next() | (input.next() << 8) | (input.next() << 16);
    last = (header & 1) !== 0;
    const size = header >> 3;
    const type = (header >> 1) & 3;
    if (size > largestBlock || type === 3) throw malformed('has a block that cannot be');
    if (type === 0) output.append(input.take(size));
    else if (type === 1) output.append(new Uint8Array(size).fill(input.next()));
    else decodeBlock(input.take(size), output, start, blocks);
  }
  if (descriptor & 4) input.take(4);
  return true;
}

/** Null for a frame without content. */
function readFrameHeader(input: ByteInput, start: number): ZstdState | null {
  const magic = new DataView(input.take(4).buffer).getUint32(0, true);
  if (magic >>> 4 === 0x184d2a5) {
    const length = new DataView(input.take(4).buffer).getUint32(0, true);
    input.seek(input.position + length);
    return null;
  }
  if (magic !== 0xfd2fb528) throw malformed('has no frame header');
  const descriptor = input.next();
  const single = (descriptor & 0x20) !== 0;
  const windowByte = single ? 0 : input.next();
  const dictionary = input.take([0, 1, 2, 4][descriptor & 3] as number);
  if (dictionary.some((byte) => byte !== 0))
    throw new StreamStop('unsupported', 'a Zstandard stream needs a dictionary that is not in the file');
  const sizes = input.take([single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number);
  const contentSize = sizes.reduceRight((value, byte) => value * 256 + byte, 0) + (sizes.length === 2 ? 256 : 0);
  // 3.1.1.1.2 "Window Descriptor": an exponent, and eighths of that.
  const window = single ? contentSize : 2 ** (10 + (windowByte >> 3)) * (1 + (windowByte & 7) / 8);
  const blocks: FrameState = { huffman: null, literals: null, offsets: null, matches: null, repeats: [1, 4, 8] };
  return { descriptor, window, start, blocks };
}

function decodeBlock(bytes: Uint8Array, output: Expansion, start: number, state: FrameState): void {
  const { literals, end } = readLiterals(bytes, state);
  let at = end;
  const byte = (): number => {
    const value = bytes[at++];
    if (value === undefined) throw malformed('has a block that ends too early');
    return value;
  };
  let count = byte();
  if (count === 255) count = byte() + (byte() << 8) + 0x7f00;
  else if (count > 127) count = ((count - 128) << 8) + byte();
  if (count === 0) {
    output.append(literals);
    return;
  }
  const modes = byte();
  const table = (mode: number, kind: keyof typeof defaults, accuracy: number, symbols: number): FseTable => {
    let chosen: FseTable | null;
    if (mode === 0) chosen = defaults[kind];
    else if (mode === 1) chosen = singleSymbol(byte());
    else if (mode === 2) {
      const read = readFseTable(bytes, at, accuracy, symbols);
      at = read.end;
      chosen = read.table;
    } else chosen = state[kind];
    if (!chosen) throw malformed('repeats a table that it has not given');
    state[kind] = chosen;
    return chosen;
  };
  const literalTable = table(modes >> 6, 'literals', 9, 36);
  const offsetTable = table((modes >> 4) & 3, 'offsets', 8, 32);
  const matchTable = table((modes >> 2) & 3, 'matches', 9, 53);
  const input = new BackwardBits(bytes.subarray(at));
  const states = {
    literal: new FseState(literalTable, input),
    offset: new FseState(offsetTable, input),
    match: new FseState(matchTable, input),
  };
  let used = 0;
  for (let left = count; left > 0; left--) {
    const code = states.offset.symbol;
    if (code > 31) throw malformed('has an offset that cannot be');
    const offset = 2 ** code + input.read(code);
    const match = lengthOf(matchLengths, states.match.symbol, input);
    const literal = lengthOf(literalLengths, states.literal.symbol, input);
    if (left > 1) {
      states.literal.next(input);
      states.match.next(input);
      states.offset.next(input);
    }
    if (input.left < 0 || used + literal > literals.length) throw malformed('ends inside its sequences');
    output.append(literals.subarray(used, used + literal));
    used += literal;
    const distance = distanceOf(state.repeats, offset, literal);
    if (distance <= 0 || distance > output.length - start) throw malformed('refers to bytes before the beginning');
    output.repeat(distance, match);
  }
  output.append(literals.subarray(used));
}

function lengthOf({ bases, bits }: { bases: number[]; bits: number[] }, code: number, input: BackwardBits): number {
  const first = bases[code];
  if (first === undefined) throw malformed('has a length that cannot be');
  return first + input.read(bits[code] as number);
}

/** 3.1.1.5 "Repeat Offsets": the smallest values stand for the last three distances. */
function distanceOf(repeats: FrameState['repeats'], offset: number, literal: number): number {
  const [first, second, third] = repeats;
  if (offset > 3) {
    repeats.splice(0, 3, offset - 3, first, second);
    return offset - 3;
  }
  const which = offset - 1 + (literal === 0 ? 1 : 0);
  if (which === 0) return first;
  const distance = which === 1 ? second : which === 2 ? third : first - 1;
  repeats.splice(0, 3, distance, first, which === 1 ? third : second);
  return distance;
}

/** 3.1.1.3.1 "Literals Section". */
function readLiterals(bytes: Uint8Array, state: FrameState): { literals: Uint8Array; end: number } {
  const head = bytes[0] ?? 0;
  const type = head & 3;
  const format = (head >> 2) & 3;
  const little = (length: number): number => {
    let value = 0;
    for (let index = length - 1; index >= 0; index--) value = value * 256 + (bytes[index] ?? 0);
    return value;
  };
  if (type < 2) {
    const headerSize = format === 1 ? 2 : format === 3 ? 3 : 1;
    const size = Math.floor(little(headerSize) / (headerSize === 1 ? 8 : 16));
    const end = headerSize + (type === 0 ? size : 1);
    if (size > largestBlock || end > bytes.length) throw malformed('has literals that cannot be');
    const literals = type === 0 ? bytes.subarray(headerSize, end) : new Uint8Array(size).fill(bytes[headerSize] ?? 0);
    return { literals, end };
  }
  const headerSize = format < 2 ? 3 : format + 2;
  const sizeBits = [10, 10, 14, 18][format] as number;
  const both = Math.floor(little(headerSize) / 16);
  const size = both % 2 ** sizeBits;
  const end = headerSize + Math.floor(both / 2 ** sizeBits);
  if (size > largestBlock || end > bytes.length) throw malformed('has literals that cannot be');
  let at = headerSize;
  if (type === 2) {
    const read = readHuffmanTable(bytes.subarray(0, end), at);
    state.huffman = read.table;
    at = read.end;
  }
  if (!state.huffman) throw malformed('repeats a tree that it has not given');
  const literals = new Uint8Array(size);
  if (format === 0) huffmanStream(state.huffman, bytes.subarray(at, end), literals);
  else fourStreams(state.huffman, bytes.subarray(at, end), literals);
  return { literals, end };
}

function fourStreams(table: HuffmanTable, bytes: Uint8Array, into: Uint8Array): void {
  const part = Math.ceil(into.length / 4);
  let at = 6;
  for (let stream = 0; stream < 4; stream++) {
    const size =
      stream < 3 ? (bytes[stream * 2] ?? 0) | ((bytes[stream * 2 + 1] ?? 0) << 8) : Math.max(0, bytes.length - at);
    const target = into.subarray(Math.min(into.length, part * stream), stream < 3 ? part * (stream + 1) : into.length);
    huffmanStream(table, bytes.subarray(at, at + size), target);
    at += size;
  }
}
