import type { ArgumentReader } from './argumentReader.ts';
import type { ByteWindow } from './byteWindow.ts';
import type { Calls } from './calls.ts';
import { Collections } from './collections.ts';
import { mayBeEncoded, shortestEncoded } from './encodedText.ts';
import type { MachineLog } from './machineLog.ts';
import type { Memo } from './memo.ts';
import type { Stack } from './stack.ts';
import { StreamError } from './streamError.ts';
import type { TextReader } from './textReader.ts';
import {
  ByteArray,
  Bytes,
  emptyTuple,
  Global,
  Instance,
  largestTextOffset,
  Mapping,
  Sequence,
  textBase,
} from './values.ts';
import { statePairs } from './watchedState.ts';
import type { Value } from './values.ts';

const nothing: Value[] = [];

/** States of objects in one stream that more pairs are kept of. */
const mostWide = 10_000;

/** What a stream is read with. */
export interface Reading {
  window: ByteWindow;
  text: TextReader;
  arguments: ArgumentReader;
  stack: Stack;
  memo: Memo;
  calls: Calls;
}

/**
 * The opcodes that make data, and no name and no call: nearly all of any pickle. They stand by themselves because a
 * loop that does nothing else is compiled sooner and runs faster.
 */
export class DataOpcodes {
  /** Opcodes that were executed; whoever executes others counts them here, too. */
  opcodes = 0;
  /** Where the last one stands. */
  at = 0;
  readonly #log: MachineLog;
  readonly #reading: Reading;
  readonly #collections: Collections;
  readonly #lenient: boolean;
  #wide = 0;
  /** Collections that may still be followed; beyond, a list or dictionary is data. */
  #toFollow = 0;

  constructor(log: MachineLog, reading: Reading, lenient: boolean) {
    this.#log = log;
    this.#reading = reading;
    this.#collections = new Collections(log, lenient);
    this.#lenient = lenient;
  }

  /**
   * Begins a stream.
   * @param toFollow collections that are followed. Beyond, a list or dictionary is data, and a tuple keeps only what a
   * call can need of it: names, strings, numbers and bytes.
   */
  start(toFollow: number): void {
    this.opcodes = 0;
    this.#toFollow = toFollow;
  }

