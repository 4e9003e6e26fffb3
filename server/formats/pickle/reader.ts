import type { FormatId, PickleFacts, PickleViolation } from '../facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { SliceSource } from '../source.ts';
import type { ByteSource } from '../source.ts';
import { ImportLog } from './importLog.ts';
import { PickleMachine } from './machine.ts';
import type { MachineLog, RunEnd } from './machine.ts';
import { isPickle, probePickle } from './probe.ts';
import type { Bytes } from './values.ts';

const violationsKept = 100;
const alternativesTried = 64;
const hiddenTried = 256;
/** How far behind a stream's end another one is looked for. */
const resyncBytes = 16 << 20;
const resyncTries = 64;

/** Loads bytes with PyTorch's own unpickler: how a tensor is stored in a plain pickle. */
const torchBytesLoader = 'torch.storage._load_from_bytes';

/**
 * Reads a file (or a member, or a bytes value) as pickles, one after another, and whatever is hidden in their bytes.
 * Nothing is executed; see `PickleMachine`.
 */
export const readPickle: Reader = (source, context) => {
  new StreamSequence(source, context).read();
};

class StreamSequence implements MachineLog {
  readonly imports = new ImportLog();
  readonly #source: ByteSource;
  readonly #context: ReadContext;
  readonly #machine: PickleMachine;
  readonly #violations: PickleViolation[] = [];
  readonly #alternatives = new Set<number>();
  readonly #hidden: Bytes[] = [];
  #persistentIds: PickleFacts['persistentIds'] = { count: 0, firstForeign: null };
  #protocol = 0;
  #opcodes = 0;

  constructor(source: ByteSource, context: ReadContext) {
    this.#source = source;
    this.#context = context;
    this.#machine = new PickleMachine(source, this, context.budget, { context: pickleContext(context.parent) });
  }

