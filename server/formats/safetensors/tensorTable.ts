import type { SafetensorsViolationCode } from '../facts.ts';
import { dtypeBits } from './dtypes.ts';
import type { SafetensorsHeader } from './header.ts';
import type { JsonCursor } from './jsonCursor.ts';

export interface SafetensorsTensor {
  name: string;
  dtype: string;
  shape: number[];
  /** From the start of the tensor data to the first byte of this tensor, and to the first one behind it. */
  begin: number;
  end: number;
}

/** Tensors that are kept by name; all of them are checked. */
const tensorsKept = 100_000;

/** Dimensions that are kept of one tensor; no framework has more than 64. */
const dimensionsKept = 1_024;

/** A name in a message, cut to a readable length. */
export const quote = (name: string): string => JSON.stringify(name.length > 200 ? `${name.slice(0, 200)}...` : name);

interface Values {
  values: number[];
  offset: number;
  /** False when a value is not a whole number of at least zero. */
  whole: boolean;
  /** False when there are more values than are kept. */
  all: boolean;
}

/** The tensors of one header: reads each, then checks that together they cover the data. */
export class TensorTable {
  readonly #header: SafetensorsHeader;
  readonly #violation: (code: SafetensorsViolationCode, offset: number, message: string) => void;
  readonly #begins: number[] = [];
  readonly #ends: number[] = [];
  /** Byte offset of each tensor's data_offsets in the file. */
  readonly #places: number[] = [];
  #unplaced = 0;

  constructor(
    header: SafetensorsHeader,
    violation: (code: SafetensorsViolationCode, offset: number, message: string) => void,
  ) {
    this.#header = header;
    this.#violation = violation;
  }

  /** Reads the value of the key `name`: an object of dtype, shape and data_offsets. */
  read(cursor: JsonCursor, name: string, nameOffset: number): void {
    this.#header.tensorCount++;
    if (cursor.peek() !== 0x7b) {
      this.#violation('tensor-info', cursor.offset, `${quote(name)} is not described by an object`);
      this.#unplaced++;
      cursor.skip();
      return;
    }
    const seen = new Set<string>();
    let dtype: { value: string; offset: number } | null = null;
    let shape: Values | null = null;
    let range: Values | null = null;
    cursor.object((key, keyOffset) => {
      if (seen.has(key)) this.#violation('duplicate-key', keyOffset, `${quote(name)} has ${quote(key)} twice`);
      seen.add(key);
      const offset = cursor.offset;
      if (key === 'dtype' && cursor.peek() === 0x22) dtype = { value: cursor.string(), offset };
      else if (key === 'shape' && cursor.peek() === 0x5b) shape = wholeNumbers(cursor);
      else if (key === 'data_offsets' && cursor.peek() === 0x5b) range = wholeNumbers(cursor);
      else {
        const known = key === 'dtype' || key === 'shape' || key === 'data_offsets';
        const what = known ? `has a ${key} of the wrong type` : `has ${quote(key)}, which the format does not know`;
        this.#violation('tensor-info', offset, `${quote(name)} ${what}`);
        cursor.skip();
      }
    });
    this.#check(name, nameOffset, dtype, shape, range);
  }

  #check(
    name: string,
    nameOffset: number,
    dtype: { value: string; offset: number } | null,
    shape: Values | null,
    range: Values | null,
  ): void {
    if (!dtype || !shape || !range) {
      const missing = !dtype ? 'dtype' : !shape ? 'shape' : 'data_offsets';
      this.#violation('tensor-info', nameOffset, `${quote(name)} has no usable ${missing}`);
      this.#unplaced++;
      return;
    }
    const bits = dtypeBits.get(dtype.value);
    if (bits === undefined) {
      this.#violation('dtype', dtype.offset, `${quote(name)} has the unknown dtype ${quote(dtype.value)}`);
    }
    if (!shape.whole) this.#violation('tensor-info', shape.offset, `the shape of ${quote(name)} is not made of sizes`);
    const size = shape.whole && bits !== undefined ? this.#size(name, shape, bits) : null;
    const [begin, end] = range.values;
    if (!range.whole || range.values.length !== 2 || begin === undefined || end === undefined || end < begin) {
      this.#violation('offsets', range.offset, `the data_offsets of ${quote(name)} are not a beginning and an end`);
      this.#unplaced++;
      return;
    }
    if (size !== null && size !== end - begin) {
      const message = `${quote(name)} needs ${size} bytes by its shape, and its data_offsets give it ${end - begin}`;
      this.#violation('size-mismatch', range.offset, message);
    }
    this.#begins.push(begin);
    this.#ends.push(end);
    this.#places.push(range.offset);
    if (this.#header.tensors.length < tensorsKept) {
      this.#header.tensors.push({ name, dtype: dtype.value, shape: shape.values, begin, end });
    }
  }

  /** Bytes by shape and dtype; null, with the violation told, when there is no such number. */
  #size(name: string, shape: Values, bits: number): number | null {
    let total = bits;
    for (const dimension of shape.values) {
      total *= dimension;
      // Beyond 2^53 numbers are inexact, and no file is that long; the reference stops at 2^64.
      if (!Number.isSafeInteger(dimension) || !Number.isSafeInteger(total)) {
        this.#violation(
          'shape-overflow',
          shape.offset,
          `the shape of ${quote(name)} has more elements than can be counted`,
        );
        return null;
      }
    }
    if (!shape.all) {
      this.#violation('shape-overflow', shape.offset, `${quote(name)} has more than ${dimensionsKept} dimensions`);
      return null;
    }
    if (total % 8 !== 0) {
      this.#violation('size-mismatch', shape.offset, `${quote(name)} does not end on a whole byte`);
      return null;
    }
    return total / 8;
  }

  /** Checks that the tensors lie one after another, from the first byte of the data to the last. */
  checkLayout(dataBytes: number): void {
    const [begins, ends] = [this.#begins, this.#ends];
    const order = Uint32Array.from(begins.keys()).sort((a, b) => begins[a]! - begins[b]! || ends[a]! - ends[b]!);
    const { dataStart } = this.#header;
    let covered = 0;
    for (const index of order) {
      const [begin, end, place] = [begins[index]!, ends[index]!, this.#places[index]!];
      if (begin > covered && this.#unplaced === 0) {
        this.#violation('hole', place, `no tensor has the ${begin - covered} bytes from ${dataStart + covered}`);
      }
      if (begin < covered && end > begin) {
        this.#violation('overlap', place, `a tensor begins ${covered - begin} bytes before the one before it ends`);
      }
      covered = Math.max(covered, end);
    }
    if (covered > dataBytes) {
      const message = `the tensors need ${covered} bytes and the file has ${dataBytes}`;
      const offset = dataStart + dataBytes;
      this.#header.problems.push({ code: 'truncated', offset, message, incomplete: true });
    } else if (covered < dataBytes && this.#unplaced === 0) {
      const message = `${dataBytes - covered} bytes stand after the last tensor`;
      this.#violation('trailing-bytes', dataStart + covered, message);
    }
  }
}

function wholeNumbers(cursor: JsonCursor): Values {
  const result: Values = { values: [], offset: cursor.offset, whole: true, all: true };
  cursor.array(() => {
    const first = cursor.peek();
    if (first < 0x30 || first > 0x39) {
      result.whole = false;
      cursor.skip();
      return;
    }
    const text = cursor.number();
    if (!/^\d+$/.test(text)) result.whole = false;
    if (result.values.length < dimensionsKept) result.values.push(Number(text));
    else result.all = false;
  });
  return result;
}
