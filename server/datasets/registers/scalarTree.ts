import type { ConfigScalar, TextRange } from '../../formats/text/facts.ts';
import { LineIndex } from '../../formats/text/lineIndex.ts';
import type { Located } from './facts.ts';

type Key = string | number;

/** A YAML or JSON text as a tree, made from its scalars: what holds none (an empty list) is not in it. */
export class ScalarTree {
  readonly key: Key;
  scalar: ConfigScalar | null = null;
  readonly #children = new Map<Key, ScalarTree>();

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

/** By the first scalar of each document: the same scalars are the same tree. */
const known = new WeakMap<ConfigScalar, { last: ConfigScalar; count: number; tree: ScalarTree }>();

function treeOfDocument(scalars: readonly ConfigScalar[]): ScalarTree {
  const [first] = scalars;
  const last = scalars.at(-1);
  if (!first || !last) return new ScalarTree();
  const before = known.get(first);
  const count = scalars.length;
  if (before?.last === last && before.count === count) return before.tree;
  const tree = treeOf(scalars);
  known.set(first, { last, count, tree });
  return tree;
}

/** A tree for each document of a YAML text: the scalars of all of them come as one list. */
export function documentTrees(text: string, scalars: readonly ConfigScalar[]): ScalarTree[] {
  const lines = new LineIndex(text);
  const starts = [...text.matchAll(/^---(?=\s|$)/gm)].map(({ index }) => lines.position(index).line);
  const documents: ConfigScalar[][] = [[]];
  let next = 0;
  for (const scalar of scalars) {
    let isNew = false;
    while ((starts[next] ?? Infinity) <= scalar.range.line) {
      next++;
      isNew = true;
    }
    if (isNew) documents.push([]);
    documents.at(-1)?.push(scalar);
  }
  return documents.map(treeOfDocument);
}