  read(): void {
    const context = this.#context;
    let next: number | null = 0;
    let streams = 0;
    let end = 0;
    let stopped = false;
    while (next !== null) {
      this.imports.stream = streams;
      const run = this.#machine.run(next);
      streams++;
      this.#opcodes += run.opcodes;
      end = run.end;
      stopped = run.how === 'stop';
      if (this.#limitReached(run)) break;
      next = this.#nextStream(run);
    }
    for (const offset of this.#alternatives) this.#readAlternative(offset);
    if (this.imports.full) {
      context.problem({
        code: 'limit-memory',
        offset: null,
        message: 'it looks up more distinct names than are kept',
        incomplete: true,
      });
    }
    const imports = this.imports.finish();
    const kind = pickleContext(context.parent);
    const joblib = kind === 'plain' && imports.some((entry) => entry.module === 'joblib.numpy_pickle');
    const facts: PickleFacts = {
      kind: 'pickle',
      entry: context.entry,
      context: joblib ? 'joblib' : kind,
      streams,
      protocol: this.#protocol,
      opcodes: this.#opcodes,
      imports,
      importCount: this.imports.lookups,
      persistentIds: this.#persistentIds,
      hidden: [],
      violations: this.#violations,
      stopped,
      end,
    };
    context.add(facts);
    this.#readHidden(facts);
  }

  // ---- MachineLog ------------------------------------------------------------------------------------------------

  violation(violation: PickleViolation): void {
    if (this.#violations.length < violationsKept) this.#violations.push(violation);
  }

  persistentId(offset: number, describe: () => string, foreign: boolean): void {
    this.#persistentIds.count++;
    if (foreign) this.#persistentIds.firstForeign ??= { offset, text: describe() };
  }

  bytesValue(value: Bytes): void {
    if (value.length < 8 || this.#hidden.length >= hiddenTried) return;
    if (this.#looksLoadable(value)) this.#hidden.push(value);
  }

  protocol(version: number): void {
    if (version > this.#protocol) this.#protocol = version;
  }

  alternative(offset: number): void {
    if (this.#alternatives.size < alternativesTried) this.#alternatives.add(offset);
  }

  // ---- streams ---------------------------------------------------------------------------------------------------

  #limitReached(run: RunEnd): boolean {
    if (run.how === 'stop' || run.how === 'violation') return false;
    const what = {
      'limit-opcodes': 'it has more opcodes than the limit allows',
      'limit-time': 'reading it took longer than the limit allows',
      'limit-memory': 'it keeps more values than the limit allows',
    }[run.how];
    this.#context.problem({ code: run.how, offset: run.end, message: what, incomplete: true });
    return true;
  }

  /** Where the next pickle of the file begins, or null. What stands between two is told as a violation. */
  #nextStream(run: RunEnd): number | null {
    const { size } = this.#source;
    if (run.end >= size) return null;
    if (run.how === 'stop') {
      const probe = probePickle(this.#source, run.end);
      if (probe !== null && (probe.prefixed || probe.stopped || probe.calls > 0)) return run.end;
      this.violation({
        code: 'trailing-bytes',
        offset: run.end,
        message: `${size - run.end} bytes follow the end of the stream`,
      });
    }
    return this.#resync(run.end + (run.how === 'stop' ? 0 : 1));
  }

  /** The next place where a stream declares its protocol and makes sense. */
  #resync(from: number): number | null {
    const until = Math.min(this.#source.size, from + resyncBytes);
    let tries = 0;
    for (let start = from; start < until;) {
      const block = this.#source.read(start, Math.min(64 * 1024, until - start)).slice();
      for (let index = block.indexOf(0x80); index >= 0; index = block.indexOf(0x80, index + 1)) {
        const version = block[index + 1] ?? this.#source.read(start + index + 1, 1)[0];
        if (version === undefined || version < 2 || version > 5) continue;
        if (isPickle(probePickle(this.#source, start + index))) return start + index;
        if (++tries >= resyncTries) return null;
      }
      start += block.length;
      if (block.length === 0) break;
    }
    return null;
  }

  /** Another unpickler's view: only names that would be called count, for most of these bytes are no opcodes at all. */
  #readAlternative(offset: number): void {
    const imports = new ImportLog();
    const log: MachineLog = {
      imports,
      violation() {},
      persistentId() {},
      bytesValue() {},
      protocol() {},
      alternative() {},
    };
    const options = { context: pickleContext(this.#context.parent), lenient: true };
    new PickleMachine(this.#source, log, this.#context.budget, options).run(offset);
    for (const entry of imports.finish()) {
      const known = this.imports.imports.some((other) => other.module === entry.module && other.name === entry.name);
      if (entry.state === 'constant' && entry.called && !known) this.imports.imports.push(entry);
    }
  }

  // ---- bytes values ----------------------------------------------------------------------------------------------

  #looksLoadable(value: Bytes): boolean {
    const head = this.#source.read(value.offset, 8);
    const [a, b, c, d] = head;
    if (a === 0x80 && b !== undefined && b <= 5) return true;
    if (a === 0x50 && b === 0x4b && c === 3 && d === 4) return true; // ZIP
    if (a === 0x1f && b === 0x8b) return true; // gzip
    if (a === 0x42 && b === 0x5a && c === 0x68) return true; // bzip2
    if (a === 0xfd && b === 0x37 && c === 0x7a) return true; // xz
    if (a === 0x37 && b === 0x7a && c === 0xbc && d === 0xaf) return true; // 7z
    // Protocols 0 and 1: the first opcode looks up a name or opens a mark.
    return (
      (a === 0x63 || a === 0x28) && isPickle(probePickle(new SliceSource(this.#source, value.offset, value.length)))
    );
  }

  #readHidden(facts: PickleFacts): void {
    for (const value of this.#hidden) {
      const slice = new SliceSource(this.#source, value.offset, value.length);
      const name = `bytes@${value.offset}`;
      if (this.imports.bytesCallees.get(value.offset) === torchBytesLoader) {
        this.#context.descend(slice, name, 'torch-legacy');
        continue;
      }
      if (isPickle(probePickle(slice))) {
        const entry = this.#context.entry === '' ? name : `${this.#context.entry}!${name}`;
        facts.hidden.push({ offset: value.offset, length: value.length, entry });
      }
      this.#context.descend(slice, name, 'pickle');
    }
  }
}

function pickleContext(parent: FormatId | null): PickleFacts['context'] {
  switch (parent) {
    case 'torch-zip':
    case 'torch-legacy':
    case 'torch-tar':
    case 'torchscript':
      return 'torch';
    case 'numpy':
      return 'numpy';
    case 'pickle':
      return 'hidden';
    default:
      return 'plain';
  }
}
