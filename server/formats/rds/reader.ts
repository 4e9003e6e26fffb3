import { ByteInput } from '../compression/byteInput.ts';
import { StreamStop } from '../compression/expansion.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { ByteSource } from '../source.ts';
import type { RdsFacts } from './facts.ts';

/*
 * R's serialization, XDR form, versions 2 and 3. Source: R Internals, 1.8 "Serialization Formats", and
 * src/main/serialize.c, whose numbers these are.
 */

/** Objects inside one another; R itself stops at a few thousand. */
const deepest = 400;
const callsKept = 200;

const names: Record<number, string> = {
  1: 'symbol',
  2: 'pairlist',
  3: 'closure',
  4: 'environment',
  5: 'promise',
  6: 'language',
  10: 'logical',
  13: 'integer',
  14: 'double',
  15: 'complex',
  16: 'character',
  17: '...',
  19: 'list',
  20: 'expression',
  21: 'bytecode',
  22: 'externalptr',
  24: 'raw',
  25: 'S4',
};

/** Items that are nothing but their flags: null, the environments that every session has, missing and unbound. */
const bare = new Set([241, 242, 250, 251, 252, 253, 254, 23]);
const unbound = 252;
/** Bytes of an element of the plain vectors. */
const elementBytes: Record<number, number> = { 10: 4, 13: 4, 14: 8, 15: 16, 24: 1 };

/** Where R's magic begins: `X\n`, behind `RDX2\n` or `RDX3\n` in a file of several objects. */
export function rdsStart(head: Uint8Array): number | null {
  const at = head[0] === 0x52 && head[1] === 0x44 && head[2] === 0x58 && head[4] === 0x0a ? 5 : 0;
  const [magic, line, ...version] = head.subarray(at, at + 6);
  const known = version[0] === 0 && version[1] === 0 && version[2] === 0 && (version[3] === 2 || version[3] === 3);
  return magic === 0x58 && line === 0x0a && known ? at : null;
}

/** Walks all objects, and keeps what can be evaluated. Values are stepped over. */
export const readRds: Reader = (source, context) => {
  const facts: RdsFacts = { kind: 'rds', entry: context.entry, version: 0, objects: {}, code: [], calls: [] };
  context.add(facts);
  const walk = new Walk(source, context, facts);
  try {
    walk.run(rdsStart(source.read(0, 16)) ?? 0);
  } catch (error) {
    if (!(error instanceof StreamStop)) throw error;
    context.problem({ code: error.code, offset: walk.position, message: error.message, incomplete: true });
  }
};

class Walk {
  readonly #source: ByteSource;
  readonly #input: ByteInput;
  readonly #context: ReadContext;
  readonly #facts: RdsFacts;
  /** Symbols by the order of references; other referenced objects are null. */
  readonly #referenced: (string | null)[] = [];
  #items = 0;

  constructor(source: ByteSource, context: ReadContext, facts: RdsFacts) {
    this.#source = source;
    this.#input = new ByteInput(source);
    this.#context = context;
    this.#facts = facts;
  }

  get position(): number {
    return this.#input.position;
  }

