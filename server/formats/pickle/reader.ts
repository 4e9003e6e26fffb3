import type { FormatId, PickleFacts, PickleViolation } from '../facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { MemorySource, SliceSource } from '../source.ts';
import type { ByteSource } from '../source.ts';
import type { Budget } from '../limits.ts';
import { Allowance } from './allowance.ts';
import { ByteWindow } from './byteWindow.ts';
import { decodedText, longestEncodedText, mayBeEncoded, shortestEncoded } from './encodedText.ts';
import { mayHoldPickle } from './hiddenBytes.ts';
import { ImportLog } from './importLog.ts';
import { PickleMachine } from './machine.ts';
import type { RunEnd } from './machine.ts';
import type { Alternative, MachineLog } from './machineLog.ts';
import { isPickle, isPrefix, probePickle } from './probe.ts';
import { decodeText } from './textReader.ts';
import { MadeBytes, type Bytes, type Global } from './values.ts';

const violationsKept = 100;
/** Other readings that are tried. A joblib file has one for each array; hardly any goes beyond its first byte. */
const alternativesTried = 10_000;
/** Opcodes of all of them together: each may go on to the end of the file. */
const alternativeOpcodes = 2_000_000;
/** Broken streams behind which another one is looked for. */
const brokenTried = 10_000;
const hiddenTried = 256;
const loadedTried = 4_096;
/** Bytes that are written as text are decoded to be inspected, up to this many. */
const longestEncoded = 64 << 20;
/** How far behind a stream's end another one is looked for. */
const resyncBytes = 16 << 20;
const resyncTries = 64;
/** Bytes that are searched at first, and then more and more: of many broken streams the next one is near. */
const resyncLookedAt = 256;

/** Packages whose functions take bytes for what they are, and load none of them but where they are loaders. */
const builders =
  /^(?:builtins|_codecs|codecs|copyreg|collections|datetime|decimal|uuid|io|_io|operator|numpy|torch|pandas)\./;

/**
 * Functions that load what they are given as bytes or as a file in memory, and what its bytes are then read as: a
 * checkpoint, as PyTorch's own unpickler reads the tensors in a plain pickle, or what joblib and others recognise.
 */
const loaders: Readonly<Record<string, Purpose>> = {
  'torch.storage._load_from_bytes': 'torch-legacy',
  'torch.load': 'torch-legacy',
  'torch.serialization.load': 'torch-legacy',
  'torch.jit.load': 'torch-legacy',
  'torch.jit._serialization.load': 'torch-legacy',
  'pickle.loads': 'joblib',
  'pickle.load': 'joblib',
  'pickle._loads': 'joblib',
  'pickle._load': 'joblib',
  'pickle.Unpickler': 'joblib',
  'pickle._Unpickler': 'joblib',
  '_pickle.loads': 'joblib',
  '_pickle.load': 'joblib',
  '_pickle.Unpickler': 'joblib',
  'cPickle.loads': 'joblib',
  'cPickle.load': 'joblib',
  'pickle5.loads': 'joblib',
  'dill.loads': 'joblib',
  'dill.load': 'joblib',
  'dill._dill.loads': 'joblib',
  'dill._dill.load': 'joblib',
  'cloudpickle.loads': 'joblib',
  'cloudpickle.load': 'joblib',
  'cloudpickle.cloudpickle.loads': 'joblib',
  'joblib.load': 'joblib',
  'joblib.numpy_pickle.load': 'joblib',
  'pandas.read_pickle': 'joblib',
  'pandas.io.pickle.read_pickle': 'joblib',
  'numpy.load': 'joblib',
  'numpy.lib.npyio.load': 'joblib',
  'numpy.lib._npyio_impl.load': 'joblib',
};

/**
 * Reads a file (or a member, or a bytes value) as pickles, one after another, and whatever is hidden in their bytes.
 * Nothing is executed; see `PickleMachine`.
 */
export const readPickle: Reader = (source, context) => {
  new StreamSequence(source, context).read();
};

/** What becomes of bytes inside: nothing that is known, some function gets them, or a loader reads them. */
type Purpose = 'hidden' | 'given' | 'torch-legacy' | 'joblib';

