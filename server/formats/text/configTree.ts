import type { ConfigEntry, ConfigLeaf, ConfigMapping, ConfigNode, ConfigSequence } from './facts.ts';

/** Aliases of aliases that a look-up follows, and mappings that are merged into one. */
const longestChain = 8;
const mostMerges = 64;

/** What an alias stands for; any other node is itself. */
export function dealias(node: ConfigNode | undefined): ConfigMapping | ConfigSequence | ConfigLeaf | undefined {
  let at = node;
  for (let step = 0; step < longestChain && at?.kind === 'alias'; step++) at = at.target;
  return at?.kind === 'alias' ? undefined : at;
}

/** Mappings with more entries are looked up by an index: hundreds of questions are asked of each, and one may have a hundred thousand. */
const longMapping = 32;

/** The last entry of each key, and of how many entries that was. */
const indexes = new WeakMap<ConfigMapping, { size: number; last: Map<string, ConfigEntry> }>();

/** The last entry of a key in the mapping itself. */
function ownEntry(mapping: ConfigMapping, key: string): ConfigEntry | undefined {
  const { entries } = mapping;
  if (entries.length <= longMapping) return entries.findLast((entry) => entry.key === key);
  let index = indexes.get(mapping);
  if (index?.size !== entries.length) {
    index = { size: entries.length, last: new Map(entries.map((entry) => [entry.key, entry])) };
    indexes.set(mapping, index);
  }
  return index.last.get(key);
}

/**
 * The entry of a key that counts (the last one), also where `<<` merges it in.
 * @param seen mappings that were looked into: each is looked into once, however often merges name it. Most merge nothing, and need none.
 */
export function entryOf(node: ConfigNode | undefined, key: string, seen?: Set<ConfigMapping>): ConfigEntry | undefined {
  const mapping = dealias(node);
  if (mapping?.kind !== 'mapping') return undefined;
  if (seen !== undefined && (seen.has(mapping) || seen.size > mostMerges)) return undefined;
  seen?.add(mapping);
  const own = ownEntry(mapping, key);
  if (own !== undefined || ownEntry(mapping, '<<') === undefined) return own;
  const looked = seen ?? new Set([mapping]);
  for (const { key: name, value } of mapping.entries) {
    if (name !== '<<') continue;
    const merged = dealias(value);
    const sources = merged?.kind === 'sequence' ? merged.items : [merged];
    for (const source of sources) {
      const found = entryOf(source, key, looked);
      if (found) return found;
    }
  }
  return undefined;
}

/** What stands at a path of keys and indices, aliases and merges followed; undefined where there is nothing. */
export function nodeAt(
  node: ConfigNode | undefined,
  ...path: (string | number)[]
): ConfigMapping | ConfigSequence | ConfigLeaf | undefined {
  let at = dealias(node);
  for (const step of path) {
    if (typeof step === 'string') at = dealias(entryOf(at, step)?.value);
    else at = at?.kind === 'sequence' ? dealias(at.items[step]) : undefined;
  }
  return at;
}

/** The items of a list at a path; none where there is no list. */
export function itemsAt(node: ConfigNode | undefined, ...path: (string | number)[]): ConfigNode[] {
  const found = nodeAt(node, ...path);
  return found?.kind === 'sequence' ? found.items : [];
}

/** The scalar at a path. */
export function leafAt(node: ConfigNode | undefined, ...path: (string | number)[]): ConfigLeaf | undefined {
  const found = nodeAt(node, ...path);
  return found?.kind === 'scalar' ? found : undefined;
}

/** The text at a path, where a text stands there. */
export function textAt(node: ConfigNode | undefined, ...path: (string | number)[]): string | undefined {
  const value = leafAt(node, ...path)?.value;
  return typeof value === 'string' ? value : undefined;
}

/** Keys of a mapping as they are written; none of anything else. */
export function keysOf(node: ConfigNode | undefined): string[] {
  const mapping = dealias(node);
  return mapping?.kind === 'mapping' ? mapping.entries.map(({ key }) => key) : [];
}

/** True where a mapping takes entries from elsewhere that are not seen here (`<<` of something unknown). */
export function hasMerge(node: ConfigNode | undefined): boolean {
  return keysOf(node).includes('<<');
}

/** A mapping with the path that leads to it, which few ask for. */
export class PlacedMapping {
  readonly node: ConfigMapping;
  readonly #around: PlacedPart | null;

  constructor(node: ConfigMapping, around: PlacedPart | null) {
    this.node = node;
    this.#around = around;
  }

  get path(): (string | number)[] {
    const path: (string | number)[] = [];
    for (let at = this.#around; at; at = at.around) path.push(at.key);
    return path.reverse();
  }
}

/** A key or an index, and those around it. */
interface PlacedPart {
  key: string | number;
  around: PlacedPart | null;
}

/** By the root: twenty rules ask. */
const mappings = new WeakMap<ConfigNode, PlacedMapping[]>();

/** Every mapping of a tree from the outside in, aliases not followed. */
export function mappingsIn(root: ConfigNode): readonly PlacedMapping[] {
  const known = mappings.get(root);
  if (known) return known;
  const found: PlacedMapping[] = [];
  const walk = (node: ConfigNode, around: PlacedPart | null): void => {
    if (node.kind === 'mapping') {
      found.push(new PlacedMapping(node, around));
      for (const { key, value } of node.entries)
        if (value.kind === 'mapping' || value.kind === 'sequence') walk(value, { key, around });
    } else if (node.kind === 'sequence') {
      for (const [key, item] of node.items.entries())
        if (item.kind === 'mapping' || item.kind === 'sequence') walk(item, { key, around });
    }
  };
  walk(root, null);
  mappings.set(root, found);
  return found;
}

/** How deep it is remembered of a node that nothing in it passes a test: enough that a change of one leaves the others alone. */
const rememberedDepth = 2;

/** By the test, nodes in which no mapping passes it. */
const without = new WeakMap<(mapping: ConfigMapping) => boolean, WeakSet<ConfigNode>>();

/**
 * As `mappingsIn`, those that pass a test. What did not change since the last version of a text, and had none, is not looked through again.
 * @param test always the same function, whose answer depends on what stands in the mapping alone, and not on where that stands.
 */
export function mappingsWhere(root: ConfigNode, test: (mapping: ConfigMapping) => boolean): PlacedMapping[] {
  const found: PlacedMapping[] = [];
  let none = without.get(test);
  if (!none) without.set(test, (none = new WeakSet()));
  const known = none;
  const walk = (node: ConfigNode, around: PlacedPart | null, depth: number): void => {
    if (depth <= rememberedDepth && known.has(node)) return;
    const before = found.length;
    if (node.kind === 'mapping') {
      if (test(node)) found.push(new PlacedMapping(node, around));
      for (const { key, value } of node.entries)
        if (value.kind === 'mapping' || value.kind === 'sequence') walk(value, { key, around }, depth + 1);
    } else if (node.kind === 'sequence') {
      for (const [key, item] of node.items.entries())
        if (item.kind === 'mapping' || item.kind === 'sequence') walk(item, { key, around }, depth + 1);
    }
    if (depth <= rememberedDepth && found.length === before) known.add(node);
  };
  walk(root, null, 0);
  return found;
}
