import type { PickleImport } from '../../formats/facts.ts';
import dangerous from './lists/dangerous.json' with { type: 'json' };
import suspicious from './lists/suspicious.json' with { type: 'json' };
import vetted from './lists/vetted.json' with { type: 'json' };

/** How much is known of a name that a pickle looks up. */
export type Tier = 'vetted' | 'suspicious' | 'dangerous' | 'unknown';

/** A name's tier, and what it does in words that follow "it": `runs commands of the operating system`. */
export interface KnownImport {
  tier: Tier;
  does: string;
  /** True when it is vetted as one of the classes of a package, and not by its own name. */
  asClass?: true;
}

interface Group {
  /** Where the names come from. */
  source: string;
  does: string;
  names: string[];
  classes?: string[];
  /** The names, too, are vetted only as long as they are not constructed with arguments. */
  unconstructed?: boolean;
}

const exact = new Map<string, KnownImport>();
const below = new Map<string, KnownImport>();
const classesBelow = new Map<string, KnownImport>();

function learn(tier: Tier, groups: Group[]): void {
  for (const { does, names, classes, unconstructed } of groups) {
    for (const name of names) {
      if (name.endsWith('.**')) below.set(name.slice(0, -3), { tier, does });
      else exact.set(name, { tier, does, ...(unconstructed && { asClass: true }) });
    }
    for (const name of classes ?? []) classesBelow.set(name.slice(0, -3), { tier, does, asClass: true });
  }
}
// Later lists win where the same name stands in two: danger last.
learn('vetted', vetted.groups);
learn('suspicious', suspicious.groups);
learn('dangerous', dangerous.groups);

/**
 * Attributes that `getattr(<vetted class>, ...)` may take: a member of an enumeration, or the forward pass of a module.
 * Every other method is told, because the classes of data frames, arrays and models have methods that write files, load
 * pickles and evaluate expressions (`ndarray.tofile`, `DataFrame.query`, `from_pretrained`).
 */
const harmlessAttribute = /^(?:[A-Z][A-Z\d_]*|forward(?:_[a-z]+)*)$/;

const unknown: KnownImport = { tier: 'unknown', does: 'is on no list' };

const special: KnownImport = { tier: 'dangerous', does: 'reaches into the interpreter through a special attribute' };
const isSpecial = (name: string): boolean => name.startsWith('__') && name.endsWith('__');

/** Methods that say by their names that they read, write, load or run something, of whatever class. */
const telling =
  /^(?:to_(?:pickle|csv|json|hdf|sql|parquet|feather|excel|html|xml|stata|orc|clipboard)|(?:save|dump|load|read|write|open|exec|eval|spawn|run|query|system|popen|from_pretrained|from_file|from_ur[il]|tofile|fromfile)(?:_(?!state_dict)\w*)?)$/;
const reaching: KnownImport = {
  tier: 'dangerous',
  does: 'reaches a method that reads, writes, loads or runs something',
};

/**
 * Functions, of whatever package, that say by their names that they load, open, fetch or run what they are given. A class
 * is none, and neither is what rebuilds an object from its parts (`_unpickle`, `_reconstruct`, `from_dict`).
 */
const tellingFunction =
  /^_?(?:(?:load|loads|open|read|write|save|dump|exec|execute|eval|run|system|popen|spawn|import|download|fetch|restore|connect|imread|imwrite|imsave|urlopen|shell|unsafe_load)(?:_\w+)?|from_pretrained|restore_from|load_from_checkpoint|main)$/;
const tellingCall: KnownImport = {
  tier: 'dangerous',
  does: 'is a function that loads, opens or runs what it is given, by its name',
};

/** The parts of the longest path on the lists: what is longer is on them only by its first parts. */
const deepest = Math.max(
  ...[exact, below, classesBelow].flatMap((list) => [...list.keys()]).map((path) => partsOf(path).length),
);

function partsOf(dotted: string): string[] {
  return dotted.split('.');
}

/** The packages around a path that could be on the lists, the innermost first. */
function* packagesAround(parts: readonly string[]): Generator<string> {
  for (let end = Math.min(parts.length - 1, deepest); end > 0; end--) yield parts.slice(0, end).join('.');
}

