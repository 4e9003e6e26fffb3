import { opcodeByByte } from '../pickle/opcodes.ts';
import type { ByteSource } from '../source.ts';
import type { MachineLimits } from './machineLimits.ts';
import { measurePickle } from './pickleExtent.ts';
import { callGlobal, describeCall } from './rebuild.ts';
import type { Refusal } from './refusal.ts';
import { TensorOperands } from './tensorOperands.ts';
import { emptyTuple, type DictValue, type GlobalValue, type InertValue, type Value } from './values.ts';

/** Turns a persistent id into a value (a storage). */
export type PersistentLoad = (id: Value, offset: number) => Value;

export interface MachineResult {
  value: Value;
  /** Offset past STOP. */
  end: number;
}

/** More items than a pickler ever leaves on the stack: it writes lists and dictionaries in batches of 1000. */
const highestStack = 1 << 20;

/**
 * Reads the pickle at `start` as plain values and tensors.
 *
 * A machine for the opcodes that `torch.save` writes (protocols 2 to 5), and no others. A global is a name and nothing
 * more; a call of anything but the few rebuild functions that are understood gives an inert value.
 * @throws {Refusal} for any other opcode, a broken stream, a rebuild call with arguments of the wrong form, or a limit.
 */
export function runTensorMachine(
  source: ByteSource,
  start: number,
  limits: MachineLimits,
  persistentLoad: PersistentLoad,
): MachineResult {
  const { fetched } = measurePickle(source, start, limits);
  return new TensorMachine(source, start, limits, persistentLoad, fetched).run();
}

class TensorMachine {
  readonly #operands: TensorOperands;
  readonly #limits: MachineLimits;
  readonly #persistentLoad: PersistentLoad;
  readonly #fetched: Set<number>;
  readonly #globals = new Map<string, GlobalValue>();
  readonly #memo = new Map<number, Value>();
  #memoCount = 0;
  readonly #stack: Value[] = [];
  readonly #marks: number[] = [];
  #opcodes = 0;

  constructor(
    source: ByteSource,
    start: number,
    limits: MachineLimits,
    persistentLoad: PersistentLoad,
    fetched: Set<number>,
  ) {
    this.#operands = new TensorOperands(source, start, limits.memory);
    this.#limits = limits;
    this.#persistentLoad = persistentLoad;
    this.#fetched = fetched;
  }

