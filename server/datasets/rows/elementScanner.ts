import { rowLimits, type RowProblem } from './row.ts';

/** One element of a list, or one member of an object, as it stands in the document. */
export interface Element {
  raw: string;
  /** 1-based; columns count UTF-16 units. */
  line: number;
  column: number;
  /** The key of the list or of the member in the object at the top; null in a list at the top. */
  key: string | null;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const longestKey = 1024;

/** Finds where the elements of a JSON document begin and end, byte by byte; what an element holds is not looked at. */
export class ElementScanner {
  readonly #onProblem: ((problem: RowProblem) => void) | undefined;
  #line = 1;
  #column = 1;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Whether the top is an object, and in it whether the next text is a key. */
  #object = false;
  #awaitsKey = false;
  #key: string | null = null;
  /** The depth at which elements stand; 0 where none is expected. */
  #level = 0;
  #closed = false;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #start: { line: number; column: number } | null = null;
  /** Where the element or the key begins in this block. */
  #from = 0;
  #keyStarted = false;

  constructor(onProblem?: (problem: RowProblem) => void) {
    this.#onProblem = onProblem;
  }

  *scan(block: Uint8Array): Generator<Element> {
    this.#from = 0;
    for (let at = 0; at < block.length; at++) {
      const byte = block[at] ?? 0;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === backslash) this.#escaped = true;
        else if (byte === quote) {
          this.#inString = false;
          if (this.#keyStarted) this.#endKey(block, at + 1);
        }
      } else if (byte === quote) this.#beginString(at);
      else if (byte === 0x7b || byte === 0x5b) this.#open(byte, at);
      else if (byte === 0x7d || byte === 0x5d) {
        if (this.#depth === this.#level) yield* this.#finish(block, at);
        this.#depth--;
        this.#close(byte);
        if (this.#start !== null && this.#depth === this.#level) yield* this.#finish(block, at + 1);
      } else if (byte === comma) {
        if (this.#depth === this.#level) yield* this.#finish(block, at);
        if (this.#object && this.#depth === 1) this.#expectKey();
      } else if (byte === colon && this.#object && this.#depth === 1 && this.#level === 0) this.#level = 1;
      else if (byte > 0x20) this.#begin(at);
      if (byte === 0x0a) {
        this.#line++;
        this.#column = 1;
      } else if ((byte & 0xc0) !== 0x80) this.#column += byte >= 0xf0 ? 2 : 1;
    }
    if (this.#start !== null || this.#keyStarted) this.#take(block.subarray(this.#from));
  }

  /** After the last block. */
  *end(): Generator<Element> {
    if (this.#depth === 0 && !this.#inString) return;
    this.#onProblem?.({
      line: this.#start?.line ?? this.#line,
      kind: 'malformed',
      message: 'the document ends in the middle',
    });
  }

  #beginString(at: number): void {
    this.#inString = true;
    if (this.#object && this.#depth === 1 && this.#awaitsKey) {
      this.#keyStarted = true;
      this.#awaitsKey = false;
      this.#from = at;
    } else this.#begin(at);
  }

  #endKey(block: Uint8Array, end: number): void {
    this.#take(block.subarray(this.#from, end));
    const bytes = Buffer.concat(this.#pieces);
    this.#clear();
    this.#keyStarted = false;
    try {
      this.#key = bytes.length > longestKey ? '' : String(JSON.parse(bytes.toString('utf8')));
    } catch {
      this.#key = '';
    }
  }

  #expectKey(): void {
    this.#awaitsKey = true;
    this.#level = 0;
    this.#key = null;
  }

  #open(byte: number, at: number): void {
    if (this.#depth === 0 && !this.#closed) {
      this.#object = byte === 0x7b;
      if (this.#object) this.#expectKey();
      else this.#level = 1;
    } else if (this.#object && this.#depth === 1 && byte === 0x5b && this.#start === null) this.#level = 2;
    else this.#begin(at);
    this.#depth++;
  }

  #close(byte: number): void {
    if (this.#depth < 0) this.#depth = 0;
    if (this.#depth === 0) {
      this.#closed = true;
      this.#level = 0;
    } else if (this.#object && this.#depth === 1 && byte === 0x5d && this.#level === 2) this.#level = 0;
  }

  #begin(at: number): void {
    if (this.#start !== null) return;
    if (this.#level > 0 && this.#depth === this.#level) {
      this.#start = { line: this.#line, column: this.#column };
      this.#from = at;
    } else if (this.#depth === 0) {
      if (this.#closed) this.#tellOnce('something stands after the end of the document');
      else this.#tellOnce('the document is neither a list nor an object');
    }
  }

  #told = false;

  #tellOnce(message: string): void {
    if (!this.#told) this.#onProblem?.({ line: this.#line, kind: 'malformed', message });
    this.#told = true;
  }

  *#finish(block: Uint8Array, end: number): Generator<Element> {
    if (this.#start === null) return;
    this.#take(block.subarray(this.#from, end));
    const { line, column } = this.#start;
    this.#start = null;
    if (this.#held > rowLimits.recordBytes) {
      const message = `the record is longer than ${rowLimits.recordBytes >> 20} MiB, and was not looked into`;
      this.#onProblem?.({ line, kind: 'too-long', message });
    } else yield { raw: Buffer.concat(this.#pieces).toString('utf8').trimEnd(), line, column, key: this.#key };
    this.#clear();
  }

  #take(bytes: Uint8Array): void {
    this.#held += bytes.length;
    if (this.#held > rowLimits.recordBytes) this.#pieces = [];
    else this.#pieces.push(Buffer.from(bytes));
  }

  #clear(): void {
    this.#pieces = [];
    this.#held = 0;
  }
}
