import type { ConfigMapping, ConfigNode, ConfigScalar, ConfigSequence } from './facts.ts';

type Path = readonly (string | number)[];
type Scalars = readonly ConfigScalar[];

/** How deep collections remember their scalars: enough that a change of one leaves the others alone. */
const rememberedDepth = 3;

/** Collections of no more scalars are asked as one. */
const largestGroup = 64;

/** Scalars of collections, and the same in groups, both in their order. */
class Collected {
  readonly path: Path;
  readonly all: ConfigScalar[] = [];
  groups: Scalars[] = [];
  /** The last group, where it takes further scalars. */
  #open: ConfigScalar[] | null = null;

  constructor(path: Path) {
    this.path = path;
  }

  add(scalar: ConfigScalar): void {
    this.all.push(scalar);
    if (!this.#open) this.groups.push((this.#open = []));
    this.#open.push(scalar);
  }

  addAll({ all, groups }: Collected): void {
    for (const each of all) this.all.push(each);
    for (const each of groups) this.groups.push(each);
    this.#open = null;
  }
}

/** By the collection, where it stood; those that did not change are in the next version of a text, too. */
const known = new WeakMap<ConfigNode, Collected>();

/** Of a text that is being edited, by the array of its scalars: the same in groups, which are those of the version before where nothing in them changed. */
const groupsOf = new WeakMap<Scalars, readonly Scalars[]>();

/** Every scalar of the documents with its path, as `ConfigScalar`s. An alias of a scalar is that scalar where it is used. */
export function scalarsOf(documents: readonly ConfigNode[]): ConfigScalar[] {
  return collected(documents).all;
}

/** The same of a text that is being edited: for `scalarsWhere`. */
export function editedScalarsOf(documents: readonly ConfigNode[]): ConfigScalar[] {
  const { all, groups } = collected(documents);
  groupsOf.set(all, groups);
  return all;
}

/** By the test and the group. */
const answers = new WeakMap<(scalar: ConfigScalar) => boolean, WeakMap<Scalars, Scalars>>();

/**
 * The scalars that pass a test, in their order. Of a text that is being edited only those are asked that changed since its last version.
 * @param test always the same function, whose answer depends on the value and the path of a scalar alone, and not on its place.
 */
export function scalarsWhere(scalars: Scalars, test: (scalar: ConfigScalar) => boolean): Scalars {
  const groups = groupsOf.get(scalars);
  if (!groups) return scalars.filter(test);
  let before = answers.get(test);
  if (!before) answers.set(test, (before = new WeakMap()));
  const found: ConfigScalar[] = [];
  for (const group of groups) {
    let passed = before.get(group);
    if (!passed) {
      passed = group.filter(test);
      before.set(group, passed.length > 0 ? passed : nothing);
    }
    for (const scalar of passed) found.push(scalar);
  }
  return found;
}

const nothing: Scalars = [];

function collected(documents: readonly ConfigNode[]): Collected {
  const all = new Collected([]);
  for (const document of documents) addScalars(document, [], all);
  return all;
}

function addScalars(node: ConfigNode, path: (string | number)[], to: Collected): void {
  if (node.kind === 'scalar') {
    const { value, range, innerRange, tag } = node;
    to.add({ path, value, range, innerRange, ...(tag !== undefined && { tag }) });
  } else if (node.kind !== 'alias') {
    if (path.length > rememberedDepth) return addParts(node, path, to);
    let own = known.get(node);
    if (!own || !isSame(own.path, path)) known.set(node, (own = collect(node, path)));
    to.addAll(own);
  }
}

function collect(node: ConfigMapping | ConfigSequence, path: Path): Collected {
  const own = new Collected(path);
  addParts(node, path, own);
  if (own.all.length <= largestGroup || path.length === rememberedDepth)
    own.groups = own.all.length > 0 ? [own.all] : [];
  return own;
}

function addParts(node: ConfigMapping | ConfigSequence, path: Path, to: Collected): void {
  if (node.kind === 'mapping') for (const { key, value } of node.entries) addScalars(value, [...path, key], to);
  else {
    const { tag } = node;
    for (const [index, item] of node.items.entries())
      addScalars(tag !== undefined && item.kind === 'scalar' ? { tag, ...item } : item, [...path, index], to);
  }
}

function isSame(one: Path, other: Path): boolean {
  return one.length === other.length && one.every((part, index) => part === other[index]);
}
