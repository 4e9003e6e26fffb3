import type { ReadContext } from '../reader.ts';
import type { ByteSource } from '../source.ts';

const utf8 = new TextDecoder('utf-8');
const windowBytes = 8 * 1024;

/** A place in the file that cannot be what the format says. Caught by the reader of the format. */
export class FlatbufferBreak extends Error {
  readonly offset: number;
  readonly code: 'malformed' | 'limit-opcodes' | 'limit-time';

  constructor(offset: number, message: string, code: FlatbufferBreak['code'] = 'malformed') {
    super(message);
    this.offset = offset;
    this.code = code;
  }
}

/**
 * Bytes of a FlatBuffer, read by position and checked against the end of the file at every step. Offsets point forward only,
 * yet many may point to the same place: every table that is visited costs one of the budget's opcodes.
 * Source: FlatBuffers, "Internals".
 */
export class Flatbuffer {
  readonly source: ByteSource;
  readonly #budget: ReadContext['budget'];
  #window = new DataView(new ArrayBuffer(0));
  #windowStart = 0;
  #steps = 0;

  constructor(source: ByteSource, budget: ReadContext['budget']) {
    this.source = source;
    this.#budget = budget;
  }

  /** The root table of a buffer that begins at `start`. */
  root(start = 0): FlatTable {
    return this.table(start + this.uint32(start));
  }

  table(offset: number): FlatTable {
    if (this.#budget.opcodes <= 0)
      throw new FlatbufferBreak(offset, 'it has more tables than the limit on opcodes', 'limit-opcodes');
    this.#budget.opcodes--;
    if ((++this.#steps & 0xfff) === 0 && this.#budget.timeIsUp)
      throw new FlatbufferBreak(offset, 'reading it took longer than the limit allows', 'limit-time');
    const vtable = offset - this.int32(offset);
    return new FlatTable(this, offset, vtable, this.uint16(vtable));
  }

  uint8(offset: number): number {
    return this.#view(offset, 1).getUint8(offset - this.#windowStart);
  }

  uint16(offset: number): number {
    return this.#view(offset, 2).getUint16(offset - this.#windowStart, true);
  }

  int32(offset: number): number {
    return this.#view(offset, 4).getInt32(offset - this.#windowStart, true);
  }

  uint32(offset: number): number {
    return this.#view(offset, 4).getUint32(offset - this.#windowStart, true);
  }

  /** Exact up to 2^53. */
  uint64(offset: number): number {
    return this.uint32(offset + 4) * 2 ** 32 + this.uint32(offset);
  }

  text(offset: number, length: number, most: number): string {
    return utf8.decode(this.source.read(offset, Math.min(length, most)));
  }

  #view(offset: number, length: number): DataView {
    const { size } = this.source;
    if (!(offset >= 0) || offset + length > size)
      throw new FlatbufferBreak(
        Math.max(0, Math.min(offset, size)),
        'an offset of the FlatBuffer leads out of the file',
      );
    const at = offset - this.#windowStart;
    if (at < 0 || at + length > this.#window.byteLength) {
      // A copy: the source's buffer belongs to whoever reads next.
      const bytes = Uint8Array.from(this.source.read(offset, windowBytes));
      this.#window = new DataView(bytes.buffer);
      this.#windowStart = offset;
    }
    return this.#window;
  }
}

/** One table. Fields are named by their index in the schema; what is absent has the default that the caller gives. */
export class FlatTable {
  readonly #file: Flatbuffer;
  readonly #vtable: number;
  readonly #vtableBytes: number;
  readonly offset: number;

  constructor(file: Flatbuffer, offset: number, vtable: number, vtableBytes: number) {
    this.#file = file;
    this.offset = offset;
    this.#vtable = vtable;
    this.#vtableBytes = vtableBytes;
  }

  /** Where a field's value stands, or null when it is absent. */
  place(field: number): number | null {
    const slot = 4 + field * 2;
    if (slot + 2 > this.#vtableBytes) return null;
    const relative = this.#file.uint16(this.#vtable + slot);
    return relative === 0 ? null : this.offset + relative;
  }

  int8(field: number): number {
    const at = this.place(field);
    return at === null ? 0 : (this.#file.uint8(at) << 24) >> 24;
  }

  int32(field: number): number {
    const at = this.place(field);
    return at === null ? 0 : this.#file.int32(at);
  }

  uint32(field: number): number {
    const at = this.place(field);
    return at === null ? 0 : this.#file.uint32(at);
  }

  uint64(field: number): number {
    const at = this.place(field);
    return at === null ? 0 : this.#file.uint64(at);
  }

  text(field: number, most = 4_096): string | null {
    const at = this.#pointer(field);
    return at === null ? null : this.#file.text(at + 4, this.#file.uint32(at), most);
  }

  table(field: number): FlatTable | null {
    const at = this.#pointer(field);
    return at === null ? null : this.#file.table(at);
  }

  /** A vector: where its first element stands and how many there are, as far as the file goes. */
  vector(field: number, elementBytes: number): { start: number; length: number } {
    const at = this.#pointer(field);
    if (at === null) return { start: 0, length: 0 };
    const length = this.#file.uint32(at);
    if (at + 4 + length * elementBytes > this.#file.source.size)
      throw new FlatbufferBreak(at, 'a list of the FlatBuffer goes beyond the file');
    return { start: at + 4, length };
  }

  /** The tables of a vector of tables, one after another. */
  *tables(field: number): Generator<FlatTable> {
    const { start, length } = this.vector(field, 4);
    for (let index = 0; index < length; index++) {
      const at = start + index * 4;
      yield this.#file.table(at + this.#file.uint32(at));
    }
  }

  /** Numbers of a vector of int32, at most `most`. */
  int32s(field: number, most: number): number[] {
    const { start, length } = this.vector(field, 4);
    return Array.from({ length: Math.min(length, most) }, (_, index) => this.#file.int32(start + index * 4));
  }

  #pointer(field: number): number | null {
    const at = this.place(field);
    return at === null ? null : at + this.#file.uint32(at);
  }
}

/** Runs a reader over a FlatBuffer; a break becomes a problem, and what was found before it stays. */
export function readFlatbuffer(source: ByteSource, context: ReadContext, read: (file: Flatbuffer) => void): void {
  try {
    read(new Flatbuffer(source, context.budget));
  } catch (error) {
    if (!(error instanceof FlatbufferBreak)) throw error;
    context.problem({ code: error.code, offset: error.offset, message: error.message, incomplete: true });
  }
}
