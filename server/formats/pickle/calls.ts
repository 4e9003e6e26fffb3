import type { MachineLog } from './machineLog.ts';
import type { TextReader } from './textReader.ts';
import { Bytes, Global, Instance, isText, Mapping, Sequence } from './values.ts';
import type { Value } from './values.ts';

/** Functions that make an object of the class that is their first argument, and what of the rest reaches the class. */
const makers: Readonly<Record<string, 'none' | 'rest' | 'arguments'>> = {
  'copyreg._reconstructor': 'none',
  'copyreg.__newobj__': 'rest',
  'copyreg.__newobj_ex__': 'arguments',
};

/** The arguments of a call. The Python unpickler takes anything that can be iterated; of a dictionary, its keys. */
function argumentsOf(args: Value): Value[] {
  if (args instanceof Sequence) return args.items;
  return args instanceof Mapping ? args.pairs.map(([key]) => key) : [];
}

/** Whether it is certain that a call has no arguments. */
function isEmpty(args: Value): boolean {
  return (args instanceof Sequence || args instanceof Mapping) && args.length === 0;
}

/**
 * What calling does, as far as it can be known without calling: who is called with what, which name a call gives
 * (`getattr`, a partial, a registered extension), and which class an object is made of.
 */
export class Calls {
  readonly #log: MachineLog;
  readonly #text: TextReader;
  /** Names that the streams of this file registered with `copyreg.add_extension`: the registry outlives a stream. */
  readonly #extensions: Map<number, { module: string; name: string }>;

  constructor(log: MachineLog, text: TextReader, before?: Calls) {
    this.#log = log;
    this.#text = text;
    this.#extensions = new Map(before === undefined ? [] : before.#extensions);
  }

  /** The name behind a copyreg extension code; one that the stream does not register is an import that nobody can name. */
  extension(code: number, opcode: 'EXT1' | 'EXT2' | 'EXT4', at: number): Global {
    const registered = this.#extensions.get(code);
    if (registered !== undefined) return this.#log.imports.named(registered.module, registered.name, opcode, at, 4);
    return this.#log.imports.unnamed(null, null, 'extension', opcode, at);
  }

  /** Records a call and gives what is known of its result. */
  call(callee: Value, args: Value, at: number, keywords?: Value): Value {
    const imports = this.#log.imports;
    const partial = this.#partialOf(callee);
    if (partial !== null) {
      const all = new Sequence('tuple', [...partial.kept, ...argumentsOf(args)]);
      return this.call(partial.held, all, at, partial.keywords ?? keywords);
    }
    if (!(callee instanceof Global)) {
      // What is called came out of another call, or out of nowhere: its name is not in the file.
      imports.call(
        imports.unnamed(null, null, 'computed', 'REDUCE', at),
        at,
        () => this.#text.renderArguments(args, ''),
        true,
      );
      return new Instance(callee, args);
    }
    const items = argumentsOf(args);
    const named = (module: string, name: string) => callee.module === module && callee.name === name;
    if (named('builtins', 'getattr')) {
      const [object, attribute] = items;
      if (object instanceof Global && object.module !== null && object.name !== null && isText(attribute)) {
        const name = this.#text.of(attribute);
        if (name !== null) return imports.attribute(callee, object, name, at);
      }
    }
    // A partial keeps a function and calls nothing: the function, a name of its own, is what counts.
    if (named('functools', 'partial') && items[0] instanceof Global) {
      imports.foldCall(callee);
      return new Instance(callee, args);
    }
    if (named('copyreg', 'add_extension')) {
      const [module, name, code] = items;
      if (isText(module) && isText(name) && typeof code === 'number') {
        const names = { module: this.#text.of(module), name: this.#text.of(name) };
        if (names.module !== null && names.name !== null) {
          this.#extensions.set(code, { module: names.module, name: names.name });
        }
      }
    }
    const withArguments =
      (keywords instanceof Mapping ? keywords.length > 0 : keywords !== undefined) || !isEmpty(args);
    imports.call(
      callee,
      at,
      () => {
        const rest = keywords instanceof Mapping && keywords.length > 0 ? `, **${this.#text.render(keywords)}` : '';
        return `${callee.dotted}${this.#text.renderArguments(args, rest)}`;
      },
      withArguments,
    );
    for (const item of items) if (item instanceof Bytes) this.#log.bytesArgument(item, callee);
    if (named('torch.storage', '_load_from_bytes')) imports.loads(callee, items[0] instanceof Bytes);
    // Protocols 0 to 2 have no bytes: they are written as text with a call that turns it into bytes.
    if (named('_codecs', 'encode') && isText(items[0]) && isText(items[1]) && this.#text.of(items[1]) === 'latin1') {
      const bytes = this.#text.latin1Bytes(items[0]);
      if (bytes !== null) {
        this.#log.bytesValue(bytes);
        return bytes;
      }
    }
    // These make an object of a class, without or with calling it: the class is what counts.
    const maker = makers[callee.dotted];
    if (maker !== undefined && items[0] instanceof Global) {
      const made = items[0];
      const inner = maker === 'arguments' ? items[1] : new Sequence('tuple', maker === 'rest' ? items.slice(1) : []);
      imports.call(made, at, () => `${made.dotted}.__new__(...)`, maker !== 'none' && !isEmpty(inner));
      return new Instance(made, inner);
    }
    return new Instance(callee, args);
  }

  /** What a `functools.partial` will call: BUILD, as its pickler writes it, puts (function, arguments, keywords, ...). */
  #partialOf(callee: Value): { held: Global; kept: Value[]; keywords: Value } | null {
    if (!(callee instanceof Instance) || !callee.isOf('functools', 'partial') || callee.builds > 1) return null;
    const { args, state } = callee;
    if (callee.builds === 0) {
      const [held, ...kept] = argumentsOf(args);
      return held instanceof Global ? { held, kept, keywords: undefined } : null;
    }
    const [held, kept, keywords] = state instanceof Sequence ? state.items : [];
    if (!(held instanceof Global)) return null;
    return { held, kept: kept instanceof Sequence ? kept.items : [undefined], keywords: keywords ?? undefined };
  }
}