/** What the lists say of everything in a package around a dotted path. */
function packageOf(parts: readonly string[]): KnownImport | undefined {
  for (const parent of packagesAround(parts)) {
    const found = below.get(parent);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What the lists say of a dotted path by its parts, the longest match first; undefined when none does. Of a path that is
 * deeper than the lists more than that depth need not be given, and its last part is `name`.
 */
function lookUp(parts: readonly string[], name = parts.at(-1) ?? ''): KnownImport | undefined {
  const dotted = parts.length <= deepest ? parts.join('.') : undefined;
  const found = dotted === undefined ? undefined : exact.get(dotted);
  if (found !== undefined) return found;
  // Libraries keep private classes beside the public ones: sklearn's _CFNode.
  const camelCase = /^_?[A-Z]\w*$/.test(name);
  for (const parent of packagesAround(parts)) {
    const package_ = (camelCase ? classesBelow.get(parent) : undefined) ?? below.get(parent);
    if (package_ !== undefined) return package_;
  }
  // The name of a listed module itself: `importlib.os` hands out the module os.
  return dotted === undefined ? undefined : below.get(dotted);
}

/**
 * Judges a name with both halves known. A dotted name walks attributes, and so may leave the module it starts in
 * (`pathlib` + `os.system`): every tail of it is judged as well.
 */
export function classifyImport(module: string, name: string, opcode?: PickleImport['opcode']): KnownImport {
  const [modules, steps] = [partsOf(module), partsOf(name)];
  const whole = lookUp([...modules, ...steps]);
  if (whole?.tier === 'dangerous') return whole;
  // `__dict__`, `__builtins__`, `__loader__`: what every module has, and all of Python hangs on it.
  if (steps.length === 1) return whole?.tier !== 'vetted' && isSpecial(name) ? special : (whole ?? unknown);
  for (let start = 0; start < steps.length; start++) {
    // Modules import others under private names: random._os is os.
    const tail = steps.slice(start, start + deepest + 1);
    const found = lookUp([(tail[0] as string).replace(/^_+(?=[a-z])/, ''), ...tail.slice(1)], steps.at(-1));
    if (found?.tier === 'dangerous') return found;
  }
  if (steps.some(isSpecial)) return special;
  if (steps.slice(1).some((step) => telling.test(step))) return reaching;
  if (whole !== undefined && exact.has(`${module}.${name}`)) return whole;
  // getattr(<vetted class>, 'forward') takes a method of something that is vetted; an enumeration names its member so.
  const owner = lookUp([...modules, steps[0] as string]);
  if (steps.length === 2 && owner?.tier === 'vetted' && harmlessAttribute.test(steps[1] as string)) {
    if (opcode === 'getattr' || /^[A-Z]/.test(steps[1] as string)) return { ...owner, asClass: true };
  }
  return { tier: 'suspicious', does: 'reaches an attribute through another object' };
}

/**
 * Judges an import with both halves known, by its name and by what is done with it: a class that is vetted with its
 * whole package may be made and filled with its state, and not constructed with arguments of the file's choosing, which
 * some constructors open, load or evaluate.
 */
export function judgeImport(entry: PickleImport): KnownImport {
  if (entry.module === null || entry.name === null) return unknown;
  const known = classifyImport(entry.module, entry.name, entry.opcode);
  if (known.asClass && known.tier === 'vetted' && entry.withArguments) {
    const module = packageOf([...partsOf(entry.module), ...partsOf(entry.name)]);
    if (module?.tier === 'dangerous') return module;
    return { tier: 'suspicious', does: 'is constructed with arguments that the file chooses' };
  }
  if (entry.builtPlainly && !entry.withArguments && known.tier === 'suspicious')
    return { tier: 'vetted', does: 'is filled with its state' };
  if (entry.bound && (known.tier === 'suspicious' || known === reaching)) return judgeBound(entry, known);
  // joblib notes the type of the array it wrote; only calling it opens a file.
  if (entry.module === 'numpy' && entry.name === 'memmap' && !entry.called)
    return { tier: 'vetted', does: 'names a type' };
  // A file that refers to a function of somebody's package is one thing, and one that has it called with a text another.
  const name = entry.name.slice(entry.name.lastIndexOf('.') + 1);
  if (known.tier !== 'vetted' && known.tier !== 'dangerous' && tellingFunction.test(name) && isGivenText(entry))
    return tellingCall;
  return known;
}

/**
 * Judges a method that is taken of an object, as hooks and callbacks of models are kept: calling it while the file is
 * loaded is what no pickler writes.
 */
function judgeBound({ module, name, called }: PickleImport, known: KnownImport): KnownImport {
  if (called) return { ...known, tier: 'dangerous' };
  const owner = classifyImport(module ?? '', (name ?? '').split('.').slice(0, -1).join('.'));
  return owner.tier === 'vetted' && known !== reaching
    ? { tier: 'vetted', does: 'names a method' }
    : { ...known, tier: 'suspicious' };
}

/** Whether a call, as it is shown, has a text or bytes among its arguments: a path, an address, code or data. */
function isGivenText({ call, withArguments }: PickleImport): boolean {
  return withArguments === true && /['<]/.test(call?.slice(call.indexOf('(')) ?? '');
}

/** All entries of the lists, for tests and documentation. */
export const listGroups: Readonly<Record<'vetted' | 'suspicious' | 'dangerous', Group[]>> = {
  vetted: vetted.groups,
  suspicious: suspicious.groups,
  dangerous: dangerous.groups,
};
