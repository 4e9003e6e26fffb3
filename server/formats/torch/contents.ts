import { describeValue, type TensorValue, type Value } from './values.ts';

/** A tensor under its name. Nested dictionaries and lists are joined with dots: `optimizer.state.0.exp_avg`. */
export interface NamedTensor {
  name: string;
  /** False when the name was joined from a nested dictionary or list. */
  top: boolean;
  tensor: TensorValue;
}

export interface CheckpointContents {
  tensors: NamedTensor[];
  /** What is not a tensor, by dotted key; lists and dictionaries of plain values count once. */
  others: { key: string; what: string }[];
  /** Keys of nested dictionaries and lists that hold tensors. */
  nested: string[];
  /** Why there can be no conversion of these values, whatever is left out. */
  obstacle: { reason: string; offset: number | null } | null;
}

/** Containers inside containers. Optimizer states have five. */
const deepest = 32;
/** Values that are looked at. A pickle can name one list a thousand times, and that list another. */
const mostValues = 5_000_000;
/** Values beside the tensors that are listed while a container is looked through. */
const mostOthers = 300_000;

/** Everything in `root`, in the order of the file. `root` itself is at the top: its keys are the names. */
export function checkpointContents(root: Value): CheckpointContents {
  const walk = new ContentsWalk();
  walk.root(root);
  return walk.contents;
}

/**
 * The value at a dotted path of dictionary keys (`state_dict`, `checkpoint.model`), and what stands beside that path.
 * Null when there is none.
 */
export function selectValue(
  root: Value,
  path: string,
): { value: Value; beside: { key: string; what: string }[] } | null {
  const beside: { key: string; what: string }[] = [];
  let value = root;
  let rest = path;
  let prefix = '';
  while (rest !== '') {
    if (value === null || typeof value !== 'object' || value.kind !== 'dict' || !value.entries) return null;
    // A key may itself hold dots: the longest that matches counts.
    const keys = [...value.entries.keys()].map((key) => ({ key, text: keyText(key) }));
    const found = keys
      .filter(({ text }) => rest === text || rest.startsWith(`${text}.`))
      .sort((a, b) => b.text.length - a.text.length)[0];
    if (!found) return null;
    for (const { key, text } of keys) {
      if (key !== found.key) beside.push({ key: prefix + text, what: describeValue(value.entries.get(key)!) });
    }
    value = value.entries.get(found.key)!;
    rest = rest.slice(found.text.length + 1);
    prefix += `${found.text}.`;
  }
  return { value, beside };
}

class ContentsWalk {
  readonly contents: CheckpointContents = { tensors: [], others: [], nested: [], obstacle: null };
  #left = mostValues;

  root(root: Value): void {
    const { contents } = this;
    if (root === null || typeof root !== 'object') {
      contents.obstacle = { reason: `it holds ${describeValue(root)}, not a dictionary of tensors`, offset: null };
      return;
    }
    switch (root.kind) {
      case 'dict':
        this.#children(root, '', 0);
        break;
      case 'tensor':
        contents.obstacle = {
          reason: 'it holds one tensor without a name; save a dictionary, {"name": tensor}',
          offset: root.pickleOffset,
        };
        break;
      case 'inert':
        contents.obstacle = {
          reason: root.what.startsWith('is an object')
            ? `it ${root.what}, not a dictionary of tensors; save its state_dict() instead`
            : `loading it ${root.what}; it holds no dictionary of tensors`,
          offset: root.offset,
        };
        break;
      case 'unconvertible':
        contents.obstacle = { reason: `it holds ${root.reason}`, offset: root.offset };
        break;
      default:
        contents.obstacle = { reason: `it holds ${describeValue(root)}, not a dictionary of tensors`, offset: null };
    }
    if (!contents.obstacle && contents.tensors.length === 0) {
      contents.obstacle = { reason: 'it holds no tensors', offset: null };
    }
    if (!contents.obstacle) contents.obstacle = this.#nameObstacle();
  }

  /** True when there are tensors, or things that must be named one by one, inside. */
  #visit(value: Value, name: string, depth: number): boolean {
    if (this.contents.obstacle) return true;
    if (--this.#left < 0 || this.contents.others.length >= mostOthers) {
      this.contents.obstacle = { reason: 'it holds more values than can be listed', offset: null };
      return true;
    }
    if (value === null || typeof value !== 'object') return this.#plain(value, name);
    switch (value.kind) {
      case 'tensor':
        this.contents.tensors.push({ name, top: depth === 1, tensor: value });
        return true;
      case 'unconvertible':
        this.contents.obstacle = { reason: `the key ${quoted(name)} holds ${value.reason}`, offset: value.offset };
        return true;
      case 'inert':
      case 'global':
        this.contents.others.push({ key: name, what: describeValue(value) });
        return true;
      case 'dict':
      case 'list':
      case 'tuple':
        return this.#container(value, name, depth);
      default:
        return this.#plain(value, name);
    }
  }

  #plain(value: Value, name: string): boolean {
    this.contents.others.push({ key: name, what: describeValue(value) });
    return false;
  }

  #container(value: Extract<Value, { kind: 'dict' | 'list' | 'tuple' }>, name: string, depth: number): boolean {
    const { tensors, others, nested } = this.contents;
    if (depth >= deepest) {
      this.contents.obstacle = { reason: `its values are nested more than ${deepest} deep`, offset: null };
      return true;
    }
    // A list of a million numbers is one value.
    if (value.kind !== 'dict' && value.items.every((item) => item === null || typeof item !== 'object')) {
      this.#left -= value.items.length;
      return this.#plain(value, name);
    }
    const before = others.length;
    const tensorsBefore = tensors.length;
    const notable = this.#children(value, `${name}.`, depth);
    if (!notable) {
      // Only plain values inside: one line for them all.
      others.length = before;
      others.push({ key: name, what: describeValue(value) });
    }
    if (tensors.length > tensorsBefore) nested.push(name);
    return notable;
  }

  #children(value: Extract<Value, { kind: 'dict' | 'list' | 'tuple' }>, prefix: string, depth: number): boolean {
    let notable = false;
    if (value.kind === 'dict') {
      for (const [key, item] of value.entries ?? []) {
        // A key that is no text cannot be a tensor's name as it stands: it makes the name a joined one.
        const level = typeof key === 'string' ? depth + 1 : Math.max(depth + 1, 2);
        if (this.#visit(item, prefix + keyText(key), level)) notable = true;
      }
    } else {
      value.items.forEach((item, index) => {
        if (this.#visit(item, `${prefix}${index}`, depth + 1)) notable = true;
      });
    }
    return notable;
  }

  #nameObstacle(): CheckpointContents['obstacle'] {
    const names = new Set<string>();
    for (const { name, tensor } of this.contents.tensors) {
      const offset = tensor.pickleOffset;
      if (name === '__metadata__')
        return { reason: 'a tensor is named "__metadata__", which safetensors reserves', offset };
      if (!isWellFormed(name)) return { reason: `the name ${quoted(name)} is not valid Unicode`, offset };
      if (names.has(name)) return { reason: `two tensors would be named ${quoted(name)}`, offset };
      names.add(name);
    }
    return null;
  }
}

function keyText(key: Value): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number' || typeof key === 'bigint') return String(key);
  return `(${describeValue(key)})`;
}

const quoted = (text: string): string => JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}...` : text);

/** String.prototype.isWellFormed, which ES2023 does not have. */
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);
