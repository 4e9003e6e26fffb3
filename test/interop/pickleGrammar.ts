import { SeededRandom } from '../hostile/seededRandom.ts';

type Kind = 'mark' | 'text' | 'global' | 'tuple' | 'list' | 'dict' | 'set' | 'object' | 'hashable' | 'any';

/** Modules and names that stand for nothing: the oracle answers each with a class that does nothing. */
const modules = ['collections', 'numpy.core.multiarray', 'a', 'a.b', 'os', '__builtin__', 'copy_reg', 'urllib'];
const names = ['OrderedDict', 'x', 'Outer.Inner', 'system', 'list', 'urlopen', '_reconstructor'];

/**
 * Writes pickles opcode by opcode, so that every opcode finds what it needs on the stack, in combinations that no pickler
 * makes: names in pieces, marks left open, memo entries written twice, frames that end where they like.
 * With `wild` some opcodes are written without asking whether they fit.
 */
export class PickleGrammar {
  readonly #random: SeededRandom;
  readonly #wild: boolean;
  #parts: Buffer[] = [];
  /** What stands on the stack: enough to know what fits. */
  #stack: Kind[] = [];
  #memo = 0;

  constructor(seed: number, wild: boolean) {
    this.#random = new SeededRandom(seed);
    this.#wild = wild;
  }

  /** One pickle; the same for the same seed. */
  write(): Buffer {
    const random = this.#random;
    this.#parts = [];
    this.#stack = [];
    this.#memo = 0;
    const protocol = random.below(6);
    if (protocol >= 2 || random.below(4) === 0) this.#put(0x80, protocol);
    const length = 3 + random.below(60);
    for (let index = 0; index < length; index++) this.#opcode();
    // One value stays: what is open is closed, what is too much is dropped.
    while (this.#stack.includes('mark')) this.#close();
    while (this.#stack.length > 1) this.#pop();
    if (this.#stack.length === 0) this.#put(0x4e);
    this.#put(0x2e);
    return Buffer.concat(this.#parts);
  }

  #opcode(): void {
    const random = this.#random;
    if (this.#wild && random.below(30) === 0) {
      this.#put(
        random.pick([
          0x52, 0x62, 0x85, 0x86, 0x87, 0x93, 0x61, 0x65, 0x73, 0x75, 0x90, 0x32, 0x30, 0x31, 0x81, 0x6f, 0x51,
        ]),
      );
      return;
    }
    const steps = [
      () => this.#leaf(),
      () => this.#leaf(),
      () => this.#name(),
      () => this.#collect(),
      () => this.#memory(),
      () => this.#make(),
    ];
    random.pick(steps)();
  }

  #leaf(): void {
    const random = this.#random;
    const small = random.below(256);
    const leaves: (() => void)[] = [
      () => this.#push('hashable', 0x4e),
      () => this.#push('hashable', random.pick([0x88, 0x89])),
      () => this.#push('hashable', 0x4b, small),
      () => this.#push('hashable', 0x4d, small, small),
      () => this.#push('hashable', 0x4a, small, 0, random.below(256), random.below(256)),
      () => this.#push('hashable', 0x8a, 3, small, 1, random.below(256)),
      () => this.#push('hashable', 0x47, 0x3f, 0xf0, 0, 0, 0, 0, 0, small),
      () => this.#line('hashable', random.pick(['I1', 'I01', 'I00', 'I-77', 'L5L', 'L-5', 'F1.5', 'I 7', 'F-1e9'])),
      () => this.#push('hashable', 0x43, 2, small, small),
      () => this.#text(random.pick(['', 'é', 'two words', 'os', 'system', '\u{1f600}'])),
      () => this.#push('tuple', 0x29),
      () => this.#push('list', 0x5d),
      () => this.#push('dict', 0x7d),
      () => this.#push('set', 0x8f),
      () => this.#push('any', 0x96, 1, 0, 0, 0, 0, 0, 0, 0, small),
      () => this.#stack.push((this.#put(0x28), 'mark')),
      () => this.#put(0x80, random.below(6)),
    ];
    random.pick(leaves)();
  }

  #text(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    const form = this.#random.below(value === '' ? 2 : 3);
    if (form === 0) this.#push('text', 0x8c, bytes.length, ...bytes);
    else if (form === 1) this.#push('text', 0x58, ...length, ...bytes);
    else if (/^[\x20-\x7e]+$/.test(value)) this.#line('text', `V${value}`);
    else this.#push('text', 0x8d, ...length, 0, 0, 0, 0, ...bytes);
  }

