import type { Budget } from '../limits.ts';
import type { PickleFacts } from '../facts.ts';
import type { ByteSource } from '../source.ts';
import { ArgumentReader } from './argumentReader.ts';
import { ByteWindow } from './byteWindow.ts';
import { Calls } from './calls.ts';
import { DataOpcodes, type Reading } from './dataOpcodes.ts';
import { rawArrayAfter } from './joblibArray.ts';
import type { MachineLog } from './machineLog.ts';
import { Memo } from './memo.ts';
import { Stack } from './stack.ts';
import { StreamError } from './streamError.ts';
import { TextReader } from './textReader.ts';
import { Global, Instance, isMade, isText, Mapping, MadeText, Sequence } from './values.ts';
import { isPlainState, isWatched } from './watchedState.ts';
import type { Value } from './values.ts';

/** Slots of stack and memo together, eight bytes each. */
const mostSlots = 8_000_000;
/** Collections that are followed in one stream. Imports are never lost beyond. */
const mostObjects = 100_000;
/** Names of attributes of objects that are kept. */
const mostAttributes = 500_000;
/** Where a frame ends when none is open. */
const noFrame = Infinity;

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

/** Names of what is known by its state: the arrays of joblib, their types, and partials. Of anything else it would only take memory. */
const stateMatters = /(?:^|\.)(?:NumpyArrayWrapper|dtype|_convert_to_stringdtype_kwargs|partial)$/;

const isString = (value: Value) => isText(value) || value instanceof MadeText;

/** Is told of an opcode that has been executed, with a way to see the stack; false ends the run. */
type Seen = (offset: number, stack: () => string) => boolean;

/**
 * Interprets one pickle without executing any of it: it follows the stack, the marks and the memo, so that a name that
 * is put together in pieces is still known, and what would be called is recorded with its arguments.
 *
 * It accepts the union of what CPython's two unpicklers accept (`Modules/_pickle.c`, `Lib/pickle.py`), because what is
 * refused by one may be executed by the other. Memory is bounded by the number of stack and memo slots.
 *
 * The opcodes that only make data are those of `DataOpcodes`; here stand names, calls, frames, and where a stream ends.
 */
export class PickleMachine {
  readonly #window: ByteWindow;
  readonly #log: MachineLog;
  readonly #budget: Budget;
  readonly #options: MachineOptions;
  readonly #text: TextReader;
  readonly #arguments: ArgumentReader;
  readonly #stack: Stack;
  readonly #memo: Memo;
  readonly #calls: Calls;
  readonly #data: DataOpcodes;
  #protocol = 0;
  #attributesKept = 0;
  #frameEnd = noFrame;

