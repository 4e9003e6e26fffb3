import type { FormatId, PickleFacts, PickleViolation } from '../facts.ts';
import type { ReadContext, Reader } from '../reader.ts';
import { MemorySource, SliceSource } from '../source.ts';
import type { ByteSource } from '../source.ts';
import { ImportLog } from './importLog.ts';
import { PickleMachine } from './machine.ts';
import type { RunEnd } from './machine.ts';
import type { MachineLog } from './machineLog.ts';
import { isPickle, probePickle } from './probe.ts';
import { unescapeUnicode } from './textReader.ts';
import type { Bytes, Global } from './values.ts';

const violationsKept = 100;
/** Other readings that are tried. A joblib file has one for each array; hardly any goes beyond its first byte. */
const alternativesTried = 10_000;
const hiddenTried = 256;
const loadedTried = 4_096;
/** Bytes that are written as text are decoded to be inspected, up to this many. */
const longestEncoded = 64 << 20;
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
  #alternatives = 0;
  #hiddenCut = false;
  /** Bytes that are to be inspected: those that look like a stream, and those that PyTorch is given to load. */
  readonly #hidden = new Map<number, Bytes>();
  readonly #loaded = new Set<number>();
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
    if (value.length < 8 || !this.#looksLoadable(value)) return;
    if (this.#hidden.size < hiddenTried) this.#hidden.set(value.offset, value);
    else this.#tooManyHidden(value.offset);
  }

  bytesArgument(value: Bytes, callee: Global): void {
    if (callee.dotted !== torchBytesLoader || this.#loaded.has(value.offset)) return;
    if (this.#loaded.size >= loadedTried) return this.#tooManyHidden(value.offset);
    this.#loaded.add(value.offset);
    this.#hidden.set(value.offset, value);
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

  alternative(constantOnly: boolean): MachineLog | null {
    if (this.#alternatives >= alternativesTried) {
      if (this.#alternatives++ === alternativesTried) {
        const message = 'it can be read in more ways than are tried';
        this.#context.problem({ code: 'limit-entries', offset: null, message, incomplete: true });
      }
      return null;
    }
    this.#alternatives++;
    return new AlternativeLog(this.imports, constantOnly);
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

  // ---- bytes values ----------------------------------------------------------------------------------------------

  #looksLoadable(value: Bytes): boolean {
    const head = this.#source.read(value.offset, 16).subarray(0, value.length);
    const [a, b, c, d] = value.asText === null ? head : decodeText(head, value.asText);
    if (a === 0x80 && b !== undefined && b <= 5) return true;
    if (a === 0x50 && b === 0x4b && c === 3 && d === 4) return true; // ZIP
    if (a === 0x1f && b === 0x8b) return true; // gzip
    if (a === 0x42 && b === 0x5a && c === 0x68) return true; // bzip2
    if (a === 0xfd && b === 0x37 && c === 0x7a) return true; // xz
    if (a === 0x37 && b === 0x7a && c === 0xbc && d === 0xaf) return true; // 7z
    // Anything else that reads as a pickle which would call something.
    return isPickle(probePickle(this.#content(value)));
  }

  /** The bytes themselves. */
  #content(value: Bytes): ByteSource {
    if (value.asText === null) return new SliceSource(this.#source, value.offset, value.length);
    const text = this.#source.read(value.offset, Math.min(value.length, longestEncoded));
    return new MemorySource(decodeText(text, value.asText));
  }

  #readHidden(facts: PickleFacts): void {
    for (const value of [...this.#hidden.values()].sort((a, b) => a.offset - b.offset)) {
      if (value.asText !== null && value.length > longestEncoded) {
        const message = 'bytes that are written as text are too long to be decoded';
        this.#context.problem({ code: 'limit-expanded-bytes', offset: value.offset, message, incomplete: true });
      }
      const content = this.#content(value);
      const name = `bytes@${value.offset}`;
      if (this.#loaded.has(value.offset)) {
        this.#context.descend(content, name, 'torch-legacy');
        continue;
      }
      if (isPickle(probePickle(content))) {
        const entry = this.#context.entry === '' ? name : `${this.#context.entry}!${name}`;
        facts.hidden.push({ offset: value.offset, length: value.length, entry });
      }
      this.#context.descend(content, name, 'pickle');
    }
  }
}

/** Keeps of another reading what it would call: a name in the stream, or one that is put together of names in it. */
class AlternativeLog implements MachineLog {
  readonly imports: ImportLog;

  constructor(into: ImportLog, constantOnly: boolean) {
    this.imports = new AlternativeImports(into, constantOnly);
  }

  violation(): void {}
  persistentId(): void {}
  bytesValue(): void {}
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
    if (entry.state === 'constant' || (half && !this.#constantOnly)) this.#into.adopt(entry);
  }
}

/** The bytes that a text stands for, one for each character. */
function decodeText(text: Uint8Array, form: 'utf8' | 'line'): Uint8Array {
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const characters = form === 'utf8' ? buffer.toString('utf8') : unescapeUnicode(buffer.toString('latin1'));
  return new Uint8Array(Buffer.from(characters, 'latin1'));
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