  /** A global, by GLOBAL, by STACK_GLOBAL with something between its halves, or by INST. */
  #name(): void {
    const random = this.#random;
    const form = random.below(4);
    // The lines of GLOBAL and INST are ASCII to pickletools.
    const module = form >= 2 && random.below(8) === 0 ? 'tëst' : random.pick(modules);
    const name = form >= 2 && random.below(8) === 0 ? 'naïve' : random.pick(names);
    if (form === 0) {
      this.#put(0x63, ...Buffer.from(`${module}\n${name}\n`, 'utf8'));
      this.#stack.push('global');
    } else if (form === 1) {
      this.#put(0x28, ...(random.below(2) === 0 ? [0x4e] : []), 0x69, ...Buffer.from(`${module}\n${name}\n`, 'utf8'));
      this.#stack.push('object');
    } else {
      this.#text(module);
      if (random.below(2) === 0)
        this.#put(
          ...random.pick([
            [0x4e, 0x30],
            [0x32, 0x30],
            [0x28, 0x4e, 0x31],
          ]),
        );
      if (random.below(3) === 0) this.#memoize();
      this.#text(name);
      this.#put(0x93);
      this.#stack.splice(-2, 2, 'global');
    }
  }

  #collect(): void {
    const stack = this.#stack;
    const above = stack.length - 1 - stack.lastIndexOf('mark');
    const counts = [1, 2, 3].filter((count) => count <= above);
    if (counts.length > 0 && this.#random.below(2) === 0) {
      const count = this.#random.pick(counts);
      this.#put(0x84 + count);
      stack.splice(-count, count, 'tuple');
    } else if (stack.includes('mark')) this.#close();
    else if (above >= 2 && stack.at(-2) === 'list') {
      this.#put(0x61);
      stack.pop();
    } else if (above >= 3 && stack.at(-3) === 'dict' && this.#hashable(-2)) {
      this.#put(0x73);
      stack.splice(-2, 2);
    }
  }

  /** Ends the innermost mark, by the opcode that what lies below and above it allows. */
  #close(): void {
    const stack = this.#stack;
    const mark = stack.lastIndexOf('mark');
    const count = stack.length - 1 - mark;
    const below = stack[mark - 1];
    const pairs =
      count % 2 === 0 &&
      stack.slice(mark + 1).every((_value, index) => index % 2 === 1 || this.#hashable(mark + 1 + index));
    const all = stack.slice(mark + 1).every((_value, index) => this.#hashable(mark + 1 + index));
    const ways: (() => void)[] = [
      () => this.#put(0x74),
      () => this.#put(0x6c),
      () => this.#put(0x31),
      ...(pairs ? [() => this.#put(0x64)] : []),
      ...(all ? [() => this.#put(0x91)] : []),
      ...(below === 'list' ? [() => this.#put(0x65)] : []),
      ...(below === 'dict' && pairs ? [() => this.#put(0x75)] : []),
      ...(below === 'set' && all ? [() => this.#put(0x90)] : []),
    ];
    const made: (Kind | null)[] = [
      'tuple',
      'list',
      null,
      ...(pairs ? (['dict'] as const) : []),
      ...(all ? (['any'] as const) : []),
    ];
    const way = this.#random.below(ways.length);
    ways[way]?.();
    stack.splice(mark);
    const kind = made[way];
    if (kind) stack.push(kind);
  }

  #memory(): void {
    const random = this.#random;
    if (this.#memo > 0 && random.below(2) === 0) {
      const index = random.below(this.#memo);
      const kinds = [[0x68, index], [0x6a, index, 0, 0, 0], [...Buffer.from(`g${index}\n`)]];
      this.#push('any', ...random.pick(kinds));
    } else if (this.#stack.length > 0 && this.#stack.at(-1) !== 'mark') this.#memoize();
  }

  /** Entries get the next number, or one that is taken already. */
  #memoize(): void {
    const random = this.#random;
    const index = random.below(4) === 0 && this.#memo > 0 ? random.below(this.#memo) : this.#memo;
    const forms = [
      [0x71, index],
      [0x72, index, 0, 0, 0],
      [...Buffer.from(`p${index}\n`)],
      ...(index === this.#memo ? [[0x94]] : []),
    ];
    this.#put(...random.pick(forms));
    if (index === this.#memo) this.#memo++;
  }

  /** Calls, objects and states. */
  #make(): void {
    const stack = this.#stack;
    const [below, top] = [stack.at(-2), stack.at(-1)];
    if (below === 'global' && top === 'tuple') {
      this.#put(this.#random.pick([0x52, 0x81]));
      stack.splice(-2, 2, 'object');
    } else if (below === 'object' && top !== 'mark') {
      this.#put(0x62);
      stack.pop();
    } else if (top === 'text' && this.#random.below(3) === 0) {
      this.#put(0x51);
      stack.splice(-1, 1, 'object');
    } else if (top === 'global') {
      this.#push('tuple', 0x29);
    } else this.#name();
  }

  #hashable(index: number): boolean {
    return ['text', 'hashable', 'global', 'object'].includes(this.#stack.at(index) ?? '');
  }

  #pop(): void {
    this.#put(0x30);
    this.#stack.pop();
  }

  #push(kind: Kind, ...bytes: number[]): void {
    this.#put(...bytes);
    this.#stack.push(kind);
  }

  #line(kind: Kind, text: string): void {
    this.#push(kind, ...Buffer.from(`${text}\n`, 'latin1'));
  }

  #put(...bytes: number[]): void {
    this.#parts.push(Buffer.from(bytes));
  }
}
