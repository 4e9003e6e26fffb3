import { argumentsOf, isComplete, isEmpty } from './callArguments.ts';
import { ConstantValues } from './constantValues.ts';
import { isFoldable } from './folding.ts';
import { GivenNames } from './givenNames.ts';
import {
  appliers,
  attributeGetters,
  callers,
  holders,
  importers,
  itemGetters,
  locators,
  makers,
  passing,
  rebuilders,
  singletons,
  waiting,
} from './knownFunctions.ts';
import type { MachineLog } from './machineLog.ts';
import type { TextReader } from './textReader.ts';
import {
  ByteArray,
  Bytes,
  Global,
  Instance,
  isMade,
  isText,
  itemsKept,
  MadeBytes,
  MadeSequence,
  MadeText,
  Mapping,
  Method,
  Sequence,
  type Value,
} from './values.ts';

const deepestCalls = 16;

/** How the type of a value that exists once is called in `types`, without the ending; undefined for any other value. */
function singletonOf(value: Value): string | undefined {
  if (value === null) return 'None';
  return value instanceof Global ? singletons.get(value.dotted) : undefined;
}

/** Bytes that stand in the stream, and stay as they are. */
function isLiteral(value: Value): boolean {
  return value instanceof Bytes && !(value instanceof MadeBytes) && !(value instanceof ByteArray);
}

/** Whether a sequence stays as it is. */
function isFixed(value: Value): boolean {
  return !(value instanceof Sequence) || value.type === 'tuple';
}

/** Marks what a call may have changed. */
function touch(value: Value, depth = 0): void {
  if (value instanceof Mapping || (value instanceof Sequence && value.type !== 'tuple')) value.touch();
  else if (value instanceof Sequence && depth < 4) for (const item of value.items) touch(item, depth + 1);
}

const tuple = (...items: Value[]) => new Sequence('tuple', items);

/**
 * What calling does, as far as it can be known without calling: who is called with what, which name a call gives
 * (`getattr`, a partial, a registered extension, an imported module), and which class an object is made of.
 */
export class Calls {
  readonly #log: MachineLog;
  readonly #text: TextReader;
  readonly #constants: ConstantValues;
  /** Names that the streams of this file registered with `copyreg.add_extension`: the registry outlives a stream. */
  readonly #extensions: Map<number, { module: string; name: string }>;
  readonly #given: GivenNames;
  #depth = 0;

  constructor(log: MachineLog, text: TextReader, before?: Calls) {
    this.#log = log;
    this.#text = text;
    this.#constants = new ConstantValues(text, log.allowance, (value) => log.workedUp(value));
    this.#given = new GivenNames(log, text, this.#constants);
    this.#extensions = new Map(before === undefined ? [] : before.#extensions);
  }

  /** The name behind a copyreg extension code; one that the stream does not register is an import that nobody can name. */
  extension(code: number, opcode: 'EXT1' | 'EXT2' | 'EXT4', at: number, protocol: number): Global {
    const registered = this.#extensions.get(code);
    if (registered !== undefined)
      return this.#log.imports.named(registered.module, registered.name, opcode, at, protocol);
    return this.#log.imports.unnamed(null, null, 'extension', opcode, at);
  }

