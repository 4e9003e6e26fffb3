import { SliceSource } from '../source.ts';
import type { ProtobufWalk } from './walk.ts';

/** Google's parsers refuse messages that are nested deeper. Source: Protocol Buffers, `CodedInputStream::SetRecursionLimit`. */
const maxDepth = 100;

const utf8 = new TextDecoder('utf-8');

/** Wire types. Source: Protocol Buffers, "Encoding". */
const varintType = 0;
const fixed64Type = 1;
const delimitedType = 2;
const groupStartType = 3;
const groupEndType = 4;
const fixed32Type = 5;

/** The fields of one message, one after another: `while (cursor.next()) switch (cursor.field)`. */
export class MessageCursor {
  readonly #walk: ProtobufWalk;
  readonly #limit: number;
  readonly #depth: number;
  #at: number;
  #wire = 0;
  /** Number of the field that the cursor stands on. */
  field = 0;
  /** Offset of the field's tag. */
  offset = 0;
  /** The number of a varint; otherwise 0. Exact up to 2^53, and not negative: see `signed`. */
  value = 0;
  /** The same of an int64 field. */
  signed = 0;
  /** First byte of the payload, and the one behind it. */
  start = 0;
  end = 0;

  constructor(walk: ProtobufWalk, start: number, end: number, depth: number) {
    this.#walk = walk;
    this.#at = start;
    this.#limit = end;
    this.#depth = depth;
  }

  /** Goes to the next field. False at the end, at a breach of the encoding and where a limit ends the walk. */
  next(): boolean {
    while (this.#take()) {
      if (this.#wire === groupStartType) {
        if (!this.#skipGroup()) return false;
      } else if (this.#wire === groupEndType) return this.#breaks('has the end of a group that did not begin');
      else return true;
    }
    return false;
  }

  /** True when the payload is bytes: a string, a message, a packed list. */
  get delimited(): boolean {
    return this.#wire === delimitedType;
  }

  /** Length of the payload in bytes. */
  get length(): number {
    return this.end - this.start;
  }

  /** The payload as a message; an empty one when it is none, as parsers skip fields of the wrong type. */
  nested(): MessageCursor {
    if (!this.delimited) return this.#walk.message(this.end, this.end, this.#depth + 1);
    if (this.#depth < maxDepth) return this.#walk.message(this.start, this.end, this.#depth + 1);
    this.#walk.tooDeep(this.offset, `messages are nested deeper than ${maxDepth}`);
    return this.#walk.message(this.end, this.end, this.#depth + 1);
  }

  /** The payload as a source of its own; nothing is read. */
  slice(): SliceSource {
    return new SliceSource(this.#walk.source, this.start, this.delimited ? this.length : 0);
  }

  /** The payload's first bytes. */
  bytes(most: number): Uint8Array {
    if (!this.delimited) return new Uint8Array(0);
    return Uint8Array.from(this.#walk.source.read(this.start, Math.min(most, this.length)));
  }

  /** The payload's first `most` bytes as text; wrong UTF-8 is replaced. */
  text(most = 4_096): string {
    return utf8.decode(this.bytes(most));
  }

  /** Numbers of a repeated field, packed or not, at most `most`. */
  numbers(most: number): number[] {
    if (this.#wire === varintType) return [this.signed];
    const found: number[] = [];
    if (!this.delimited) return found;
    for (let at = this.start; at < this.end && found.length < most; at = this.#walk.end) {
      if (this.#walk.varint(at, this.end) < 0) break;
      found.push(this.#walk.signed);
    }
    return found;
  }

  #take(): boolean {
    const walk = this.#walk;
    if (this.#at >= this.#limit || !walk.step(this.#at)) return false;
    this.offset = this.#at;
    const tag = walk.varint(this.#at, this.#limit);
    if (tag < 0) return this.#breaks('ends inside the number of a field');
    this.field = Math.floor(tag / 8);
    this.#wire = tag % 8;
    this.start = walk.end;
    this.value = 0;
    this.signed = 0;
    if (this.field === 0 || this.field > 0x1fff_ffff) return this.#breaks('has a field with an impossible number');
    switch (this.#wire) {
      case varintType:
        this.value = walk.varint(this.start, this.#limit);
        if (this.value < 0) return this.#breaks('has a number that does not end');
        this.signed = walk.signed;
        this.end = walk.end;
        break;
      case fixed64Type:
        this.end = this.start + 8;
        break;
      case fixed32Type:
        this.end = this.start + 4;
        break;
      case delimitedType: {
        const length = walk.varint(this.start, this.#limit);
        if (length < 0) return this.#breaks('has a length that does not end');
        this.start = walk.end;
        this.end = this.start + length;
        break;
      }
      case groupStartType:
      case groupEndType:
        this.end = this.start;
        break;
      default:
        return this.#breaks('has a field of an unknown kind');
    }
    if (this.end > this.#limit) return this.#breaks('has a field that goes beyond its end');
    this.#at = this.end;
    return true;
  }

  /** Groups are of no schema that is read here; parsers skip them, and so must we. */
  #skipGroup(): boolean {
    for (let open = 1; open > 0;) {
      if (!this.#take()) return this.#at >= this.#limit && this.#breaks('has a group that does not end');
      if (this.#wire === groupStartType) open++;
      else if (this.#wire === groupEndType) open--;
    }
    return true;
  }

  #breaks(message: string): false {
    this.#walk.malformed(this.offset, `a protobuf message ${message}`);
    this.#at = this.#limit;
    return false;
  }
}
