import { TextDecoder } from 'node:util';
import type { ByteSource } from '../../formats/source.ts';
import { rowLimits, type RowProblem } from './row.ts';

const blockSize = 1 << 20;
const lineFeed = 10;
const carriageReturn = 13;

/** One line without its end. `text` is null where it is too long to be read. */
export interface Line {
  /** 1-based. */
  number: number;
  text: string | null;
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/**
 * The lines of a text file in memory of one block and one line, whatever the length of the file. UTF-8 unless a byte
 * order mark says otherwise; bytes that are no UTF-8 are replaced by U+FFFD and told once.
 */
export function* linesOf(
  source: ByteSource,
  onProblem?: (problem: RowProblem) => void,
  onBytes?: (bytes: number) => void,
): Generator<Line> {
  const { encoding, start } = encodingOf(source.read(0, 3));
  const decoder = new Decoder(encoding, onProblem);
  // One unit of UTF-16 is two bytes: a line feed is then looked for in the unit that means it.
  const unit = encoding === 'utf-8' ? 1 : 2;
  let number = 1;
  let pieces: Buffer[] = [];
  let held = 0;
  let tooLong = false;
  const take = (bytes: Uint8Array): void => {
    held += bytes.length;
    if (held > rowLimits.recordBytes) {
      tooLong = true;
      pieces = [];
    } else if (bytes.length > 0) pieces.push(Buffer.from(bytes));
  };
  const finish = (last: Uint8Array): Line => {
    let text: string | null = null;
    if (!tooLong && held + last.length === 0) text = '';
    else if (!tooLong && held + last.length <= rowLimits.recordBytes) {
      text = decoder.decode(pieces.length === 0 ? last : Buffer.concat([...pieces, last]), number);
    } else {
      onProblem?.({
        line: number,
        kind: 'too-long',
        message: `the record is longer than ${rowLimits.recordBytes >> 20} MiB, and was not looked into`,
      });
    }
    pieces = [];
    held = 0;
    tooLong = false;
    return { number: number++, text };
  };

  let position = start;
  while (position < source.size) {
    const block = source.read(position, Math.min(blockSize, source.size - position));
    if (block.length === 0) break;
    const whole = unit === 1 ? block : block.subarray(0, block.length - (block.length % 2) || block.length);
    let from = 0;
    for (let end = endOfLine(whole, from, encoding); end !== -1; end = endOfLine(whole, from, encoding)) {
      yield finish(whole.subarray(from, end));
      from = end + unit;
    }
    take(whole.subarray(from));
    position += whole.length;
    onBytes?.(position);
  }
  if (held > 0 || tooLong) yield finish(new Uint8Array(0));
}

function encodingOf(head: Uint8Array): { encoding: Encoding; start: number } {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return { encoding: 'utf-8', start: 3 };
  if (head[0] === 0xff && head[1] === 0xfe) return { encoding: 'utf-16le', start: 2 };
  if (head[0] === 0xfe && head[1] === 0xff) return { encoding: 'utf-16be', start: 2 };
  return { encoding: 'utf-8', start: 0 };
}

function endOfLine(bytes: Uint8Array, from: number, encoding: Encoding): number {
  if (encoding === 'utf-8') return bytes.indexOf(lineFeed, from);
  const low = encoding === 'utf-16le' ? 0 : 1;
  for (let at = from; at + 1 < bytes.length; at += 2) {
    if (bytes[at + low] === lineFeed && bytes[at + 1 - low] === 0) return at;
  }
  return -1;
}

/** Bytes to text. The first line that does not decode is told, and no other: a file of Latin-1 has thousands. */
class Decoder {
  readonly #encoding: Encoding;
  readonly #lenient: TextDecoder;
  readonly #strict: TextDecoder;
  readonly #onProblem: ((problem: RowProblem) => void) | undefined;
  #told = false;

  constructor(encoding: Encoding, onProblem?: (problem: RowProblem) => void) {
    this.#encoding = encoding;
    this.#lenient = new TextDecoder(encoding, { ignoreBOM: true });
    this.#strict = new TextDecoder(encoding, { ignoreBOM: true, fatal: true });
    this.#onProblem = onProblem;
  }

  decode(bytes: Uint8Array, line: number): string {
    const text = this.#text(bytes, line);
    return text.charCodeAt(text.length - 1) === carriageReturn ? text.slice(0, -1) : text;
  }

  #text(bytes: Uint8Array, line: number): string {
    if (this.#told) return this.#lenient.decode(bytes);
    try {
      return this.#strict.decode(bytes);
    } catch {
      this.#told = true;
      this.#onProblem?.({
        line,
        kind: 'encoding',
        message: `the bytes of this line, and maybe of later ones, are not ${this.#encoding.toUpperCase()}`,
      });
      return this.#lenient.decode(bytes);
    }
  }
}
