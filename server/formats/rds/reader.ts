import { StreamStop } from '../compression/expansion.ts';
import type { ReadContext, Reader } from '../reader.ts';
import type { RdsFacts } from './facts.ts';
import { RdsInput, rdsStart } from './input.ts';

/*
 * R's serialization, versions 2 and 3. Source: R Internals, 1.8 "Serialization Formats", and src/main/serialize.c, whose
 * numbers these are.
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

/** Walks all objects, and keeps what can be evaluated. Values are stepped over. */
export const readRds: Reader = (source, context) => {
  const facts: RdsFacts = { kind: 'rds', entry: context.entry, version: 0, objects: {}, code: [], calls: [] };
  context.add(facts);
  const start = rdsStart(source.read(0, 64)) ?? { form: 'big', at: 2 };
  const walk = new Walk(new RdsInput(source, start, context.budget), context, facts);
  try {
    walk.run();
  } catch (error) {
    if (!(error instanceof StreamStop)) throw error;
    const message = error.code === 'truncated' ? 'the data ends inside an object' : error.message;
    context.problem({ code: error.code, offset: walk.position, message, incomplete: true });
  }
};

class Walk {
  readonly #input: RdsInput;
  readonly #context: ReadContext;
  readonly #facts: RdsFacts;
  /** Symbols by the order of references; other referenced objects are null. */
  readonly #referenced: (string | null)[] = [];
  #items = 0;

  constructor(input: RdsInput, context: ReadContext, facts: RdsFacts) {
    this.#input = input;
    this.#context = context;
    this.#facts = facts;
  }

  get position(): number {
    return this.#input.position;
  }

  run(): void {
    const input = this.#input;
    this.#facts.version = input.int();
    input.int();
    input.int();
    if (this.#facts.version >= 3) input.text(input.int(), 0);
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
      this.#input.int();
      for (let part = 0; part < 4; part++) this.#item(depth + 1);
    } else if (type === 247 || type === 248 || type === 249) {
      this.#referenced.push(null);
      this.#input.int();
      for (let left = this.#int(); left > 0; left--) this.#item(depth + 1);
    } else if (type === 9 || type === 7 || type === 8) this.#input.text(Math.max(0, this.#int()), 0);
    else if (this.#input.isPlain(type)) this.#input.skipElements(type, this.#length());
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
      const peeked = this.#input.peek();
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
    return this.#input.text(Math.max(0, this.#int()), 256);
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
    return this.#input.int();
  }
}
