import type { ConfigNode, ConfigScalar, TextRange } from '../../formats/text/facts.ts';
import type { Located } from './facts.ts';

type Key = string | number;

/** A scalar, wherever it stands. */
export type Scalar = Omit<ConfigScalar, 'path'>;

/** A YAML or JSON text as a tree, made from its scalars: what holds none (an empty list) is not in it. */
export class ScalarTree {
  readonly key: Key;
  scalar: Scalar | null = null;
  #children = new Map<Key, ScalarTree>();

  constructor(key: Key = '') {
    this.key = key;
  }

  /** The node below these keys; an empty one where there is none. */
  at(...keys: Key[]): ScalarTree {
    return keys.reduce<ScalarTree>((node, key) => node.#children.get(key) ?? nothing, this);
  }

  /** The first of these keys that is there. */
  either(...keys: Key[]): ScalarTree {
    for (const key of keys) {
      const found = this.#children.get(key);
      if (found) return found;
    }
    return nothing;
  }

  get exists(): boolean {
    return this.scalar !== null || this.#children.size > 0;
  }

  children(): ScalarTree[] {
    return [...this.#children.values()];
  }

  /** The items of a list; the node itself where one value stands for a list of one. */
  items(): ScalarTree[] {
    const children = this.children();
    if (children.length > 0 && children.every(({ key }) => typeof key === 'number')) return children;
    return this.exists ? [this] : [];
  }

  /** A text that says something; null otherwise. */
  text(): Located<string> | null {
    const value = this.scalar?.value;
    return typeof value === 'string' && value.trim() !== '' && this.scalar
      ? { value, range: this.scalar.innerRange }
      : null;
  }

  number(): Located<number> | null {
    const value = this.scalar?.value;
    return typeof value === 'number' && Number.isFinite(value) && this.scalar
      ? { value, range: this.scalar.innerRange }
      : null;
  }

  /** The first scalar in it that says something, as a text: enough to know that a part is there. */
  first(): Located<string> | null {
    const open: ScalarTree[] = [this];
    for (let node = open.pop(); node; node = open.pop()) {
      const value = node.scalar?.value;
      if (node.scalar && value !== null && value !== undefined && String(value).trim() !== '') {
        return { value: String(value), range: node.scalar.innerRange };
      }
      open.push(...[...node.#children.values()].reverse());
    }
    return null;
  }

  /** Where something about the whole node stands: its first scalar, empty ones included. */
  place(): TextRange {
    const open: ScalarTree[] = [this];
    for (let node = open.pop(); node; node = open.pop()) {
      if (node.scalar) return node.scalar.range;
      open.push(...[...node.#children.values()].reverse());
    }
    return start;
  }

  add(scalar: ConfigScalar): void {
    const node = scalar.path.reduce<ScalarTree>((parent, key) => parent.#child(key), this);
    node.scalar = scalar;
  }

  /** Puts the parts of a node below this one. */
  take(parts: Iterable<[Key, ConfigNode]>): void {
    for (const [key, part] of parts) {
      const made = treeOfNode(part, key);
      const before = this.#children.get(key);
      // A key that is written twice has what stands under either.
      if (made.exists) this.#children.set(key, before ? before.#with(made) : made);
    }
  }

  /** The same under another key: items of a list move when one comes or goes before them. */
  under(key: Key): ScalarTree {
    const moved = new ScalarTree(key);
    [moved.scalar, moved.#children] = [this.scalar, this.#children];
    return moved;
  }

  #with(other: ScalarTree): ScalarTree {
    const both = new ScalarTree(this.key);
    both.scalar = other.scalar ?? this.scalar;
    both.#children = new Map(this.#children);
    for (const [key, child] of other.#children) {
      const own = both.#children.get(key);
      both.#children.set(key, own ? own.#with(child) : child);
    }
    return both;
  }

  #child(key: Key): ScalarTree {
    let child = this.#children.get(key);
    if (!child) this.#children.set(key, (child = new ScalarTree(key)));
    return child;
  }
}

const nothing = new ScalarTree();
const start: TextRange = { line: 1, column: 1, endLine: 1, endColumn: 1 };

export function treeOf(scalars: readonly ConfigScalar[]): ScalarTree {
  const tree = new ScalarTree();
  for (const scalar of scalars) tree.add(scalar);
  return tree;
}

/** By the node: what did not change from one version of a text to the next is the same tree. */
const known = new WeakMap<ConfigNode, ScalarTree>();

function treeOfNode(node: ConfigNode, key: Key): ScalarTree {
  const before = known.get(node);
  if (before) return before.key === key ? before : before.under(key);
  const tree = new ScalarTree(key);
  if (node.kind === 'scalar') tree.scalar = node;
  else if (node.kind === 'mapping') tree.take(node.entries.map((entry) => [entry.key, entry.value]));
  else if (node.kind === 'sequence') tree.take(node.items.entries());
  if (node.kind !== 'scalar') known.set(node, tree);
  return tree;
}

/** A tree for each document of a text. */
export function documentTrees(documents: readonly ConfigNode[]): ScalarTree[] {
  return documents.map((document) => treeOfNode(document, ''));
}