  /**
   * @param bytes a source, or a window of one that nobody else moves while this machine runs.
   * @param around the machine whose stream this one reads in another way: it begins with the same stack and memo.
   */
  constructor(
    bytes: ByteSource | ByteWindow,
    log: MachineLog,
    budget: Budget,
    options: MachineOptions,
    around?: PickleMachine,
  ) {
    const lenient = options.lenient === true;
    const window = bytes instanceof ByteWindow ? bytes : new ByteWindow(bytes);
    const text = new TextReader(window.source, window);
    const reading: Reading = {
      window,
      text,
      arguments: new ArgumentReader(window, text, (violation) => log.violation(violation)),
      stack: new Stack(lenient),
      memo: around === undefined ? new Memo(mostObjects) : around.#memo.overlay(),
      calls: new Calls(log, text, around === undefined ? undefined : around.#calls),
    };
    this.#window = window;
    this.#log = log;
    this.#budget = budget;
    this.#options = options;
    this.#text = text;
    this.#arguments = reading.arguments;
    this.#stack = reading.stack;
    this.#memo = reading.memo;
    this.#calls = reading.calls;
    this.#data = new DataOpcodes(log, reading, lenient);
    if (around === undefined) return;
    this.#stack.copy(around.#stack, stackCopied);
    this.#protocol = around.#protocol;
  }

  /** Runs one stream from `start` to its STOP, to its first fatal breach, or to a limit. The memo starts empty. */
  run(start: number, seen?: Seen): RunEnd {
    this.#stack.clear();
    this.#memo.clear();
    this.#protocol = 0;
    this.#frameEnd = noFrame;
    return this.#go(start, seen);
  }

  #go(start: number, seen?: Seen): RunEnd {
    const data = this.#data;
    data.start(mostObjects);
    this.#window.seek(start);
    const allowed = this.#budget.opcodes;
    let how: RunEnd['how'] | null = null;
    try {
      while (how === null) {
        if (data.opcodes >= allowed) how = 'limit-opcodes';
        else if (data.opcodes > 0 && this.#budget.timeIsUp) how = 'limit-time';
        else if (this.#isFull()) how = 'limit-memory';
        const pause = Math.min(allowed, data.opcodes + opcodesBetweenChecks);
        while (how === null && data.opcodes < pause) {
          if (this.#window.offset >= this.#frameEnd) this.#leaveFrame(data.at);
          const at = this.#window.offset;
          if (!data.run(seen === undefined ? pause - data.opcodes : 1, this.#frameEnd) && this.#step()) how = 'stop';
          if (seen !== undefined && !seen(at, () => this.#shown())) how ??= 'limit-opcodes';
        }
      }
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      how = 'violation';
      this.#log.violation(error.violation);
    }
    this.#budget.opcodes -= data.opcodes;
    const { values } = this.#stack;
    const result = how === 'stop' ? values[values.length - 1] : undefined;
    return { how, end: this.#window.offset, opcodes: data.opcodes, result };
  }

  #shown(): string {
    return this.#stack.shown(valuesShown, (value) => this.#text.short(value));
  }

  #isFull(): boolean {
    return this.#stack.slots + this.#memo.slots > mostSlots || this.#memo.forgotten;
  }

  /** Executes one opcode that is not of `DataOpcodes` symbolically; true at STOP. */
  #step(): boolean {
    const window = this.#window;
    const at = window.offset;
    this.#data.opcodes++;
    this.#data.at = at;
    if (!window.require(1)) throw new StreamError('truncated', at, 'the stream ends without STOP');
    const opcode = window.buffer[window.position++] as number;
    const stack = this.#stack;
    const args = this.#arguments;
    switch (opcode) {
      case 0x63: {
        // GLOBAL
        const { module, name } = args.twoLines(at);
        stack.values.push(this.#log.imports.named(module, name, 'GLOBAL', at, this.#protocol));
        break;
      }
      case 0x93: {
        // STACK_GLOBAL
        stack.needs(2, at);
        const name = stack.values.pop();
        const module = stack.values.pop();
        stack.values.push(this.#stackGlobal(module, name, at));
        break;
      }
      case 0x69: {
        // INST
        const { module, name } = args.twoLines(at);
        const callee = this.#log.imports.named(module, name, 'INST', at, this.#protocol);
        const from = stack.popMark(at);
        const given = new Sequence('tuple', stack.values, from);
        stack.cut(from);
        stack.values.push(this.#calls.call(callee, given, at));
        break;
      }
      case 0x6f: {
        // OBJ: the class stands first after the mark
        const { values } = stack;
        const from = stack.popMark(at);
        if (values.length === from && !this.#options.lenient) {
          throw new StreamError('stack-underflow', at, 'OBJ has no class to build');
        }
        const callee = values[from];
        const given = new Sequence('tuple', values, Math.min(values.length, from + 1));
        stack.cut(from);
        values.push(this.#calls.call(callee, given, at));
        break;
      }
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const given = stack.pop(at);
        const callee = stack.pop(at);
        stack.values.push(this.#calls.call(callee, given, at));
        break;
      }
      case 0x92: {
        // NEWOBJ_EX
        const keywords = stack.pop(at);
        const given = stack.pop(at);
        const callee = stack.pop(at);
        stack.values.push(this.#calls.call(callee, given, at, keywords));
        break;
      }
      case 0x62: {
        // BUILD
        const state = stack.pop(at);
        this.#build(stack.top(at), state, at);
        break;
      }
      case 0x82: // EXT1
        stack.values.push(this.#calls.extension(args.byte(at), 'EXT1', at, this.#protocol));
        break;
      case 0x83: // EXT2
        stack.values.push(this.#calls.extension(args.uint(2, at), 'EXT2', at, this.#protocol));
        break;
      case 0x84: // EXT4
        stack.values.push(this.#calls.extension(args.uint(4, at) | 0, 'EXT4', at, this.#protocol));
        break;
      case 0x50: {
        // PERSID
        const line = args.line(at);
        this.#log.persistentId(at, () => this.#text.plainLine(line), this.#options.context !== 'torch');
        stack.values.push(undefined);
        break;
      }
      case 0x51: // BINPERSID
        this.#persistentId(stack.pop(at), at);
        break;
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
        if (stack.values.length === 0 && !this.#options.lenient) {
          throw new StreamError('stack-underflow', at, 'STOP comes with nothing to give back');
        }
        return true;
      default:
        window.position--;
        throw new StreamError('unknown-opcode', at, `0x${opcode.toString(16).padStart(2, '0')} is no pickle opcode`);
    }
    return false;
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

  #persistentId(id: Value, at: number): void {
    const tag = id instanceof Sequence && this.#options.context === 'torch' ? id.items[0] : undefined;
    const kind = isText(tag) ? this.#text.of(tag) : null;
    // What PyTorch gives back for `('module', class, source file, source)`, of checkpoints before the ZIP.
    const made = kind === 'module' && id instanceof Sequence ? id.items[1] : undefined;
    const isModule = made instanceof Global;
    this.#log.persistentId(at, () => this.#text.render(id), !isModule && kind !== 'storage');
    if (isModule) this.#log.imports.pushedAgain(made);
    this.#stack.values.push(isModule ? made : undefined);
  }

  /** What attributes a state sets; null where that is not known, and where too many are kept already. */
  #attributesOf({ callee }: Instance, state: Value): Value[] | null {
    // Its `__setstate__` takes numbers, and sets none.
    if (callee instanceof Global && callee.dotted === 'random.Random' && state instanceof Sequence) return [];
    if (!(state instanceof Mapping) || state.length !== state.pairs.length) return null;
    this.#attributesKept += state.length;
    return this.#attributesKept > mostAttributes ? null : state.pairs.map(([key]) => key);
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
    if (target.callee instanceof Global && stateMatters.test(target.callee.name ?? '')) target.state = state;
    target.attributes = this.#attributesOf(target, state);
    target.builds++;
    if (isWatched(target)) this.#log.imports.built(target.callee, isPlainState(state, this.#text), target.builds === 1);
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
    if (this.#frameEnd !== noFrame && this.#frameEnd > offset) this.#straddle(at);
    this.#frameEnd = noFrame;
    // joblib puts the array in the place of its wrapper: nobody asks for its state any more.
    target.state = undefined;
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
    const alternative = this.#log.alternative(constantOnly);
    if (alternative === null) return;
    const { log, budget } = alternative;
    const options = { ...this.#options, depth, lenient: true };
    new PickleMachine(this.#window.fork(offset), log, budget, options, this).#go(offset);
  }

  // ---- frames ----------------------------------------------------------------------------------------------------

  #frame(at: number, start: number, length: number): void {
    if (this.#frameEnd !== noFrame) {
      this.#log.violation({ code: 'frame', offset: at, message: 'a frame begins inside another' });
      this.#readAlternative(this.#frameEnd);
    }
    if (start + length > this.#window.size) {
      // CPython's C unpickler calls this truncated; the Python one reads what is there and executes it.
      this.#log.violation({ code: 'frame', offset: at, message: 'a frame claims more bytes than the file has' });
      this.#frameEnd = noFrame;
      return;
    }
    this.#frameEnd = start + length;
  }

  /** The frame has ended, with the opcode at `at` or inside of it. */
  #leaveFrame(at: number): void {
    // A frame is read ahead by the newer unpicklers and ignored by the older: an opcode across its end means two things.
    if (this.#window.offset > this.#frameEnd) this.#straddle(at);
    this.#frameEnd = noFrame;
  }

  #straddle(at: number): void {
    this.#log.violation({ code: 'frame', offset: at, message: 'an opcode runs across the end of its frame' });
    const end = this.#frameEnd;
    this.#frameEnd = noFrame;
    this.#readAlternative(end);
  }
}
