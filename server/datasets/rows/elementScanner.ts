import { rowLimits, type RowProblem } from './row.ts';

/** One element of a list, or one member of an object, as it stands in the document. */
export interface Element {
  /** Null for one that is too long. */
  raw: string | null;
  /** 1-based; columns count UTF-16 units. */
  line: number;
  column: number;
  /** The key of the list or of the member in the object at the top; null in a list at the top. */
  key: string | null;
  /** True for a member of the object at the top; false for an element of a list. */
  isMember: boolean;
  /** What stands between the element before and this one, if that was asked for: commas, brackets, keys. */
  between: string;
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const longestKey = 1024;

/** Finds where the elements of a JSON document begin and end, byte by byte; what an element holds is not looked at. */
export class ElementScanner {
  readonly #onProblem: ((problem: RowProblem) => void) | undefined;
  readonly #between: Between | null;
  /** Why this is no whole document; null as long as it is one. */
  broken: string | null = null;
  #block: Uint8Array = new Uint8Array(0);
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

  /** @param keepsBetween whether what stands between elements is kept. */
  constructor(onProblem?: (problem: RowProblem) => void, keepsBetween = false) {
    this.#onProblem = onProblem;
    this.#between = keepsBetween ? new Between() : null;
  }

  *scan(block: Uint8Array): Generator<Element> {
    this.#from = 0;
    this.#block = block;
    this.#between?.beginBlock();
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
    if (this.#start === null) this.#between?.take(block, block.length);
  }

  /** What stands after the last element, once all was scanned. */
  rest(): string {
    return this.#takeBetween();
  }

  /** After the last block. */
  *end(): Generator<Element> {
    if (this.#depth === 0 && !this.#inString) return;
    this.broken = 'the document ends in the middle';
    this.#onProblem?.({ line: this.#start?.line ?? this.#line, kind: 'malformed', message: this.broken });
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
      this.#between?.take(this.#block, at);
    } else if (this.#depth === 0) {
      if (this.#closed) this.#tellOnce('something stands after the end of the document');
      else this.#tellOnce('the document is neither a list nor an object');
    }
  }

  #tellOnce(message: string): void {
    if (this.broken === null) this.#onProblem?.({ line: this.#line, kind: 'malformed', message });
    this.broken = message;
  }

  *#finish(block: Uint8Array, end: number): Generator<Element> {
    if (this.#start === null) return;
    this.#take(block.subarray(this.#from, end));
    const { line, column } = this.#start;
    this.#start = null;
    this.#between?.skipTo(end);
    const element = { line, column, key: this.#key, isMember: this.#object && this.#level === 1 };
    const between = this.#takeBetween();
    if (this.#held > rowLimits.recordBytes) {
      const message = `the record is longer than ${rowLimits.recordBytes >> 20} MiB, and was not looked into`;
      this.#onProblem?.({ line, kind: 'too-long', message });
      yield { ...element, raw: null, between };
    } else yield { ...element, raw: Buffer.concat(this.#pieces).toString('utf8').trimEnd(), between };
    this.#clear();
  }

  #takeBetween(): string {
    if (this.#between === null) return '';
    const text = this.#between.text();
    if (text !== null) return text;
    this.broken ??= 'more stands between two records than is kept';
    return '';
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

/** Bytes outside of elements: few, but for a document that is made to have many. */
class Between {
  #pieces: Buffer[] = [];
  #held = 0;
  #from = 0;

  beginBlock(): void {
    this.#from = 0;
  }

  take(block: Uint8Array, to: number): void {
    this.#held += to - this.#from;
    if (this.#held <= rowLimits.recordBytes) this.#pieces.push(Buffer.from(block.subarray(this.#from, to)));
    this.#from = to;
  }

  skipTo(at: number): void {
    this.#from = at;
  }

  /** Null when it is too long to be kept. */
  text(): string | null {
    const text = this.#held > rowLimits.recordBytes ? null : Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#held = 0;
    return text;
  }
}
