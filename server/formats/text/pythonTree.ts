import type { Language, TreeCursor } from 'web-tree-sitter';
import { DirectCursor } from './directCursor.ts';
import type { PythonGrammar } from './pythonGrammar.ts';

/** Nodes that nobody looks into. */
const leaves = new Set(['identifier', 'integer', 'float', 'true', 'false', 'none', 'comment', 'ellipsis']);

/** Nodes whose children are asked for by the field that they stand in. */
const fielded = new Set([
  'aliased_import',
  'assignment',
  'attribute',
  'augmented_assignment',
  'binary_operator',
  'call',
  'class_definition',
  'default_parameter',
  'for_in_clause',
  'for_statement',
  'function_definition',
  'import_from_statement',
  'import_statement',
  'keyword_argument',
  'named_expression',
  'pair',
  'typed_default_parameter',
  'unary_operator',
]);

/** What the table makes of a type of nodes; bits. */
const anonymous = 1;
const leaf = 2;
const string = 4;
const withFields = 8;
const withSigns = 16;

/** Nodes between two looks at the clock. */
const clockSteps = 1024;
/** Room for so many nodes is kept for the next text. */
const mostKept = 1 << 17;
const least = 1 << 10;

/**
 * A part of the syntax tree of a Python text as a table, in the order of the text. A question to the library's nodes takes longer than the
 * parser takes for the same node. So the tree is walked once, with as few questions as will do, and what reads it reads the table
 * (docs/decisions/0110-reading-python-faster.md).
 *
 * The table holds the named nodes, and the signs of binary operators. What stands in a string that is text alone is left out.
 * Nodes are numbers from 0, the root of the part. The table serves for the next part, too: nothing of it may be kept.
 */
export class PythonTree {
  length = 0;
  #text = '';
  readonly #language: Language;
  readonly #cursor: DirectCursor;
  readonly #traits: Uint8Array;
  #types = new Uint16Array(least);
  #fields = new Uint8Array(least);
  #starts = new Int32Array(least);
  #ends = new Int32Array(least);
  #parents = new Int32Array(least);
  /** The first node that stands behind each, and not in it. */
  #behind = new Int32Array(least);
  #steps = 0;

  constructor({ language, engine }: PythonGrammar) {
    this.#language = language;
    this.#cursor = new DirectCursor(engine);
    this.#traits = Uint8Array.from(language.types, (type, id) => traitsOf(type, language.nodeTypeIsNamed(id)));
  }