  run(start: number): void {
    this.#skip(start + 2);
    this.#facts.version = this.#int();
    this.#skip(8);
    if (this.#facts.version >= 3) this.#skip(this.#int());
    this.#item(0);
  }

  /** Reads one object; gives its type and, of a symbol, its name. */
  #item(depth: number): { type: number; symbol: string | null } {
    if (depth > deepest) throw new StreamStop('limit-depth', `objects are nested deeper than ${deepest}`);
    if (++this.#items % 4096 === 0 && this.#context.budget.timeIsUp)
      throw new StreamStop('limit-time', 'reading it took longer than the limit allows');
    const offset = this.position;
    const flags = this.#int();
    const type = flags & 0xff;
    const name = names[type];
    if (name !== undefined) this.#facts.objects[name] = (this.#facts.objects[name] ?? 0) + 1;
    const result = { type, symbol: null as string | null };
    if (bare.has(type)) return result;
    const attributes = (flags & 0x200) !== 0;
    if (type === 255) {
      const index = flags >>> 8 === 0 ? this.#int() : flags >>> 8;
      result.symbol = this.#referenced[index - 1] ?? null;
    } else if (type === 1) {
      this.#referenced.push((result.symbol = this.#symbol()));
    } else if ([2, 3, 5, 6, 17].includes(type)) this.#pairs(flags, offset, depth);
    else if (type === 4) {
      this.#referenced.push(null);
      this.#skip(4);
      for (let part = 0; part < 4; part++) this.#item(depth + 1);
    } else if (type === 247 || type === 248 || type === 249) {
      this.#referenced.push(null);
      this.#skip(4);
      for (let left = this.#int(); left > 0; left--) this.#item(depth + 1);
    } else if (type === 9) this.#skip(Math.max(0, this.#int()));
    else if (type === 7 || type === 8) this.#skip(this.#int());
    else if (elementBytes[type] !== undefined) this.#skip(this.#length() * elementBytes[type]);
    else if (type === 16 || type === 19 || type === 20) {
      for (let left = this.#length(); left > 0; left--) this.#item(depth + 1);
    } else if (type === 21) {
      this.#found('bytecode', offset);
      throw new StreamStop('unsupported', 'compiled functions of R are not looked into');
    } else if (type === 22) {
      this.#referenced.push(null);
      this.#item(depth + 1);
      this.#item(depth + 1);
    } else if (type === 238) {
      for (let part = 0; part < 3; part++) this.#item(depth + 1);
      return result;
    } else if (type !== 25) throw new StreamStop('malformed', `an object has type ${type}, which does not exist`);
    const behind = attributes && ![2, 3, 5, 6, 17, 4, 9].includes(type);
    if (behind || (type === 9 && attributes)) this.#item(depth + 1);
    return result;
  }

  /** A chain of pairs; its tail is followed without going deeper. */
  #pairs(first: number, start: number, depth: number): void {
    let flags = first;
    let offset = start;
    for (;;) {
      const type = flags & 0xff;
      if (flags & 0x200) this.#item(depth + 1);
      if (flags & 0x400) this.#item(depth + 1);
      const head = this.#item(depth + 1);
      if (type === 6) {
        this.#found('language', offset);
        const { calls } = this.#facts;
        if (head.symbol !== null && calls.length < callsKept && !calls.includes(head.symbol)) calls.push(head.symbol);
      } else if (type === 3) this.#found('closure', offset);
      else if (type === 5) this.#found(head.type === unbound ? 'pending promise' : 'promise', offset);
      const next = this.position;
      const [a, b, c, d] = this.#source.read(next, 4);
      const peeked = d === undefined ? 0 : ((a ?? 0) << 24) | ((b ?? 0) << 16) | ((c ?? 0) << 8) | d;
      if (![2, 3, 5, 6, 17].includes(peeked & 0xff)) {
        this.#item(depth + 1);
        return;
      }
      if (++this.#items % 4096 === 0 && this.#context.budget.timeIsUp)
        throw new StreamStop('limit-time', 'reading it took longer than the limit allows');
      flags = this.#int();
      offset = next;
      const name = names[flags & 0xff] ?? '';
      this.#facts.objects[name] = (this.#facts.objects[name] ?? 0) + 1;
    }
  }

  #symbol(): string {
    this.#int();
    const length = Math.max(0, this.#int());
    const text = new TextDecoder().decode(this.#input.take(Math.min(length, 256)));
    this.#skip(length - Math.min(length, 256));
    return text;
  }

  #found(what: RdsFacts['code'][number]['what'], offset: number): void {
    const known = this.#facts.code.find((each) => each.what === what);
    if (known) known.count++;
    else this.#facts.code.push({ what, offset, count: 1 });
  }

  #length(): number {
    const short = this.#int();
    return short === -1 ? this.#int() * 2 ** 32 + (this.#int() >>> 0) : short;
  }

  #int(): number {
    const input = this.#input;
    return (input.next() << 24) | (input.next() << 16) | (input.next() << 8) | input.next();
  }

  #skip(bytes: number): void {
    if (bytes < 0 || this.position + bytes > this.#source.size)
      throw new StreamStop('truncated', 'an object leads behind the end of the data');
    if (bytes > 0) this.#input.seek(this.position + bytes);
  }
}