  /** Records a call and gives what is known of its result. */
  call(callee: Value, args: Value, at: number, keywords?: Value): Value {
    if (this.#depth >= deepestCalls || (this.#depth > 0 && !this.#log.allowance.takeCall()))
      return this.#unknown(callee, args, at);
    this.#depth++;
    const result = this.#call(callee, args, at, keywords);
    this.#depth--;
    return result;
  }

  #call(callee: Value, args: Value, at: number, keywords: Value): Value {
    const partial = this.#partialOf(callee);
    const items = argumentsOf(args);
    if (partial !== null) {
      const unknown = isComplete(args) || isEmpty(args) ? [] : [undefined];
      const all = tuple(...partial.kept, ...items, ...unknown);
      return this.call(partial.held, all, at, partial.keywords ?? keywords);
    }
    const known =
      isComplete(args) && (keywords === undefined || (keywords instanceof Mapping && keywords.length === 0));
    if (callee instanceof Method && known) {
      return this.#constants.method(callee.object, callee.name, items, callee.by, at) ?? new Instance(callee, args);
    }
    if (
      known &&
      callee instanceof Instance &&
      callee.callee instanceof Global &&
      waiting.has(this.#given.nameOf(callee.callee))
    ) {
      const given = this.#give(callee, callee.callee, items[0], at);
      if (given !== undefined) return given;
    }
    return callee instanceof Global
      ? this.#callName(callee, args, items, at, keywords, known)
      : this.#unknown(callee, args, at);
  }

  /** What is called came out of another call, or out of nowhere: its name is not in the file. */
  #unknown(callee: Value, args: Value, at: number): Instance {
    const { imports } = this.#log;
    const unnamed = imports.unnamed(null, null, 'computed', 'REDUCE', at);
    imports.call(unnamed, at, () => this.#text.renderArguments(args, ''), true);
    for (const item of argumentsOf(args)) touch(item);
    // What called it in turn is forgotten: a stream of nothing but such calls makes a chain as long as itself.
    return new Instance(callee instanceof Instance && !(callee.callee instanceof Global) ? undefined : callee, args);
  }

  #callName(callee: Global, args: Value, items: Value[], at: number, keywords: Value, known: boolean): Value {
    const { imports } = this.#log;
    const name = this.#given.nameOf(callee);
    const hasKeywords = keywords instanceof Mapping ? keywords.length > 0 : keywords !== undefined;
    if (name === 'builtins.getattr' && known && items.length === 2) {
      const found = this.#given.attribute(items[0], items[1], callee, at);
      if (found !== undefined) return found;
    }
    // So the types of the singletons are pickled, which have no name in `builtins`.
    const singleton = name === 'builtins.type' && known && items.length === 1 ? singletonOf(items[0]) : undefined;
    if (singleton !== undefined) {
      imports.foldCall(callee);
      return imports.named('types', `${singleton}Type`, 'getattr', at, 4);
    }
    // A partial keeps a function and calls nothing: the function, a name of its own, is what counts.
    if (name === 'functools.partial' && this.#isNamed(items[0])) {
      imports.foldCall(callee);
      return new Instance(callee, args);
    }
    if (name === 'copyreg.add_extension') this.register(tuple(items[0], items[1]), items[2]);
    imports.call(callee, at, () => this.#words(callee, args, keywords), hasKeywords || !isEmpty(args));
    for (const item of items) {
      this.use(item, callee);
      const content = this.#content(item, callee);
      if (content !== null) this.#log.bytesArgument(content, callee);
    }
    if (name === 'torch.storage._load_from_bytes') imports.loads(callee, isLiteral(items[0]));
    // Protocols 0 to 2 have no bytes: they are written as text with a call that turns it into bytes.
    if (name === 'codecs.encode' && isText(items[0]) && this.#text.known(items[1]) === 'latin1') {
      const bytes = this.#text.latin1Bytes(items[0]);
      if (bytes !== null) return this.#bytes(bytes);
    }
    const made = this.#make(callee, items, at);
    if (made !== null) return made;
    if (rebuilders.has(name)) return this.call(items[0], items[1], at);
    if (callers.has(name)) this.#callAny(items, keywords, at);
    const result = known ? this.#result(name, callee, items, keywords, at) : undefined;
    if (result === undefined) for (const item of items) touch(item);
    return result ?? new Instance(callee, args);
  }

  /** What a function gives, when it can be known; undefined otherwise. */
  #result(name: string, callee: Global, items: Value[], keywords: Value, at: number): Value {
    const { imports } = this.#log;
    if (attributeGetters.has(name))
      return items.length === 2 ? this.#given.attribute(items[0], items[1], callee, at) : undefined;
    if (importers.has(name)) return this.#given.import(name, items, callee);
    if (locators.has(name)) return this.#given.locate(this.#text.known(items[0]), callee, at);
    if (itemGetters.has(name)) {
      const found = this.#given.item(items[0], items[1], [callee], at);
      if (found !== undefined) return found;
    }
    if (name === 'operator.call') {
      if (items[0] instanceof Global) imports.standsFor([callee], items[0]);
      return this.call(items[0], tuple(...items.slice(1)), at, keywords);
    }
    if (name === 'builtins.vars') return this.#given.named(items[0], '__dict__', callee, at);
    if (name === 'builtins.type' && items.length === 1) return this.#given.typeOf(items[0], callee, at);
    if (name === 'functools.reduce') return this.#reduce(callee, items, at);
    if (Object.hasOwn(appliers, name)) return this.#apply(name, callee, items, at);
    if (!isFoldable(name)) return undefined;
    // Bytes of bytes are the same bytes, and need not be read.
    if (name === 'builtins.bytes' && items.length === 1 && items[0] instanceof Bytes) return items[0];
    const result = this.#constants.call(name, items, callee, at);
    return result instanceof Bytes ? this.#bytes(result) : result;
  }

