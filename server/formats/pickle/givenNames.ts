import type { ConstantValues } from './constantValues.ts';
import { canonicalName, isKnownMethod } from './folding.ts';
import type { MachineLog } from './machineLog.ts';
import type { TextReader } from './textReader.ts';
import {
  Bytes,
  Global,
  Instance,
  isMade,
  isText,
  MadeText,
  Mapping,
  Method,
  Module,
  Sequence,
  type Value,
} from './values.ts';

/** Names that calls give: an attribute, an imported module, what stands in a namespace, a dictionary or a list. Nothing is called for it. */
export class GivenNames {
  readonly #log: MachineLog;
  readonly #text: TextReader;
  readonly #constants: ConstantValues;
  readonly #canonical = new Map<Global, string>();

  constructor(log: MachineLog, text: TextReader, constants: ConstantValues) {
    this.#log = log;
    this.#text = text;
    this.#constants = constants;
  }

  /** The name that Python 3 knows it by. */
  nameOf(global: Global): string {
    let name = this.#canonical.get(global);
    if (name === undefined) this.#canonical.set(global, (name = canonicalName(global.dotted)));
    return name;
  }

  /** `getter(object, attribute)`; undefined when that cannot be named. */
  attribute(object: Value, attribute: Value, getter: Global, at: number): Value {
    const name = this.#text.known(attribute);
    const found = name === null ? undefined : this.named(object, name, getter, at);
    if (found instanceof Global && isMade(attribute)) this.#log.imports.assembled(found);
    return found;
  }

  named(object: Value, name: string, getter: Global, at: number): Value {
    const { imports } = this.#log;
    const plain = this.nameOf(getter) === 'builtins.getattr';
    if (object instanceof Global) {
      if (object.module === null || object.name === null) return undefined;
      if (plain) return imports.attribute(getter, object, name, at);
      return this.#reached(imports.attributeOf(object, name, at), [getter]);
    }
    if (object instanceof Module) {
      if (plain) imports.foldCall(getter);
      return this.#reached(
        imports.named(object.name, name, 'getattr', at, 4),
        plain ? object.by : [getter, ...object.by],
      );
    }
    if (object instanceof Instance) return plain ? this.#bound(object, name, getter, at) : undefined;
    const isLiteral = isText(object) || object instanceof MadeText || object instanceof Bytes;
    const constant = isLiteral ? this.#constants.constant(object, at) : undefined;
    if (constant === undefined) return undefined;
    if (plain) imports.foldCall(getter);
    const by = plain ? [] : [getter];
    if (isKnownMethod(constant, name)) return new Method(object, name, by);
    const type = typeof constant === 'string' ? 'str' : 'bytes';
    return this.#reached(imports.named('builtins', `${type}.${name}`, 'getattr', at, 4), by);
  }

  /** `getattr(object, name)`, as bound methods are pickled. Undefined where the object may hold something of that name. */
  #bound({ callee, attributes, builds }: Instance, name: string, getter: Global, at: number): Value {
    if (!(callee instanceof Global) || callee.module === null || callee.name === null) return undefined;
    // What `re._compile` gives is an object of a class, too, and has no state.
    const isPattern = callee.dotted === 're._compile';
    if (!/(?:^|\.)_?[A-Z]\w*$/.test(callee.name) && !isPattern) return undefined;
    const named = (key: Value): boolean => (this.#text.known(key) ?? name) === name;
    if (builds > 1 || (builds === 1 && attributes === null)) return undefined;
    // Attributes of its own come before those of its class.
    if (attributes?.some(named) === true) return undefined;
    const owner = isPattern ? new Global(-1, 're', 'Pattern') : callee;
    return this.#log.imports.attribute(getter, owner, name, at, true);
  }

  #reached(target: Global, by: readonly Global[]): Global {
    this.#log.imports.standsFor(by, target);
    return target;
  }

  import(name: string, items: Value[], callee: Global): Module | undefined {
    const path = this.#text.known(items[0]);
    if (path === null || path.startsWith('.')) return undefined;
    const from = items[3];
    const top = name.endsWith('__import__') && !(from instanceof Sequence && from.length > 0);
    const by = [callee, ...(isMade(items[0]) ? items[0].by : [])];
    return new Module(top ? (path.split('.')[0] as string) : path, by);
  }

  locate(path: string | null, callee: Global, at: number): Value {
    if (path === null) return undefined;
    const colon = path.indexOf(':');
    const end = colon < 0 ? path.lastIndexOf('.') : colon;
    if (end <= 0) return new Module(path, [callee]);
    const target = this.#log.imports.named(path.slice(0, end), path.slice(end + 1), 'getattr', at, 4);
    return this.#reached(target, [callee]);
  }

  /** `container[key]`: of a namespace (`os.__dict__`, `sys.modules`), a dictionary, a list. */
  item(container: Value, key: Value, by: readonly Global[], at: number): Value {
    const { imports } = this.#log;
    const word = this.#text.known(key);
    if (container instanceof Global && container.name !== null && container.module !== null && word !== null) {
      if (container.dotted === 'sys.modules') return new Module(word, [...by, container]);
      const path = container.name.split('.');
      const last = path.pop() ?? '';
      // What every module has as `__builtins__` is the module builtins, or its dictionary.
      if (last === '__builtins__' || (last === '__dict__' && path.at(-1) === '__builtins__'))
        return this.#reached(imports.named('builtins', word, 'getattr', at, 4), [...by, container]);
      if (last === '__globals__')
        return this.#reached(imports.named(container.module, word, 'getattr', at, 4), [...by, container]);
      if (last !== '__dict__') return undefined;
      return this.#reached(imports.named(container.module, [...path, word].join('.'), 'getattr', at, 4), [
        ...by,
        container,
      ]);
    }
    if (container instanceof Mapping && container.length === container.pairs.length && word !== null) {
      const words = container.pairs.map(([other]) => this.#text.known(other));
      return words.includes(null) ? undefined : this.#taken(container.pairs[words.lastIndexOf(word)]?.[1], by);
    }
    if (container instanceof Sequence && typeof key === 'number' && container.length === container.items.length)
      return this.#taken(container.items[key < 0 ? key + container.length : key], by);
    return undefined;
  }

  /** A value out of a container: the call that takes it is told by what is done with it. */
  #taken(value: Value, by: readonly Global[]): Value {
    if (value instanceof Global) return this.#reached(value, by);
    const text = isText(value) ? this.#text.known(value) : null;
    return text === null ? value : new MadeText(text, by);
  }

  typeOf(value: Value, callee: Global, at: number): Value {
    const { imports } = this.#log;
    const name = this.#text.known(value) !== null ? 'str' : value instanceof Bytes ? 'bytes' : null;
    if (name !== null) return this.#reached(imports.named('builtins', name, 'getattr', at, 4), [callee]);
    return value instanceof Module
      ? this.#reached(imports.named('types', 'ModuleType', 'getattr', at, 4), [callee])
      : undefined;
  }
}