class StreamSequence implements MachineLog {
  readonly imports = new ImportLog();
  readonly #source: ByteSource;
  readonly #context: ReadContext;
  readonly #machine: PickleMachine;
  /** For looks at what may follow. */
  readonly #ahead: ByteWindow;
  readonly #violations: PickleViolation[] = [];
  #alternatives = 0;
  readonly #alternativeBudget: Budget;
  #broken = 0;
  #hiddenCut = false;
  /** Bytes that are to be inspected: those that look like a stream, and those that PyTorch is given to load. */
  readonly #inside = new Map<string, { value: Bytes; as: Purpose }>();
  /** Several calls at one opcode (`map`) can make bytes: they are told apart. */
  readonly #madeNames = new Map<MadeBytes, string>();
  #loadedCount = 0;
  readonly allowance: Allowance;
  #persistentIds: PickleFacts['persistentIds'] = { count: 0, firstForeign: null };
  #protocol = 0;
  #opcodes = 0;

  constructor(source: ByteSource, context: ReadContext) {
    this.#source = source;
    this.#context = context;
    this.#ahead = new ByteWindow(source);
    this.#alternativeBudget = context.budget.forOpcodes(Math.min(alternativeOpcodes, context.budget.opcodes));
    this.allowance = new Allowance(context.budget, (limit) => context.problem({ ...limit, incomplete: true }));
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
    this.#tellAlternatives();
    if (this.imports.full) {
      context.problem({
        code: 'limit-imports',
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
    if (value.length < 8) return;
    const content = this.#content(value);
    const [first = 0, second = 0] = content.read(0, 2);
    if (value.length >= shortestEncoded && mayBeEncoded(first, second)) this.#addDecoded(value.offset, content);
    if (mayHoldPickle(content)) this.#addHidden(value);
  }

  encodedText(opcode: number, offset: number, length: number): void {
    this.#addDecoded(opcode, new SliceSource(this.#source, offset, length));
  }

  workedUp(value: Bytes | number): void {
    const name = typeof value === 'number' ? `bytes@${value}` : this.#nameOf(value);
    const as = this.#inside.get(name)?.as;
    if (as === 'hidden' || as === 'given') this.#inside.delete(name);
  }

  /** Bytes that stand in the letters of base64 or of hexadecimal digits, when there is a pickle in them. */
  #addDecoded(offset: number, text: ByteSource): void {
    if (this.#hiddenCut) return;
    const decoded = decodedText(text.read(0, Math.min(text.size, longestEncodedText)));
    if (decoded !== null && decoded.length >= 8 && mayHoldPickle(new MemorySource(decoded)))
      this.#addHidden(new MadeBytes(offset, decoded, []));
  }

  #addHidden(value: Bytes): void {
    const name = this.#nameOf(value);
    if (this.#inside.has(name)) return;
    if (this.#inside.size - this.#loadedCount < hiddenTried) this.#inside.set(name, { value, as: 'hidden' });
    else this.#tooManyHidden(value.offset);
  }

  bytesArgument(value: Bytes, callee: Global): void {
    const name = this.#nameOf(value);
    const known = this.#inside.get(name);
    if (!Object.hasOwn(loaders, callee.dotted)) {
      // Whatever else is handed a pickle may load it.
      if (known?.as === 'hidden' && !builders.test(callee.dotted)) known.as = 'given';
      return;
    }
    if (known !== undefined && known.as !== 'hidden' && known.as !== 'given') return;
    if (this.#loadedCount >= loadedTried) return this.#tooManyHidden(value.offset);
    this.#loadedCount++;
    this.#inside.set(name, { value, as: loaders[callee.dotted] as Purpose });
  }

  #nameOf(value: Bytes): string {
    if (!(value instanceof MadeBytes)) return `bytes@${value.offset}`;
    const known = this.#madeNames.get(value);
    if (known !== undefined) return known;
    let name = `bytes@${value.offset}`;
    for (let number = 2; this.#inside.has(name); number++) name = `bytes@${value.offset}.${number}`;
    this.#madeNames.set(value, name);
    return name;
  }

  #tooManyHidden(offset: number): void {
    if (this.#hiddenCut) return;
    this.#hiddenCut = true;
    const message = 'it holds more pickles in bytes values than are looked at';
    this.#context.problem({ code: 'limit-entries', offset, message, incomplete: true });
  }

  protocol(version: number): void {
    if (version > this.#protocol) this.#protocol = version;
  }

  alternative(constantOnly: boolean): Alternative | null {
    if (this.#alternatives++ >= alternativesTried || this.#alternativeBudget.opcodes <= 0) return null;
    return { log: new AlternativeLog(this.imports, constantOnly, this.allowance), budget: this.#alternativeBudget };
  }

  #tellAlternatives(): void {
    if (this.#alternatives <= alternativesTried && this.#alternativeBudget.opcodes > 0) return;
    const message = 'it can be read in more ways than are tried';
    this.#context.problem({ code: 'limit-entries', offset: null, message, incomplete: true });
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
      const [first, second] = this.#ahead.ahead(run.end, 2);
      if (isPrefix(first, second)) return run.end;
      const probe = probePickle(this.#source, run.end, this.#ahead);
      if (probe !== null && (probe.stopped || probe.calls > 0)) return run.end;
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
    if (this.#broken++ >= brokenTried) {
      const message = `behind ${brokenTried} broken streams no more are looked for`;
      this.#context.problem({ code: 'limit-entries', offset: from, message, incomplete: true });
      return null;
    }
    const until = Math.min(this.#source.size, from + resyncBytes);
    let tries = 0;
    let length = resyncLookedAt;
    for (let start = from; start < until; length = Math.min(64 * 1024, length * 4)) {
      const block = this.#source.read(start, Math.min(length, until - start)).slice();
      for (let index = block.indexOf(0x80); index >= 0; index = block.indexOf(0x80, index + 1)) {
        const version = block[index + 1] ?? this.#source.read(start + index + 1, 1)[0];
        if (version === undefined || version < 2 || version > 5) continue;
        if (isPickle(probePickle(this.#source, start + index, this.#ahead))) return start + index;
        if (++tries >= resyncTries) return null;
      }
      start += block.length;
      if (block.length === 0) break;
    }
    return null;
  }

  // ---- bytes values ----------------------------------------------------------------------------------------------

  /** The bytes themselves. */
  #content(value: Bytes): ByteSource {
    if (value instanceof MadeBytes) return new MemorySource(value.content);
    if (value.asText === null) return new SliceSource(this.#source, value.offset, value.length);
    const text = this.#source.read(value.offset, Math.min(value.length, longestEncoded));
    return new MemorySource(decodeText(text, value.asText));
  }

  #readHidden(facts: PickleFacts): void {
    const inside = [...this.#inside].sort(([, a], [, b]) => a.value.offset - b.value.offset);
    for (const [name, { value, as }] of inside) {
      if (value.asText !== null && value.length > longestEncoded) {
        const message = 'bytes that are written as text are too long to be decoded';
        this.#context.problem({ code: 'limit-expanded-bytes', offset: value.offset, message, incomplete: true });
      }
      const content = this.#content(value);
      if ((as === 'hidden' || as === 'given') && isPickle(probePickle(content))) {
        const entry = this.#context.entry === '' ? name : `${this.#context.entry}!${name}`;
        facts.hidden.push({ offset: value.offset, length: value.length, entry });
      }
      this.#context.descend(content, name, as === 'hidden' ? 'pickle' : as === 'given' ? 'zip' : as);
    }
  }
}

/** Keeps of another reading what it would call: a name in the stream, or one that is put together of names in it. */
class AlternativeLog implements MachineLog {
  readonly imports: ImportLog;
  readonly allowance: Allowance;

  constructor(into: ImportLog, constantOnly: boolean, allowance: Allowance) {
    this.allowance = allowance;
    this.imports = new AlternativeImports(into, constantOnly);
  }

  violation(): void {}
  persistentId(): void {}
  bytesValue(): void {}
  encodedText(): void {}
  workedUp(): void {}
  bytesArgument(): void {}
  protocol(): void {}
  alternative(): null {
    return null;
  }
}

class AlternativeImports extends ImportLog {
  readonly #into: ImportLog;
  readonly #constantOnly: boolean;

  constructor(into: ImportLog, constantOnly: boolean) {
    super();
    this.#into = into;
    this.#constantOnly = constantOnly;
    this.stream = into.stream;
  }

  override call(callee: Global, offset: number, describe: () => string, withArguments: boolean): void {
    super.call(callee, offset, describe, withArguments);
    const entry = this.imports[callee.importIndex];
    if (entry === undefined) return;
    // Bytes that are no opcodes make calls of nothing by chance; a call of something named is none.
    const half = entry.state === 'computed' && (entry.module ?? entry.name) !== null;
    if (this.#constantOnly) entry.byChance = null;
    if (entry.state === 'constant' || (half && !this.#constantOnly)) this.#into.adopt(entry);
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