  run(): MachineResult {
    for (;;) {
      this.#operands.begin();
      if ((++this.#opcodes & 0xffff) === 0 && this.#limits.timeIsUp?.()) {
        throw this.#operands.refuse('the time limit was reached');
      }
      const code = this.#operands.unsigned(1);
      if (code === 0x2e) return this.#stop();
      this.#step(code);
    }
  }

  #step(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        if (this.#operands.unsigned(1) > 5) throw this.#operands.refuse('the protocol is higher than 5');
        return;
      case 0x95: // FRAME
        this.#operands.unsigned(8);
        return;
      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(this.#operands.unsigned(4) | 0);
      case 0x4b: // BININT1
        return this.#push(this.#operands.unsigned(1));
      case 0x4d: // BININT2
        return this.#push(this.#operands.unsigned(2));
      case 0x8a: // LONG1
        return this.#push(this.#operands.long(this.#operands.unsigned(1)));
      case 0x47: // BINFLOAT
        return this.#push(this.#operands.float());
      case 0x58: // BINUNICODE
        return this.#push(this.#operands.text(this.#operands.unsigned(4)));
      case 0x8c: // SHORT_BINUNICODE
        return this.#push(this.#operands.text(this.#operands.unsigned(1)));
      case 0x8d: // BINUNICODE8
        return this.#push(this.#operands.text(this.#operands.unsigned(8)));
      case 0x55: // SHORT_BINSTRING, Python 2
        return this.#push(this.#operands.byteString(this.#operands.unsigned(1)));
      case 0x54: // BINSTRING, Python 2
        return this.#push(this.#operands.byteString(this.#operands.unsigned(4)));
      case 0x43: // SHORT_BINBYTES
        return this.#push(this.#operands.bytes(this.#operands.unsigned(1)));
      case 0x42: // BINBYTES
        return this.#push(this.#operands.bytes(this.#operands.unsigned(4)));
      case 0x8e: // BINBYTES8
        return this.#push(this.#operands.bytes(this.#operands.unsigned(8)));
      case 0x28: // MARK
        if (this.#marks.length >= highestStack) throw this.#operands.refuse('the pickle stack is too high');
        this.#marks.push(this.#stack.length);
        return;
      case 0x29: // EMPTY_TUPLE
        return this.#push(emptyTuple);
      case 0x5d: // EMPTY_LIST
        this.#operands.spend(48);
        return this.#push({ kind: 'list', items: [] });
      case 0x7d: // EMPTY_DICT
        this.#operands.spend(48);
        return this.#push({ kind: 'dict', entries: null });
      case 0x8f: // EMPTY_SET
        this.#operands.spend(32);
        return this.#push({ kind: 'set', count: 0 });
      case 0x85: // TUPLE1
        return this.#tuple(this.#take(1));
      case 0x86: // TUPLE2
        return this.#tuple(this.#take(2));
      case 0x87: // TUPLE3
        return this.#tuple(this.#take(3));
      case 0x74: // TUPLE
        return this.#tuple(this.#takeToMark());
      case 0x61: // APPEND
        return this.#append(this.#take(1));
      case 0x65: // APPENDS
        return this.#append(this.#takeToMark());
      case 0x73: // SETITEM
        return this.#setItems(this.#take(2));
      case 0x75: // SETITEMS
        return this.#setItems(this.#takeToMark());
      case 0x90: // ADDITEMS
        return this.#addItems(this.#takeToMark());
      case 0x71: // BINPUT
        return this.#put(this.#operands.unsigned(1));
      case 0x72: // LONG_BINPUT
        return this.#put(this.#operands.unsigned(4));
      case 0x94: // MEMOIZE
        return this.#put(this.#memoCount);
      case 0x68: // BINGET
        return this.#get(this.#operands.unsigned(1));
      case 0x6a: // LONG_BINGET
        return this.#get(this.#operands.unsigned(4));
      case 0x63: // GLOBAL
        return this.#push(this.#global(this.#operands.line(), this.#operands.line()));
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.#take(2);
        if (typeof module !== 'string' || typeof name !== 'string') {
          throw this.#operands.refuse('STACK_GLOBAL does not find two texts on the stack');
        }
        return this.#push(this.#global(module, name));
      }
      case 0x52: {
        // REDUCE
        const [callable, args] = this.#take(2);
        return this.#reduce(callable!, args!);
      }
      case 0x81: {
        // NEWOBJ
        const [cls] = this.#take(2);
        return this.#push(this.#object(cls!));
      }
      case 0x62: // BUILD
        return this.#build();
      case 0x51: // BINPERSID
        this.#operands.spend(96);
        return this.#push(this.#persistentLoad(this.#take(1)[0]!, this.#operands.at));
      default: {
        const name = opcodeByByte[code]?.name ?? `0x${code.toString(16).padStart(2, '0')}`;
        throw this.#operands.refuse(`the pickle uses ${name}, which PyTorch does not write`);
      }
    }
  }

  #stop(): MachineResult {
    if (this.#stack.length !== 1 || this.#marks.length > 0) {
      throw this.#operands.refuse('the pickle does not end with exactly one value on its stack');
    }
    return { value: this.#stack[0]!, end: this.#operands.offset };
  }

  // ---- building ----