  /** Tells what a value that was worked out is used for. */
  use(value: Value, target: Global): void {
    if (!isMade(value) || value.by.length === 0) return;
    // What only works out another value is told by the use of that one.
    const name = this.#given.nameOf(target);
    if (isFoldable(name) || passing.has(name) || attributeGetters.has(name) || itemGetters.has(name)) return;
    this.#log.imports.standsFor(value.by, target);
    (value as MadeBytes | MadeText).by = [];
  }

  #bytes(bytes: Bytes): Bytes {
    this.#log.bytesValue(bytes);
    return bytes;
  }

  /** Bytes that are handed to a function, as they are, as a file in memory or as a copy that can be changed. */
  #content(value: Value, callee: Global, depth = 0): Bytes | null {
    if (value instanceof Bytes) return value;
    if (!(value instanceof Instance) || !(value.callee instanceof Global) || depth > deepestCalls) return null;
    if (!holders.has(this.#given.nameOf(value.callee)) || value.builds > 0) return null;
    const content = this.#content(argumentsOf(value.args)[0], callee, depth + 1);
    if (content !== null) this.#log.imports.standsFor([value.callee], callee);
    return content;
  }

  #words(callee: Global, args: Value, keywords: Value): string {
    const rest = keywords instanceof Mapping && keywords.length > 0 ? `, **${this.#text.render(keywords)}` : '';
    return `${callee.dotted}${this.#text.renderArguments(args, rest)}`;
  }

  /** Notes the (module, name) that an extension code stands for. */
  register(pair: Value, code: Value): void {
    const [module, name] = argumentsOf(pair).map((half) => this.#text.known(half));
    if (typeof module === 'string' && typeof name === 'string' && typeof code === 'number')
      this.#extensions.set(code, { module, name });
  }

  /** These make an object of a class, without or with calling it: the class is what counts. Null for any other. */
  #make(callee: Global, items: Value[], at: number): Instance | null {
    const maker = makers[callee.dotted];
    const made = items[0];
    if (maker === undefined || !(made instanceof Global)) return null;
    const { imports } = this.#log;
    const inner = maker === 'arguments' ? items[1] : tuple(...(maker === 'rest' ? items.slice(1) : []));
    imports.call(made, at, () => `${made.dotted}.__new__(...)`, !isEmpty(inner));
    // `base.__new__(cls, state)`, and then `base.__init__(obj, state)`.
    const base = maker === 'base' ? items[1] : undefined;
    if (base instanceof Global && base.dotted !== 'builtins.object')
      imports.call(base, at, () => `${base.dotted}${this.#text.renderArguments(tuple(made, items[2]), '')}`, true);
    return new Instance(made, inner);
  }

  /** An `attrgetter`, `methodcaller` or `itemgetter` that is given its object. */
  #give(getter: Instance, made: Global, object: Value, at: number): Value {
    if (!isComplete(getter.args)) return undefined;
    const [first, ...rest] = argumentsOf(getter.args);
    switch (this.#given.nameOf(made)) {
      case 'operator.attrgetter':
        return rest.length === 0 ? this.#given.attribute(object, first, made, at) : undefined;
      case 'operator.itemgetter': {
        const found = rest.length === 0 ? this.#given.item(object, first, [made], at) : undefined;
        return found ?? this.#constants.call('operator.getitem', [object, first], made, at);
      }
      default: {
        const method = this.#given.attribute(object, first, made, at);
        return method === undefined ? undefined : this.call(method, tuple(...rest), at);
      }
    }
  }

  #reduce(by: Global, given: Value[], at: number): Value {
    const [called, sequence, start] = given;
    const items = this.#itemsOf(sequence);
    if (items === null) return this.call(called, tuple(undefined, undefined), at);
    const [first, ...rest] = given.length < 3 ? items : [start, ...items];
    const result = rest.reduce((before, item) => this.call(called, tuple(before, item), at), first);
    this.#led(by, called, result);
    return result;
  }

  /** A function that calls another one is told by that one, or by the name that it gave. */
  #led(by: Global, called: Value, result: Value): void {
    const worksOut =
      called instanceof Global &&
      (isFoldable(this.#given.nameOf(called)) || attributeGetters.has(this.#given.nameOf(called)));
    const target = worksOut ? result : called;
    if (target instanceof Global) this.#log.imports.standsFor([by], target);
    // A name that is handed over and not called by opcodes is used up by this, too.
    if (worksOut && isMade(result)) (result as MadeText).by = [...result.by, by];
  }

  #apply(name: string, by: Global, [called, ...sequences]: Value[], at: number): Value {
    // `filter(None, ...)` calls nothing.
    if (called === null || called === undefined) return undefined;
    const lists = sequences.map((sequence) => this.#itemsOf(sequence));
    const [first] = lists;
    if (first === undefined || first === null) {
      this.call(called, tuple(undefined), at);
      return undefined;
    }
    const results = first.map((item, index) =>
      this.call(called, name === 'itertools.starmap' ? item : tuple(...lists.map((list) => list?.[index])), at),
    );
    const worksOut = called instanceof Global && isFoldable(this.#given.nameOf(called));
    // The list alone says who made it: they are told once.
    if (worksOut) for (const result of results) if (isMade(result)) (result as MadeText).by = [];
    if (!worksOut) this.#led(by, called, undefined);
    // It is an iterator, which shows what becomes of a list later.
    if (appliers[name] !== true || !sequences.every(isFixed)) return undefined;
    return new MadeSequence('list', results, worksOut ? [by, called] : [], true);
  }

  #itemsOf(sequence: Value): Value[] | null {
    if (sequence instanceof Sequence) {
      const items = isComplete(sequence) ? [...sequence.items] : null;
      if (sequence instanceof MadeSequence && sequence.once) sequence.touch();
      return items;
    }
    const text = this.#text.known(sequence);
    return text === null || text.length > itemsKept ? null : [...text].map((letter) => new MadeText(letter, []));
  }

  /** Calls what among these waits for a call and has no name of its own. */
  #callAny(items: Value[], keywords: Value, at: number): void {
    const values = [...items, ...(keywords instanceof Mapping ? keywords.pairs.map(([, value]) => value) : [])];
    for (const value of values) {
      const waits =
        value instanceof Instance && value.callee instanceof Global && waiting.has(this.#given.nameOf(value.callee));
      if (waits || this.#partialOf(value) !== null) this.call(value, tuple(undefined), at);
    }
  }

  /** Whether a callable is told by names of its own: a name, or a partial of one. */
  #isNamed(callable: Value, depth = 0): boolean {
    if (callable instanceof Global) return true;
    const partial = depth < deepestCalls ? this.#partialOf(callable) : null;
    return partial !== null && this.#isNamed(partial.held, depth + 1);
  }

  /** What a `functools.partial` will call: BUILD, as its pickler writes it, puts (function, arguments, keywords, ...). */
  #partialOf(callee: Value): { held: Value; kept: Value[]; keywords: Value } | null {
    if (!(callee instanceof Instance) || !(callee.callee instanceof Global) || callee.builds > 1) return null;
    if (this.#given.nameOf(callee.callee) !== 'functools.partial') return null;
    const { args, state } = callee;
    if (callee.builds === 0) {
      const [held, ...kept] = argumentsOf(args);
      return held instanceof Global || held instanceof Instance || held instanceof Method
        ? { held, kept: isComplete(args) ? kept : [...kept, undefined], keywords: undefined }
        : null;
    }
    const [held, kept, keywords] = state instanceof Sequence ? state.items : [];
    if (!(held instanceof Global || held instanceof Instance || held instanceof Method)) return null;
    const all = kept instanceof Sequence ? kept.items : [];
    return { held, kept: isComplete(kept) ? all : [...all, undefined], keywords: keywords ?? undefined };
  }
}
