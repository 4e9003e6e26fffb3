import type { MachineLog } from './machineLog.ts';
import { StreamError } from './streamError.ts';
import { emptyTuple, Global, Instance, itemsKept, Mapping, Sequence, weightOf } from './values.ts';
import type { Value } from './values.ts';

/** A stream is called an expansion attack when it stands for a billion values, and ten thousand for each of its bytes. */
const expansionFloor = 1e9;
const expansionPerByte = 1e4;

/** Fills lists, sets and dictionaries, and notices what is none and what stands for far too much. */
export class Collections {
  readonly #log: MachineLog;
  readonly #lenient: boolean;
  #expansionTold = false;

  constructor(log: MachineLog, lenient: boolean) {
    this.#log = log;
    this.#lenient = lenient;
  }

  add(target: Value, stack: readonly Value[], from: number, at: number): void {
    // All empty tuples are one: what is added to it would stay there for the files that follow.
    if (target instanceof Sequence && target !== emptyTuple) {
      for (let index = from; index < stack.length; index++) {
        if (target.items.length < itemsKept) target.items.push(stack[index]);
        target.weight += weightOf(stack[index]);
      }
      target.length += stack.length - from;
      this.weigh(target.weight, at);
    } else if (target instanceof Global) {
      this.#rewrites(target, at);
    } else if (!(target instanceof Instance) && target !== undefined) {
      this.#wrongTarget(at, 'appends to');
    }
  }

  set(target: Value, stack: readonly Value[], from: number, at: number): void {
    if ((stack.length - from) % 2 !== 0 && !this.#lenient) {
      throw new StreamError('stack-underflow', at, 'a dictionary is given a key without a value');
    }
    if (target instanceof Mapping) {
      for (let index = from; index + 1 < stack.length; index += 2) {
        if (target.pairs.length < target.kept) target.pairs.push([stack[index], stack[index + 1]]);
        target.weight += weightOf(stack[index]) + weightOf(stack[index + 1]);
      }
      target.length += (stack.length - from) >> 1;
      this.weigh(target.weight, at);
    } else if (target instanceof Global) {
      this.#rewrites(target, at);
    } else if (
      (!(target instanceof Instance) && target !== undefined) ||
      (target instanceof Instance && target.callee instanceof Global && target.callee.module === 'torch._utils')
    ) {
      this.#wrongTarget(at, 'sets items of');
    }
  }

  /** A dictionary or list of the loading program itself: `copyreg._inverted_registry[240] = ('os', 'system')`. */
  #rewrites(target: Global, at: number): void {
    this.#log.violation({
      code: 'rewrites-class',
      offset: at,
      message: `the stream changes ${target.dotted} itself`,
    });
  }

  /** CVE-2026-24747: PyTorch's restricted unpickler set items on whatever stood there, tensors included. */
  #wrongTarget(at: number, does: string): void {
    this.#log.violation({
      code: 'setitem-target',
      offset: at,
      message: `the stream ${does} a value that is no collection`,
    });
  }

  weigh(weight: number, at: number): void {
    if (weight < expansionFloor || this.#expansionTold || weight < at * expansionPerByte) return;
    this.#expansionTold = true;
    this.#log.violation({
      code: 'expansion',
      offset: at,
      message: 'a few bytes stand for more than a billion values: whatever walks them runs out of time or memory',
    });
  }
}
