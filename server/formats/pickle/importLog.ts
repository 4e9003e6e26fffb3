import type { PickleImport } from '../facts.ts';
import { isDottedName, mapPython2Name } from './names.ts';
import { Global } from './values.ts';

/** Distinct imports that are kept. A real checkpoint names some dozens, a pickled library a few hundred. */
const importsKept = 50_000;

/** Characters of a name with attributes: each attribute of the one before makes a longer one, and a stream can go on without end. */
const longestPath = 1024;

/** Names that are kept of what one name led to. */
const targetsKept = 8;

/** Every name that the streams of one file look up, in the order of the file, each once. */
export class ImportLog {
  readonly imports: PickleImport[] = [];
  /** How many lookups there were in all. */
  lookups = 0;
  /** Which pickle of the file is being read, from 0. */
  stream = 0;
  /** True once a name did not fit. */
  full = false;
  /** Calls that were worked out, and so are judged by what they give: by index of the import. */
  readonly #folded = new Map<number, number>();
  /** How often an object of a class was given a state that only fills it: by index of the import. */
  readonly #plain = new Map<number, number>();
  /** How often a name was put on the stack: by index of the import. */
  readonly #pushes = new Map<number, number>();
  readonly #known = new Map<string, Global>();
  /** Those with both halves in the stream, by how a stream writes them: most files look up a few names again and again. */
  readonly #spelled = new Map<string, Global>();
  /** Imports of readings with another memo, by offset: the reading that counts comes to the same opcode later. */
  readonly #byChance = new Map<number, PickleImport>();

  /** A name with both halves in the stream. Null stands for a half that is too long to be a name. */
  named(
    module: string | null,
    name: string | null,
    opcode: PickleImport['opcode'],
    offset: number,
    protocol: number,
  ): Global {
    const spelled = `${protocol < 3 ? '2' : '3'} ${module ?? ''}\n${name ?? ''}`;
    const before = this.#byChance.size === 0 ? this.#spelled.get(spelled) : undefined;
    if (before !== undefined) {
      this.lookups++;
      this.pushedAgain(before);
      return before;
    }
    if (module === null || name === null || !isDottedName(module) || !isDottedName(name)) {
      return this.unnamed(module, name, 'malformed', opcode, offset);
    }
    const mapped = protocol < 3 ? mapPython2Name(module, name) : { module, name };
    const otherwise = this.#byChance.get(offset);
    if (otherwise !== undefined) otherwise.byChance = mapped;
    const written = mapped.module !== module || mapped.name !== name ? { module, name } : undefined;
    const global = this.#add({ ...mapped, ...(written && { written }), opcode, offset, state: 'constant' });
    if (global.importIndex >= 0) this.#spelled.set(spelled, global);
    return global;
  }

  /** A name of which at least one half is not known, or is no name. */
  unnamed(
    module: string | null,
    name: string | null,
    state: 'computed' | 'extension' | 'malformed',
    opcode: PickleImport['opcode'],
    offset: number,
  ): Global {
    const short = (text: string | null) => (text === null ? null : text.slice(0, 200));
    return this.#add({ module: short(module), name: short(name), opcode, offset, state });
  }

  /** `getattr(module.name, 'attribute')` with everything known: it is judged as `module.name.attribute`. */
  attribute(getattr: Global, object: Global, attribute: string, offset: number, bound = false): Global {
    this.foldCall(getattr);
    return this.attributeOf(object, attribute, offset, bound);
  }

