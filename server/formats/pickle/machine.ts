import type { Budget } from '../limits.ts';
import type { PickleFacts } from '../facts.ts';
import type { ByteSource } from '../source.ts';
import { ArgumentReader } from './argumentReader.ts';
import { ByteWindow } from './byteWindow.ts';
import { Calls } from './calls.ts';
import { rawArrayAfter } from './joblibArray.ts';
import { Collections } from './collections.ts';
import { mayBeEncoded, shortestEncoded } from './encodedText.ts';
import type { MachineLog } from './machineLog.ts';
import { Memo } from './memo.ts';
import { StreamError } from './streamError.ts';
import { TextReader } from './textReader.ts';
import {
  ByteArray,
  Bytes,
  Global,
  Instance,
  isMade,
  isText,
  largestTextOffset,
  MadeText,
  Mapping,
  Sequence,
  textBase,
} from './values.ts';
import type { Value } from './values.ts';

/** Slots of stack and memo together, eight bytes each. */
const mostSlots = 8_000_000;
/**
 * Collections that are followed in one stream. Beyond, a list or dictionary is data, and a tuple keeps only what a call
 * can need of it: names, strings, numbers and bytes. Imports are never lost by it.
 */
const mostObjects = 100_000;
/** How one run of the machine ended. */
export interface RunEnd {
  how: 'stop' | 'violation' | 'limit-opcodes' | 'limit-time' | 'limit-memory';
  /** Offset after the last opcode that was read. */
  end: number;
  opcodes: number;
  /** What the stream would give its loader; undefined unless it stopped. */
  result: Value;
}

export interface MachineOptions {
  context: PickleFacts['context'];
  /** What the stack and memo lack is data, not an error: for a reading that begins in the middle of a stream. */
  lenient?: boolean;
  /** Runs of the machine around this one. */
  depth?: number;
}

/** Opcodes after which the clock and the memory are looked at again. */
const opcodesBetweenChecks = 4096;
/** Values from the top of the stack that a listing shows. */
const valuesShown = 3;
const deepestNesting = 32;
/** Values from the top of the stack that an alternative reading begins with. */
const stackCopied = 10_000;

const isString = (value: Value) => isText(value) || value instanceof MadeText;

/**
 * Interprets one pickle without executing any of it: it follows the stack, the marks and the memo, so that a name that
 * is put together in pieces is still known, and what would be called is recorded with its arguments.
 *
 * It accepts the union of what CPython's two unpicklers accept (`Modules/_pickle.c`, `Lib/pickle.py`), because what is
 * refused by one may be executed by the other. Memory is bounded by the number of stack and memo slots.
 */
export class PickleMachine {
  readonly #window: ByteWindow;
  readonly #log: MachineLog;
  readonly #budget: Budget;
  readonly #options: MachineOptions;
  readonly #text: TextReader;
  readonly #arguments: ArgumentReader;

  #stack: Value[] = [];
  #marks: number[] = [];
  readonly #memo: Memo;
  #objects = 0;
  #protocol = 0;
  #frameEnd = -1;
  #calls: Calls;
  readonly #collections: Collections;

  constructor(
    source: ByteSource,
    log: MachineLog,
    budget: Budget,
    options: MachineOptions,
    memo = new Memo(mostObjects),
  ) {
    this.#memo = memo;
    this.#window = new ByteWindow(source);
    this.#log = log;
    this.#budget = budget;
    this.#options = options;
    this.#text = new TextReader(source, this.#window);
    this.#arguments = new ArgumentReader(this.#window, this.#text, (violation) => log.violation(violation));
    this.#collections = new Collections(log, options.lenient === true);
    this.#calls = new Calls(log, this.#text);
  }

  /**
   * Runs one stream from `start` to its STOP, to its first fatal breach, or to a limit. The memo starts empty.
   * @param seen is told of each opcode when it has been executed, with a way to see the stack; false ends the run.
   */
  run(start: number, seen?: (offset: number, stack: () => string) => boolean): RunEnd {
    this.#stack = [];
    this.#marks = [];
    this.#memo.clear();
    this.#objects = 0;
    this.#protocol = 0;
    this.#frameEnd = -1;
    return this.#go(start, seen);
  }