  /**
   * Takes in the node at a cursor and all that stands in it. The cursor is then where it was.
   * @param text what the tree is of.
   * @param deadline as `performance.now()` counts.
   * @returns false where that was reached: the rest of the part is missing.
   */
  read(cursor: TreeCursor, text: string, deadline: number): boolean {
    this.#text = text;
    this.length = 0;
    if (this.#types.length > mostKept) this.#resize(least);
    this.#cursor.begin(cursor);
    const inTime = this.#walk(deadline);
    this.#cursor.end();
    return inTime;
  }

  #walk(deadline: number): boolean {
    const cursor = this.#cursor;
    let parent = -1;
    let around = 0;
    let inTime = true;
    for (;;) {
      if (++this.#steps % clockSteps === 0 && performance.now() > deadline) inTime = false;
      const type = cursor.typeId;
      const traits = this.#traits[type] ?? 0;
      if ((traits & anonymous) === 0 || (around & withSigns) !== 0) {
        const node = this.#add(type, parent, around);
        const mayHold = (traits & (leaf | anonymous)) === 0 && !((traits & string) !== 0 && isPlain(this.text(node)));
        if (mayHold && inTime && cursor.gotoFirstChild()) {
          [parent, around] = [node, traits];
          continue;
        }
        this.#behind[node] = this.length;
      }
      for (;;) {
        if (parent < 0) return inTime;
        if (inTime && cursor.gotoNextSibling()) break;
        cursor.gotoParent();
        this.#behind[parent] = this.length;
        parent = this.parent(parent);
        around = parent < 0 ? 0 : this.#traitsAt(parent);
      }
    }
  }

  type(node: number): string {
    return this.#language.types[this.#types[node] ?? 0] || 'ERROR';
  }

  start(node: number): number {
    return this.#starts[node] ?? 0;
  }

  end(node: number): number {
    return this.#ends[node] ?? 0;
  }

  text(node: number): string {
    return this.#text.slice(this.#starts[node], this.#ends[node]);
  }

  /** -1 for that of the root. */
  parent(node: number): number {
    return this.#parents[node] ?? -1;
  }

  /** The field of its parent in which a node stands, where such fields are asked for. */
  field(node: number): string | null {
    return this.#language.fields[this.#fields[node] ?? 0] ?? null;
  }

  /** The first child in a field; undefined where there is none. */
  child(node: number, field: string): number | undefined {
    for (let at = node + 1; at < this.#after(node); at = this.#after(at)) if (this.field(at) === field) return at;
    return undefined;
  }

  /** Named children, comments among them. */
  children(node: number): number[] {
    const found: number[] = [];
    for (let at = node + 1; at < this.#after(node); at = this.#after(at))
      if ((this.#traitsAt(at) & anonymous) === 0) found.push(at);
    return found;
  }

  #after(node: number): number {
    return this.#behind[node] ?? this.length;
  }

  #traitsAt(node: number): number {
    return this.#traits[this.#types[node] ?? 0] ?? 0;
  }

  #add(type: number, parent: number, around: number): number {
    const cursor = this.#cursor;
    const node = this.length++;
    if (node === this.#types.length) this.#resize(node * 2);
    this.#types[node] = type;
    this.#parents[node] = parent;
    this.#starts[node] = cursor.startIndex;
    this.#ends[node] = cursor.endIndex;
    // What the root stands in is not in the table.
    this.#fields[node] = parent < 0 || (around & withFields) !== 0 ? cursor.fieldId : 0;
    return node;
  }

  #resize(size: number): void {
    const resized = <Column extends Uint8Array | Uint16Array | Int32Array>(from: Column, to: Column): Column => {
      to.set(from.subarray(0, Math.min(this.length, size)));
      return to;
    };
    this.#types = resized(this.#types, new Uint16Array(size));
    this.#fields = resized(this.#fields, new Uint8Array(size));
    this.#starts = resized(this.#starts, new Int32Array(size));
    this.#ends = resized(this.#ends, new Int32Array(size));
    this.#parents = resized(this.#parents, new Int32Array(size));
    this.#behind = resized(this.#behind, new Int32Array(size));
  }
}

function traitsOf(type: string, isNamed: boolean): number {
  if (!isNamed) return anonymous;
  return (
    (leaves.has(type) ? leaf : 0) |
    (type === 'string' ? string : 0) |
    (fielded.has(type) ? withFields : 0) |
    (type === 'binary_operator' ? withSigns : 0)
  );
}

/** Prefix, quotes, and the same quotes at the end of a string that is text alone: no bytes, no interpolation. */
const opening = /^([ru]?)("""|'''|"|')/i;

/** What stands between the quotes of a string of text alone, and where, from its start; null of any other, and where the end is not plain to see. */
export function plainString(text: string): { raw: boolean; from: number; to: number } | null {
  const match = opening.exec(text);
  if (!match) return null;
  const [{ length: from }, prefix = '', quotes = ''] = match;
  const to = text.length - quotes.length;
  if (to < from || !text.endsWith(quotes)) return null;
  // An escaped quote ends nothing: the string is not closed.
  let slashes = 0;
  while (text.charCodeAt(to - 1 - slashes) === 0x5c && to - 1 - slashes >= from) slashes++;
  return slashes % 2 === 1 ? null : { raw: prefix.toLowerCase() === 'r', from, to };
}

/** Strings that need not be looked into. */
function isPlain(text: string): boolean {
  return plainString(text) !== null || /^(?:b|br|rb)["']/i.test(text);
}