  /** `module.name.attribute`; `bound` when it is taken of an object that `module.name` made. */
  attributeOf(object: Global, attribute: string, offset: number, bound = false): Global {
    const name = `${object.name}.${attribute}`;
    const isName = name.length <= longestPath && isDottedName(name);
    if (!isName) return this.unnamed(object.module, name, 'malformed', 'getattr', offset);
    return this.#add({
      module: object.module,
      name,
      opcode: 'getattr',
      offset,
      state: 'constant',
      ...(bound && { bound: true as const }),
    });
  }

  /** A call of `name` that gives only what its arguments name, and so is judged by those. */
  foldCall(name: Global): void {
    increment(this.#folded, name.importIndex);
  }

  /**
   * A name that calls of others led to: where each use of those was worked out so, they are told by what they led to.
   */
  standsFor(by: readonly Global[], target: Global): void {
    for (const name of by) {
      const entry = this.imports[name.importIndex];
      if (entry === undefined || target.module === null || target.name === null) continue;
      this.foldCall(name);
      entry.standsFor ??= [];
      if (entry.standsFor.length < targetsKept) entry.standsFor.push({ module: target.module, name: target.name });
    }
  }

  /**
   * Records that a name is called at `offset`; the words are made for the first call, and again for the first one with
   * arguments, which says more.
   */
  call(callee: Global, offset: number, describe: () => string, withArguments: boolean): void {
    const entry = this.imports[callee.importIndex];
    if (entry === undefined || (entry.called && (entry.withArguments === true || !withArguments))) return;
    entry.called = true;
    entry.call = describe();
    entry.callOffset = offset;
    if (withArguments) entry.withArguments = true;
  }

  /** Records that a name is put together by calls. */
  assembled(name: Global): void {
    const entry = this.imports[name.importIndex];
    if (entry !== undefined) entry.assembled = true;
  }

  /** Records that a loader of bytes is called, and whether the bytes stand in the stream. */
  loads(loader: Global, literal: boolean): void {
    const entry = this.imports[loader.importIndex];
    if (entry === undefined) return;
    entry.loads ??= { literal: 0, other: 0 };
    if (literal) entry.loads.literal++;
    else entry.loads.other++;
  }

  /**
   * Records that an object of a class whose state may be evaluated is given a state: `plain` only fills it. The first state of an
   * object counts, and any that is evaluated.
   */
  built(callee: Global, plain: boolean, first: boolean): void {
    if (!plain) this.#plain.set(callee.importIndex, NaN);
    else if (first) increment(this.#plain, callee.importIndex);
  }

  /** Takes over an import of another reading of the same bytes, unless this one has it as called. */
  adopt(entry: PickleImport): void {
    const known = this.imports.find(
      (other) => other.module === entry.module && other.name === entry.name && other.state === entry.state,
    );
    if (known === undefined) {
      const adopted = { ...entry };
      if (this.imports.length < importsKept) this.imports.push(adopted);
      else this.full = true;
      if (adopted.byChance === null) this.#byChance.set(entry.offset, adopted);
    } else if (!known.called) {
      Object.assign(known, { called: true, call: entry.call, callOffset: entry.callOffset });
    } else if (entry.byChance === undefined) delete known.byChance;
  }

  /** A name that comes out of the memo, or is doubled on the stack. */
  pushedAgain(global: Global): void {
    increment(this.#pushes, global.importIndex);
  }

  /** The imports without those whose every use was worked out: a name that is also handed on as a value stays. */
  finish(): PickleImport[] {
    for (const [index, entry] of this.imports.entries()) {
      const uses = entry.loads === undefined ? 0 : entry.loads.literal + entry.loads.other;
      if (this.#plain.has(index) && this.#plain.get(index) === this.#pushes.get(index)) entry.builtPlainly = true;
      if (entry.loads !== undefined) entry.loads.other += Math.max(0, (this.#pushes.get(index) ?? 0) - uses);
    }
    return this.imports.filter((entry, index) => {
      const folded = this.#folded.get(index) ?? 0;
      const all = folded > 0 && folded === this.#pushes.get(index);
      if (!all) delete entry.standsFor;
      return !all || entry.standsFor !== undefined;
    });
  }

  #add(entry: Omit<PickleImport, 'stream' | 'called'>): Global {
    this.lookups++;
    const { state, module, name } = entry;
    const key = `${state} ${module?.length ?? ''} ${module ?? ''}${name === null ? '' : ` ${name}`}`;
    const known = this.#known.get(key);
    if (known !== undefined) {
      this.pushedAgain(known);
      return known;
    }
    if (this.imports.length >= importsKept) {
      this.full = true;
      return new Global(-1, entry.module, entry.name);
    }
    const global = new Global(this.imports.length, entry.module, entry.name);
    this.imports.push({ ...entry, stream: this.stream, called: false });
    this.pushedAgain(global);
    this.#known.set(key, global);
    return global;
  }
}

function increment(counts: Map<number, number>, key: number): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