  #reduce(callable: Value, args: Value): void {
    this.#operands.spend(128);
    if (callable === null || typeof callable !== 'object' || callable.kind !== 'global') {
      this.#push({ kind: 'inert', what: 'would call a computed value', name: null, offset: this.#operands.at });
      return;
    }
    if (args === null || typeof args !== 'object' || args.kind !== 'tuple') {
      this.#push(this.#inertCall(callable, args));
      return;
    }
    this.#push(callGlobal(callable, args.items, this.#operands.at) ?? this.#inertCall(callable, args));
  }

  #inertCall(callable: GlobalValue, args: Value): InertValue {
    const name = `${callable.module}.${callable.name}`;
    return { kind: 'inert', what: `would run ${describeCall(name, args)}`, name, offset: this.#operands.at };
  }

  #object(cls: Value): InertValue {
    this.#operands.spend(96);
    let name: string | null = null;
    if (cls !== null && typeof cls === 'object') {
      if (cls.kind === 'global') name = `${cls.module}.${cls.name}`;
      else if (cls.kind === 'inert') name = cls.name;
    }
    return { kind: 'inert', what: `is an object of ${name ?? 'a computed class'}`, name, offset: this.#operands.at };
  }

  #build(): void {
    const [target, state] = this.#take(2);
    if (target !== null && typeof target === 'object') {
      // An OrderedDict's attributes: `_metadata`, the version of each module. A state_dict means the same without.
      if (target.kind === 'dict' && state !== null && typeof state === 'object' && state.kind === 'dict') {
        return this.#push(target);
      }
      if (target.kind === 'inert') return this.#push(target);
    }
    throw this.#operands.refuse('BUILD sets the state of a value that has none in a checkpoint');
  }

  #append(items: Value[]): void {
    const target = this.#top();
    if (target !== null && typeof target === 'object') {
      if (target.kind === 'inert') return;
      if (target.kind === 'list') {
        this.#operands.spend(8 * items.length);
        for (const item of items) target.items.push(item);
        return;
      }
    }
    throw this.#operands.refuse('the pickle appends to what is not a list');
  }

  #addItems(items: Value[]): void {
    const target = this.#top();
    if (target === null || typeof target !== 'object' || (target.kind !== 'set' && target.kind !== 'inert')) {
      throw this.#operands.refuse('the pickle adds to what is not a set');
    }
    if (target.kind === 'set') target.count += items.length;
  }

  #setItems(items: Value[]): void {
    const target = this.#top();
    if (items.length % 2 !== 0) throw this.#operands.refuse('a key has no value');
    if (target !== null && typeof target === 'object') {
      if (target.kind === 'inert') return;
      if (target.kind === 'dict') return this.#fillDict(target, items);
    }
    throw this.#operands.refuse('the pickle sets an item of what is not a dictionary');
  }

  #fillDict(target: DictValue, items: Value[]): void {
    this.#operands.spend(32 * items.length);
    target.entries ??= new Map();
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index]!;
      if (key !== null && typeof key === 'object' && ['list', 'dict', 'set'].includes(key.kind)) {
        throw this.#operands.refuse('a dictionary key is not hashable');
      }
      // Python's True equals 1.
      target.entries.set(typeof key === 'boolean' ? Number(key) : key, items[index + 1]!);
    }
  }

  #tuple(items: Value[]): void {
    this.#operands.spend(48 + 8 * items.length);
    this.#push({ kind: 'tuple', items });
  }

  #global(module: string, name: string): GlobalValue {
    const key = `${module}\n${name}`;
    const known = this.#globals.get(key);
    if (known) return known;
    this.#operands.spend(200 + 4 * key.length);
    const made: GlobalValue = { kind: 'global', module, name, offset: this.#operands.at };
    this.#globals.set(key, made);
    return made;
  }

  // ---- stack and memo ----

  #push(value: Value): void {
    if (this.#stack.length >= highestStack) throw this.#operands.refuse('the pickle stack is too high');
    this.#stack.push(value);
  }

  #top(): Value {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#underflow();
    return this.#stack.at(-1)!;
  }

  #take(count: number): Value[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) throw this.#underflow();
    return this.#stack.splice(this.#stack.length - count, count);
  }

  #takeToMark(): Value[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#operands.refuse('the pickle goes back to a mark that it did not set');
    return this.#stack.splice(mark);
  }

  #put(slot: number): void {
    this.#memoCount++;
    if (!this.#fetched.has(slot)) {
      this.#top();
      return;
    }
    this.#operands.spend(24);
    this.#memo.set(slot, this.#top());
  }

  #get(slot: number): void {
    const value = this.#memo.get(slot);
    if (value === undefined) throw this.#operands.refuse(`the pickle reads memo slot ${slot}, which it never wrote`);
    this.#push(value);
  }

  #underflow(): Refusal {
    return this.#operands.refuse('the pickle takes a value from an empty stack');
  }
}