  /**
   * Executes opcodes up to the first of another kind, at most `most` of them, and none that begins at `until` or behind it.
   * @returns whether there was one.
   */
  run(most: number, until: number): boolean {
    const { window, arguments: args, stack, memo } = this.#reading;
    const { values } = stack;
    const last = this.opcodes + most;
    const before = this.opcodes;
    while (this.opcodes < last) {
      if (window.position >= window.limit && !window.require(1)) break;
      const at = window.base + window.position;
      if (at >= until) break;
      this.opcodes++;
      const opcode = window.buffer[window.position++] as number;
      switch (opcode) {
        case 0x4b: // BININT1
          values.push(args.byte(at));
          break;
        case 0x68: // BINGET
          values.push(this.#recall(args.byte(at), at));
          break;
        case 0x6a: // LONG_BINGET
          values.push(this.#recall(args.uint(4, at), at));
          break;
        case 0x71: // BINPUT
          memo.set(args.byte(at), stack.top(at));
          break;
        case 0x72: // LONG_BINPUT
          memo.set(args.uint(4, at), stack.top(at));
          break;
        case 0x94: // MEMOIZE
          memo.set(memo.size, stack.top(at));
          break;
        case 0x4d: // BININT2
          values.push(args.uint(2, at));
          break;
        case 0x4a: // BININT
          values.push(args.uint(4, at) | 0);
          break;
        case 0x47: // BINFLOAT
          args.payload(8, at);
          values.push(undefined);
          break;
        case 0x8c: // SHORT_BINUNICODE
        case 0x55: // SHORT_BINSTRING
          this.#pushText(at, args.byte(at));
          break;
        case 0x58: // BINUNICODE
          this.#pushText(at, args.uint(4, at));
          break;
        case 0x28: // MARK
          stack.marks.push(values.length);
          break;
        case 0x65: // APPENDS
        case 0x90: {
          // ADDITEMS
          const from = stack.popMark(at);
          this.#collections.add(stack.below(from, at), values, from, at);
          stack.cut(from);
          break;
        }
        case 0x75: {
          // SETITEMS
          const from = stack.popMark(at);
          this.#setItems(stack.below(from, at), from, at);
          break;
        }
        case 0x5d: // EMPTY_LIST
          values.push(this.#follows() ? new Sequence('list', nothing) : undefined);
          break;
        case 0x7d: // EMPTY_DICT
          // The state of an object is followed in any case: it says how long a raw array is.
          values.push(this.#emptyMapping(values[values.length - 1]));
          break;
        case 0x29: // EMPTY_TUPLE
          values.push(emptyTuple);
          break;
        case 0x74: // TUPLE
          this.#pushSequence('tuple', stack.popMark(at), at);
          break;
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: // TUPLE3
          stack.needs(opcode - 0x84, at);
          this.#pushSequence('tuple', values.length - (opcode - 0x84), at);
          break;
        case 0x4e: // NONE
          values.push(null);
          break;
        case 0x88: // NEWTRUE
          values.push(true);
          break;
        case 0x89: // NEWFALSE
          values.push(false);
          break;
        default:
          if (this.#rare(opcode, at)) break;
          this.opcodes--;
          window.position--;
          return this.opcodes > before;
      }
      this.at = at;
    }
    return this.opcodes > before;
  }

  /** Those that hardly any pickle has many of; false for an opcode of another kind. */
  #rare(opcode: number, at: number): boolean {
    const { text, arguments: args, stack, memo } = this.#reading;
    const { values } = stack;
    switch (opcode) {
      case 0x8d: // BINUNICODE8
        this.#pushText(at, args.uint8(at));
        return true;
      case 0x54: // BINSTRING
        this.#pushText(at, args.signed4(at));
        return true;
      case 0x53: // STRING
      case 0x56: {
        // UNICODE, which has no quotes
        const line = args.line(at);
        const quotes = opcode === 0x53 ? 1 : 0;
        if (line.length >= shortestEncoded) this.#seeText(at, line.start + quotes, line.length - 2 * quotes);
        this.#pushTextAt(at);
        return true;
      }
      case 0x43: // SHORT_BINBYTES
        this.#pushBytes(args.byte(at), at);
        return true;
      case 0x42: // BINBYTES
        this.#pushBytes(args.uint(4, at), at);
        return true;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.#pushBytes(args.uint8(at), at, opcode === 0x96);
        return true;
      case 0x8a: // LONG1
        this.#pushLong(args.byte(at), at);
        return true;
      case 0x8b: // LONG4
        this.#pushLong(args.signed4(at), at);
        return true;
      case 0x49: // INT
      case 0x4c: // LONG
        values.push(text.integerLine(args.line(at), opcode === 0x4c) ?? args.badLine(at, 'a number'));
        return true;
      case 0x46: // FLOAT
        args.line(at);
        values.push(undefined);
        return true;
      case 0x67: // GET
        values.push(this.#recall(args.indexLine(at), at));
        return true;
      case 0x70: // PUT
        memo.set(args.indexLine(at), stack.top(at));
        return true;
      case 0x6c: // LIST
        this.#pushSequence('list', stack.popMark(at), at);
        return true;
      case 0x91: // FROZENSET
        this.#pushSequence('frozenset', stack.popMark(at), at);
        return true;
      case 0x8f: // EMPTY_SET
        values.push(this.#follows() ? new Sequence('set', nothing) : undefined);
        return true;
      case 0x64: {
        // DICT
        const from = stack.popMark(at);
        const mapping = this.#follows() ? new Mapping() : undefined;
        this.#collections.set(mapping, values, from, at);
        stack.cut(from);
        values.push(mapping);
        return true;
      }
      case 0x61: {
        // APPEND
        stack.needs(2, at);
        const from = values.length - 1;
        this.#collections.add(values[from - 1], values, from, at);
        stack.cut(from);
        return true;
      }
      case 0x73: {
        // SETITEM
        stack.needs(3, at);
        const from = values.length - 2;
        this.#setItems(values[from - 1], from, at);
        return true;
      }
      case 0x97: // NEXT_BUFFER
        values.push(undefined);
        return true;
      case 0x98: // READONLY_BUFFER
        stack.needs(1, at);
        return true;
      case 0x30: // POP
        stack.drop(at);
        return true;
      case 0x31: // POP_MARK
        stack.cut(stack.popMark(at));
        return true;
      case 0x32: // DUP
        values.push(this.#again(stack.top(at)));
        return true;
      default:
        return false;
    }
  }

  #recall(index: number, at: number): Value {
    const { memo } = this.#reading;
    if (memo.has(index) || this.#lenient) return this.#again(memo.get(index));
    throw new StreamError('missing-memo', at, `memo entry ${index} was never stored`);
  }

  /** A value that is put on the stack once more. */
  #again(value: Value): Value {
    if (value instanceof Global) this.#log.imports.pushedAgain(value);
    return value;
  }

  #pushText(at: number, length: number): void {
    const { window } = this.#reading;
    if (length >= shortestEncoded) this.#seeText(at, window.offset, length);
    if (window.position + length <= window.limit) window.position += length;
    else this.#reading.arguments.payload(length, at);
    this.#pushTextAt(at);
  }

  /** A text that may be bytes in other letters is told of. */
  #seeText(opcode: number, offset: number, length: number): void {
    const [first = 0, second = 0] = this.#reading.window.peek(offset, 2);
    if (mayBeEncoded(first, second)) this.#log.encodedText(opcode, offset, length);
  }

  #pushTextAt(at: number): void {
    this.#reading.stack.values.push(at <= largestTextOffset ? textBase + at : undefined);
  }

  #pushLong(length: number, at: number): void {
    const { window, text, stack } = this.#reading;
    const start = window.offset;
    this.#reading.arguments.payload(length, at);
    stack.values.push(length <= 6 ? text.signedLittleEndian(start, length) : undefined);
  }

  #pushBytes(length: number, at: number, mutable = false): void {
    const { offset } = this.#reading.window;
    const value = mutable ? new ByteArray(offset, length) : new Bytes(offset, length);
    this.#reading.arguments.payload(length, at);
    this.#log.bytesValue(value);
    this.#reading.stack.values.push(value);
  }

  #pushSequence(type: Sequence['type'], from: number, at: number): void {
    const { stack } = this.#reading;
    const followed = this.#follows();
    let sequence: Sequence | undefined;
    if (followed || type === 'tuple') {
      sequence = new Sequence(type, stack.values, from);
      if (!followed) sequence.forgetCollections();
      this.#collections.weigh(sequence.weight, at);
    }
    stack.cut(from);
    stack.values.push(sequence);
  }

  #emptyMapping(below: Value): Mapping | undefined {
    if (below instanceof Instance) return this.#wide++ < mostWide ? new Mapping(statePairs) : new Mapping();
    return this.#follows() ? new Mapping() : undefined;
  }

  #setItems(target: Value, from: number, at: number): void {
    const { stack, calls } = this.#reading;
    const { values } = stack;
    // `copyreg._inverted_registry[240] = ('os', 'system')`: a way to register an extension without a call.
    if (target instanceof Global && target.dotted === 'copyreg._inverted_registry')
      calls.register(values[from + 1], values[from]);
    this.#collections.set(target, values, from, at);
    stack.cut(from);
  }

  /** Whether one more collection is followed; counts it. */
  #follows(): boolean {
    return this.#toFollow-- > 0;
  }
}
