import type { ReadContext, Reader } from '../reader.ts';
import { SliceSource, type ByteSource } from '../source.ts';
import { readTar } from '../tar/reader.ts';
import { scanMachineLimits, type MachineLimits } from './machineLimits.ts';
import { measurePickle } from './pickleExtent.ts';
import { isKind, storageClass } from './rebuild.ts';
import { Refusal } from './refusal.ts';
import { runTensorMachine } from './tensorMachine.ts';
import { refusedFacts } from './torchFacts.ts';
import type { Value } from './values.ts';

/**
 * Reads a PyTorch 0.1.1 file: a tar archive whose members `storages` and `tensors` are pickles with raw bytes between
 * them, and whose members `sys_info` and `pickle` are pickles (torch/serialization.py, `legacy_load`).
 */
export const readTorchTar: Reader = (source, context) => {
  const inner: ReadContext = {
    entry: context.entry,
    name: context.name,
    depth: context.depth,
    parent: context.parent,
    budget: context.budget,
    add: (part) => context.add(part),
    problem: (problem) => context.problem(problem),
    descend(child, name, parent) {
      const member = name.replace(/^\.\//, '');
      const read = member === 'storages' ? storagesMember : member === 'tensors' ? tensorsMember : null;
      if (read) splitMember(child, name, context, read);
      else context.descend(child, name, member === 'pickle' || member === 'sys_info' ? 'torch-tar' : parent);
    },
  };
  readTar(source, inner);
  context.add(
    refusedFacts('it was written by PyTorch 0.1.1; save it again with a newer PyTorch first', 'tar', context.entry),
  );
};

/** Hands on the pickles of a member one after another, and steps over the raw bytes between them. */
class MemberCursor {
  readonly source: ByteSource;
  at = 0;
  readonly #limits: MachineLimits;
  readonly #found: (start: number, end: number) => void;

  constructor(source: ByteSource, limits: MachineLimits, found: (start: number, end: number) => void) {
    this.source = source;
    this.#limits = limits;
    this.#found = found;
  }

  /** The next pickle: first inspected as any other, then read as a value. */
  pickle(): Value {
    const start = this.at;
    this.at = measurePickle(this.source, start, this.#limits).end;
    this.#found(start, this.at);
    return runTensorMachine(this.source, start, this.#limits, (_id, offset) => {
      throw new Refusal('a persistent id stands where none belongs', offset);
    }).value;
  }

  count(): number {
    const value = this.pickle();
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    throw new Refusal('a count is no whole number', this.at);
  }

  integer(bytes: 4 | 8): number {
    const view = this.source.read(this.at, bytes);
    if (view.length < bytes) throw new Refusal('the member ends too early', this.at);
    this.at += bytes;
    const data = new DataView(view.buffer, view.byteOffset, bytes);
    return bytes === 4 ? data.getInt32(0, true) : Number(data.getBigInt64(0, true));
  }

  skip(bytes: number): void {
    if (!(bytes >= 0 && bytes <= this.source.size - this.at)) throw new Refusal('the member ends too early', this.at);
    this.at += bytes;
  }
}

function splitMember(
  source: ByteSource,
  name: string,
  context: ReadContext,
  read: (cursor: MemberCursor) => void,
): void {
  let index = 0;
  const hand = (start: number, end: number): void =>
    context.descend(new SliceSource(source, start, end - start), `${name}/${index++}`, 'torch-tar');
  const cursor = new MemberCursor(source, scanMachineLimits(context.budget), hand);
  try {
    read(cursor);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  // What could not be told apart, and what stands after the last pickle, is looked at as it is.
  if (cursor.at < source.size) hand(cursor.at, source.size);
}

/** A count; for each storage its (key, location, class), its length and its bytes; the list of views. */
function storagesMember(cursor: MemberCursor): void {
  for (let left = cursor.count(); left > 0; left--) {
    const id = cursor.pickle();
    const type = isKind(id, 'tuple') ? storageClass(id.items[2]) : undefined;
    if (!type) throw new Refusal("a storage's class is not one of PyTorch's", cursor.at);
    cursor.skip(cursor.integer(8) * type.bytes);
  }
  cursor.pickle();
}

/** A count; for each tensor its (key, storage, type), its dimensions, sizes, strides and offset. */
function tensorsMember(cursor: MemberCursor): void {
  for (let left = cursor.count(); left > 0; left--) {
    cursor.pickle();
    const dimensions = cursor.integer(4);
    cursor.skip(4 + 16 * dimensions + 8);
  }
}