  #go(start: number, seen?: (offset: number, stack: () => string) => boolean): RunEnd {
    this.#window.seek(start);
    const allowed = this.#budget.opcodes;
    let count = 0;
    let how: RunEnd['how'] | null = null;
    try {
      while (how === null) {
        if (count >= allowed) how = 'limit-opcodes';
        else if (count > 0 && this.#budget.timeIsUp) how = 'limit-time';
        else if (this.#isFull()) how = 'limit-memory';
        const pause = Math.min(allowed, count + opcodesBetweenChecks);
        while (how === null && count < pause) {
          count++;
          const at = seen === undefined ? 0 : this.#window.offset;
          if (this.#step()) how = 'stop';
          if (seen !== undefined && !seen(at, () => this.#shown())) how ??= 'limit-opcodes';
        }
      }
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      how = 'violation';
      this.#log.violation(error.violation);
    }
    this.#budget.opcodes -= count;
    const result = how === 'stop' ? this.#stack[this.#stack.length - 1] : undefined;
    return { how, end: this.#window.offset, opcodes: count, result };
  }

  /** The top of the stack in words, the topmost value last, with `(` where a MARK stands. */
  #shown(): string {
    const from = Math.max(0, this.#stack.length - valuesShown);
    const words: string[] = from > 0 ? ['…'] : [];
    const marks = this.#marks.slice(-valuesShown).filter((mark) => mark >= from);
    for (let index = from; index <= this.#stack.length; index++) {
      for (const mark of marks) if (mark === index) words.push('(');
      if (index < this.#stack.length) words.push(this.#text.short(this.#stack[index]));
    }
    return words.join(' ');
  }

  #isFull(): boolean {
    return this.#stack.length + this.#memo.slots > mostSlots || this.#memo.forgotten;
  }

  /** Executes one opcode symbolically; true at STOP. */
  #step(): boolean {
    const window = this.#window;
    if (window.position >= window.limit && !window.require(1)) {
      throw new StreamError('truncated', window.offset, 'the stream ends without STOP');
    }
    const at = window.base + window.position;
    const opcode = window.buffer[window.position++] as number;
    if (this.#frameEnd >= 0 && at >= this.#frameEnd) this.#frameEnd = -1;
    const stack = this.#stack;
    const args = this.#arguments;
    switch (opcode) {
      case 0x68: // BINGET
        stack.push(this.#recall(args.byte(at), at));
        break;
      case 0x71: // BINPUT
        this.#remember(args.byte(at), at);
        break;
      case 0x94: // MEMOIZE
        this.#remember(this.#memo.size, at);
        break;
      case 0x4b: // BININT1
        stack.push(args.byte(at));
        break;
      case 0x4d: // BININT2
        stack.push(args.uint(2, at));
        break;
      case 0x4a: // BININT
        stack.push(args.uint(4, at) | 0);
        break;
      case 0x8c: // SHORT_BINUNICODE
        this.#pushText(at, args.byte(at));
        break;
      case 0x58: // BINUNICODE
        this.#pushText(at, args.uint(4, at));
        break;
      case 0x8d: // BINUNICODE8
        this.#pushText(at, args.uint8(at));
        break;
      case 0x55: // SHORT_BINSTRING
        this.#pushText(at, args.byte(at));
        break;
      case 0x54: // BINSTRING
        this.#pushText(at, args.signed4(at));
        break;
      case 0x28: // MARK
        this.#marks.push(stack.length);
        break;
      case 0x85: // TUPLE1
        this.#tuple(1, at);
        break;
      case 0x86: // TUPLE2
        this.#tuple(2, at);
        break;
      case 0x87: // TUPLE3
        this.#tuple(3, at);
        break;
      case 0x74: // TUPLE
        this.#collect('tuple', at);
        break;
      case 0x29: // EMPTY_TUPLE
        stack.push(new Sequence('tuple', []));
        break;
      case 0x5d: // EMPTY_LIST
        stack.push(this.#follows() ? new Sequence('list', []) : undefined);
        break;
      case 0x6c: // LIST
        this.#collect('list', at);
        break;
      case 0x7d: // EMPTY_DICT
        // The state of an object is followed in any case: it says how long a raw array is.
        stack.push(this.#follows() || stack[stack.length - 1] instanceof Instance ? new Mapping() : undefined);
        break;
      case 0x64: {
        // DICT
        const from = this.#popMark(at);
        const mapping = this.#follows() ? new Mapping() : undefined;
        this.#collections.set(mapping, stack, from, at);
        this.#cut(from);
        stack.push(mapping);
        break;
      }
      case 0x8f: // EMPTY_SET
        stack.push(this.#follows() ? new Sequence('set', []) : undefined);
        break;
      case 0x91: // FROZENSET
        this.#collect('frozenset', at);
        break;
      case 0x61: {
        // APPEND
        this.#needs(2, at);
        const from = stack.length - 1;
        this.#collections.add(stack[from - 1], stack, from, at);
        this.#cut(from);
        break;
      }
      case 0x65: // APPENDS
      case 0x90: {
        // ADDITEMS
        const from = this.#popMark(at);
        this.#collections.add(this.#below(from, at), stack, from, at);
        this.#cut(from);
        break;
      }
      case 0x73: {
        // SETITEM
        this.#needs(3, at);
        const from = stack.length - 2;
        this.#setItems(stack[from - 1], from, at);
        this.#cut(from);
        break;
      }
      case 0x75: {
        // SETITEMS
        const from = this.#popMark(at);
        this.#setItems(this.#below(from, at), from, at);
        this.#cut(from);
        break;
      }
      case 0x4e: // NONE
        stack.push(null);
        break;
      case 0x88: // NEWTRUE
        stack.push(true);
        break;
      case 0x89: // NEWFALSE
        stack.push(false);
        break;
      case 0x47: // BINFLOAT
        args.payload(8, at);
        stack.push(undefined);
        break;
      case 0x8a: // LONG1
        this.#pushLong(args.byte(at), at);
        break;
      case 0x8b: // LONG4
        this.#pushLong(args.signed4(at), at);
        break;
      case 0x49: // INT
      case 0x4c: // LONG
        stack.push(this.#text.integerLine(args.line(at), opcode === 0x4c) ?? args.badLine(at, 'a number'));
        break;
      case 0x46: // FLOAT
        args.line(at);
        stack.push(undefined);
        break;
      case 0x53: // STRING
      case 0x56: {
        // UNICODE, which has no quotes
        const line = args.line(at);
        const quotes = opcode === 0x53 ? 1 : 0;
        if (line.length >= shortestEncoded) this.#seeText(at, line.start + quotes, line.length - 2 * quotes);
        this.#pushTextAt(at);
        break;
      }
      case 0x43: // SHORT_BINBYTES
        this.#pushBytes(args.byte(at), at);
        break;
      case 0x42: // BINBYTES
        this.#pushBytes(args.uint(4, at), at);
        break;
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        this.#pushBytes(args.uint8(at), at, opcode === 0x96);
        break;
      case 0x97: // NEXT_BUFFER
        stack.push(undefined);
        break;
      case 0x98: // READONLY_BUFFER
        this.#needs(1, at);
        break;
      case 0x30: // POP: on an empty section it takes the mark away
        if (this.#marks.length > 0 && this.#marks[this.#marks.length - 1] === stack.length) this.#marks.pop();
        else this.#pop(at);
        break;
      case 0x31: // POP_MARK
        this.#cut(this.#popMark(at));
        break;
      case 0x32: // DUP
        stack.push(this.#again(this.#top(at)));
        break;
      case 0x67: // GET
        stack.push(this.#recall(args.indexLine(at), at));
        break;
      case 0x6a: // LONG_BINGET
        stack.push(this.#recall(args.uint(4, at), at));
        break;
      case 0x70: // PUT
        this.#remember(args.indexLine(at), at);
        break;
      case 0x72: // LONG_BINPUT
        this.#remember(args.uint(4, at), at);
        break;
      case 0x63: {
        // GLOBAL
        const { module, name } = args.twoLines(at);
        stack.push(this.#log.imports.named(module, name, 'GLOBAL', at, this.#protocol));
        break;
      }
      case 0x93: {
        // STACK_GLOBAL
        this.#needs(2, at);
        const name = stack.pop();
        const module = stack.pop();
        stack.push(this.#stackGlobal(module, name, at));
        break;
      }
      case 0x69: {
        // INST
        const { module, name } = args.twoLines(at);
        const callee = this.#log.imports.named(module, name, 'INST', at, this.#protocol);
        const from = this.#popMark(at);
        const given = new Sequence('tuple', stack, from);
        this.#cut(from);
        stack.push(this.#calls.call(callee, given, at));
        break;
      }
      case 0x6f: {
        // OBJ: the class stands first after the mark
        const from = this.#popMark(at);
        if (stack.length === from && !this.#options.lenient) {
          throw new StreamError('stack-underflow', at, 'OBJ has no class to build');
        }
        const callee = stack[from];
        const given = new Sequence('tuple', stack, Math.min(stack.length, from + 1));
        this.#cut(from);
        stack.push(this.#calls.call(callee, given, at));
        break;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const given = this.#pop(at);
        const callee = this.#pop(at);
        stack.push(this.#calls.call(callee, given, at));
        break;
      }
      case 0x92: {
        // NEWOBJ_EX
        const keywords = this.#pop(at);
        const given = this.#pop(at);
        const callee = this.#pop(at);
        stack.push(this.#calls.call(callee, given, at, keywords));
        break;
      }
      case 0x62: {
        // BUILD
        const state = this.#pop(at);
        const target = this.#top(at);
        this.#build(target, state, at);
        break;
      }
      case 0x82: // EXT1
        stack.push(this.#calls.extension(args.byte(at), 'EXT1', at, this.#protocol));
        break;
      case 0x83: // EXT2
        stack.push(this.#calls.extension(args.uint(2, at), 'EXT2', at, this.#protocol));
        break;
      case 0x84: // EXT4
        stack.push(this.#calls.extension(args.uint(4, at) | 0, 'EXT4', at, this.#protocol));
        break;
      case 0x50: {
        // PERSID
        const line = args.line(at);
        this.#log.persistentId(at, () => this.#text.plainLine(line), this.#options.context !== 'torch');
        stack.push(undefined);
        break;
      }
      case 0x51: {
        // BINPERSID
        const id = this.#pop(at);
        const made = this.#moduleOf(id);
        this.#log.persistentId(at, () => this.#text.render(id), made === undefined && !this.#isStorageId(id));
        stack.push(made === undefined ? undefined : this.#again(made));
        break;
      }
      case 0x80: {
        // PROTO: may be repeated, and then changes how names are looked up
        const version = args.byte(at);
        if (version > 5) throw new StreamError('protocol', at, `declares protocol ${version}, which no Python knows`);
        this.#protocol = version;
        this.#log.protocol(version);
        break;
      }
      case 0x95: {
        // FRAME
        const length = args.uint8(at);
        this.#frame(at, window.offset, length);
        break;
      }
      case 0x2e: // STOP
        if (stack.length === 0 && !this.#options.lenient) {
          throw new StreamError('stack-underflow', at, 'STOP comes with nothing to give back');
        }
        return true;
      default:
        window.position--;
        throw new StreamError('unknown-opcode', at, `0x${opcode.toString(16).padStart(2, '0')} is no pickle opcode`);
    }
    // A frame is read ahead by the newer unpicklers and ignored by the older: an opcode across its end means two things.
    if (this.#frameEnd >= 0 && window.base + window.position > this.#frameEnd && opcode !== 0x95) this.#straddle(at);
    return false;
  }

  // ---- stack and memo --------------------------------------------------------------------------------------------

  get #fence(): number {
    return this.#marks.length > 0 ? (this.#marks[this.#marks.length - 1] as number) : 0;
  }

  #needs(count: number, at: number): void {
    const missing = count - (this.#stack.length - this.#fence);
    if (missing <= 0) return;
    if (!this.#options.lenient)
      throw new StreamError('stack-underflow', at, 'an opcode takes more than the stack holds');
    for (let index = 0; index < missing; index++) this.#stack.splice(this.#fence, 0, undefined);
  }

  #pop(at: number): Value {
    if (this.#stack.length <= this.#fence) this.#needs(1, at);
    return this.#stack.pop();
  }

  #top(at: number): Value {
    if (this.#stack.length <= this.#fence) this.#needs(1, at);
    return this.#stack[this.#stack.length - 1];
  }

  /** Shortens the stack. Popping one by one is several times faster than setting `length`. */
  #cut(from: number): void {
    const stack = this.#stack;
    while (stack.length > from) stack.pop();
  }

  #popMark(at: number): number {
    const from = this.#marks.pop();
    if (from !== undefined) return from;
    if (!this.#options.lenient)
      throw new StreamError('stack-underflow', at, 'an opcode needs a MARK and there is none');
    return 0;
  }

  /** The value under a mark that APPENDS and SETITEMS work on. */
  #below(from: number, at: number): Value {
    if (from === 0 && !this.#options.lenient) {
      throw new StreamError('stack-underflow', at, 'an opcode takes more than the stack holds');
    }
    return from === 0 ? undefined : this.#stack[from - 1];
  }

  #remember(index: number, at: number): void {
    this.#memo.set(index, this.#top(at));
  }

  #recall(index: number, at: number): Value {
    if (this.#memo.has(index) || this.#options.lenient) return this.#again(this.#memo.get(index));
    throw new StreamError('missing-memo', at, `memo entry ${index} was never stored`);
  }

  /** A value that is put on the stack once more. */
  #again(value: Value): Value {
    if (value instanceof Global) this.#log.imports.pushedAgain(value);
    return value;
  }

  // ---- values ----------------------------------------------------------------------------------------------------

  #pushText(at: number, length: number): void {
    const window = this.#window;
    if (length >= shortestEncoded) this.#seeText(at, window.offset, length);
    if (window.position + length <= window.limit) window.position += length;
    else this.#arguments.payload(length, at);
    this.#pushTextAt(at);
  }

  /** A text that may be bytes in other letters is told of. */
  #seeText(opcode: number, offset: number, length: number): void {
    const [first = 0, second = 0] = this.#window.peek(offset, 2);
    if (mayBeEncoded(first, second)) this.#log.encodedText(opcode, offset, length);
  }

  #pushTextAt(at: number): void {
    this.#stack.push(at <= largestTextOffset ? textBase + at : undefined);
  }

  #pushLong(length: number, at: number): void {
    const start = this.#window.offset;
    this.#arguments.payload(length, at);
    this.#stack.push(length <= 6 ? this.#text.signedLittleEndian(start, length) : undefined);
  }

  #pushBytes(length: number, at: number, mutable = false): void {
    const { offset } = this.#window;
    const value = mutable ? new ByteArray(offset, length) : new Bytes(offset, length);
    this.#arguments.payload(length, at);
    this.#log.bytesValue(value);
    this.#stack.push(value);
  }

  #tuple(count: 1 | 2 | 3, at: number): void {
    this.#needs(count, at);
    const from = this.#stack.length - count;
    this.#pushSequence('tuple', from, at);
  }

  #collect(type: Sequence['type'], at: number): void {
    const from = this.#popMark(at);
    this.#pushSequence(type, from, at);
  }

  #pushSequence(type: Sequence['type'], from: number, at: number): void {
    const followed = this.#follows();
    let sequence: Sequence | undefined;
    if (followed || type === 'tuple') {
      sequence = new Sequence(type, this.#stack, from);
      if (!followed) sequence.forgetCollections();
      this.#collections.weigh(sequence.weight, at);
    }
    this.#cut(from);
    this.#stack.push(sequence);
  }

  /** Whether one more collection is followed; counts it. */
  #follows(): boolean {
    return this.#objects++ < mostObjects;
  }

  #setItems(target: Value, from: number, at: number): void {
    const stack = this.#stack;
    // `copyreg._inverted_registry[240] = ('os', 'system')`: a way to register an extension without a call.
    if (target instanceof Global && target.dotted === 'copyreg._inverted_registry')
      this.#calls.register(stack[from + 1], stack[from]);
    this.#collections.set(target, stack, from, at);
  }

  /** The class that PyTorch gives back for `('module', class, source file, source)`, of checkpoints before the ZIP. */
  #moduleOf(id: Value): Global | undefined {
    if (!(id instanceof Sequence) || this.#options.context !== 'torch') return undefined;
    const [tag, made] = id.items;
    return isText(tag) && this.#text.of(tag) === 'module' && made instanceof Global ? made : undefined;
  }

  #isStorageId(id: Value): boolean {
    if (!(id instanceof Sequence) || this.#options.context !== 'torch') return false;
    const tag = id.items[0];
    return isText(tag) && this.#text.of(tag) === 'storage';
  }

  // ---- names and calls -------------------------------------------------------------------------------------------

  #stackGlobal(module: Value, name: Value, at: number): Global {
    const imports = this.#log.imports;
    const known = { module: this.#text.known(module), name: this.#text.known(name) };
    if (isString(module) && isString(name)) {
      const named = imports.named(known.module, known.name, 'STACK_GLOBAL', at, this.#protocol);
      this.#calls.use(module, named);
      this.#calls.use(name, named);
      if (isMade(module) || isMade(name)) imports.assembled(named);
      return named;
    }
    const computed = (value: Value) =>
      value === undefined ||
      value instanceof Instance ||
      value instanceof Global ||
      (isMade(value) && !isString(value));
    const state = computed(module) || computed(name) ? 'computed' : 'malformed';
    return imports.unnamed(known.module, known.name, state, 'STACK_GLOBAL', at);
  }

  #build(target: Value, state: Value, at: number): void {
    if (target instanceof Global) {
      // The "instance" is a class or module itself: BUILD rewrites it for the whole process.
      this.#log.imports.call(target, at, () => `${target.dotted}.__dict__.update(${this.#text.render(state)})`, true);
      this.#log.violation({
        code: 'rewrites-class',
        offset: at,
        message: `the stream rewrites attributes of ${target.dotted} itself`,
      });
      return;
    }
    if (!(target instanceof Instance)) return;
    target.state = state;
    target.builds++;
    if (this.#options.lenient) return;
    const array = rawArrayAfter(target, this.#text);
    if (array === null) return;
    const offset = this.#window.offset;
    // A plain unpickler knows nothing of joblib's raw arrays and would read their bytes as opcodes.
    // It would take the memo of this stream for that of an array of objects, and find anything but names there.
    this.#readAlternative(offset, array !== 'unknown' && array.kind === 'objects');
    if (array === 'unknown') {
      throw new StreamError(
        'raw-array',
        at,
        'an array of joblib does not say how long it is, so what follows cannot be read',
      );
    }
    // joblib closes the frame before the array. Where it is still open, the rest of it would be executed afterwards.
    if (this.#frameEnd > offset) this.#straddle(at);
    this.#frameEnd = -1;
    if (array.kind === 'objects') {
      const depth = (this.#options.depth ?? 0) + 1;
      if (depth > deepestNesting) throw new StreamError('depth', at, 'arrays of objects are nested too deep');
      const inner = new PickleMachine(this.#window.source, this.#log, this.#budget, { ...this.#options, depth });
      const run = inner.run(offset);
      this.#window.seek(run.end);
      if (run.how !== 'stop') throw new StreamError('truncated', offset, 'an array of objects inside does not end');
      return;
    }
    let bytes = array.bytes;
    if (array.padded) bytes += this.#arguments.byte(at);
    this.#arguments.payload(bytes, at);
  }

  /**
   * Reads on from `offset` as another unpickler would, with the stack and memo of this moment. Only what it would call
   * counts, for most of these bytes are no opcodes at all.
   */
  #readAlternative(offset: number, constantOnly = false): void {
    const depth = (this.#options.depth ?? 0) + 1;
    if (this.#options.lenient || depth > deepestNesting) return;
    const log = this.#log.alternative(constantOnly);
    if (log === null) return;
    const options = { ...this.#options, depth, lenient: true };
    const other = new PickleMachine(this.#window.source, log, this.#budget, options, this.#memo.overlay());
    other.#stack = this.#stack.slice(-stackCopied);
    other.#marks = this.#marks
      .map((mark) => mark - (this.#stack.length - other.#stack.length))
      .filter((mark) => mark >= 0);
    other.#protocol = this.#protocol;
    other.#calls = new Calls(log, other.#text, this.#calls);
    other.#go(offset);
  }

  // ---- frames ----------------------------------------------------------------------------------------------------

  #frame(at: number, start: number, length: number): void {
    if (this.#frameEnd >= 0 && at < this.#frameEnd) {
      this.#log.violation({ code: 'frame', offset: at, message: 'a frame begins inside another' });
      this.#readAlternative(this.#frameEnd);
    }
    if (start + length > this.#window.size) {
      // CPython's C unpickler calls this truncated; the Python one reads what is there and executes it.
      this.#log.violation({ code: 'frame', offset: at, message: 'a frame claims more bytes than the file has' });
      this.#frameEnd = -1;
      return;
    }
    this.#frameEnd = start + length;
  }

  #straddle(at: number): void {
    this.#log.violation({ code: 'frame', offset: at, message: 'an opcode runs across the end of its frame' });
    const end = this.#frameEnd;
    this.#frameEnd = -1;
    this.#readAlternative(end);
  }
}
