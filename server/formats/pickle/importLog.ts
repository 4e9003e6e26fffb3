import type { PickleImport } from '../facts.ts';
import { isDottedName, mapPython2Name } from './names.ts';
import { Global } from './values.ts';
import type { Bytes } from './values.ts';

/** Distinct imports that are kept. A real checkpoint names some dozens, a pickled library a few hundred. */
const importsKept = 5_000;

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
  readonly #calls = new Map<number, number>();
  readonly #known = new Map<string, Global>();
  /** Bytes that are handed to a call: by offset, the dotted name of the first callee. */
  readonly bytesCallees = new Map<number, string>();

  /** A name with both halves in the stream. Null stands for a half that is too long to be a name. */
  named(
    module: string | null,
    name: string | null,
    opcode: PickleImport['opcode'],
    offset: number,
    protocol: number,
  ): Global {
    if (module === null || name === null || !isDottedName(module) || !isDottedName(name)) {
      return this.unnamed(module, name, 'malformed', opcode, offset);
    }
    const mapped = protocol < 3 ? mapPython2Name(module, name) : { module, name };
    const written = mapped.module !== module || mapped.name !== name ? { module, name } : undefined;
    return this.#add({ ...mapped, ...(written && { written }), opcode, offset, state: 'constant' });
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
  attribute(getattr: Global, object: Global, attribute: string, offset: number): Global {
    this.#folded.set(getattr.importIndex, (this.#folded.get(getattr.importIndex) ?? 0) + 1);
    this.#calls.set(getattr.importIndex, (this.#calls.get(getattr.importIndex) ?? 0) + 1);
    const name = `${object.name}.${attribute}`;
    if (!isDottedName(name)) return this.unnamed(object.module, name, 'malformed', 'getattr', offset);
    return this.#add({ module: object.module, name, opcode: 'getattr', offset, state: 'constant' });
  }

  /** Records that a name is called at `offset`; the words are only made for the first time. */
  call(callee: Global, offset: number, describe: () => string): void {
    this.#calls.set(callee.importIndex, (this.#calls.get(callee.importIndex) ?? 0) + 1);
    const entry = this.imports[callee.importIndex];
    if (entry === undefined || entry.called) return;
    entry.called = true;
    entry.call = describe();
    entry.callOffset = offset;
  }

  bytesArgument(bytes: Bytes, callee: Global): void {
    if (this.bytesCallees.size < importsKept && !this.bytesCallees.has(bytes.offset)) {
      this.bytesCallees.set(bytes.offset, callee.dotted);
    }
  }

  /** The imports without those whose every use was worked out. */
  finish(): PickleImport[] {
    return this.imports.filter((_entry, index) => {
      const folded = this.#folded.get(index) ?? 0;
      return folded === 0 || folded !== this.#calls.get(index);
    });
  }

  #add(entry: Omit<PickleImport, 'stream' | 'called'>): Global {
    this.lookups++;
    const key = JSON.stringify([entry.state, entry.module, entry.name]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.imports.length >= importsKept) {
      this.full = true;
      return new Global(-1, entry.module, entry.name);
    }
    const global = new Global(this.imports.length, entry.module, entry.name);
    this.imports.push({ ...entry, stream: this.stream, called: false });
    this.#known.set(key, global);
    return global;
  }
}
