import { parseJsonTree, JsonTreeBreak, type JsonNode } from '../../formats/json/tree.ts';
import { LineIndex } from '../../formats/text/lineIndex.ts';

/** A JSON object of a document, as `JSON.parse` gives it. */
export type JsonObject = { [key: string]: unknown };

/** A place in the text; 1-based lines, 1-based columns in UTF-16 units. */
export interface Place {
  line: number;
  column: number;
  /** In UTF-16 units from the start of the text. */
  offset: number;
}

/** Characters of a bill of materials that are read: one with 100,000 components has some 60 million. */
export const longestDocument = 64 << 20;

/** A bill of materials as text, with the place of every value. */
export class BomDocument {
  readonly text: string;
  readonly root: JsonObject;
  #tree: JsonNode | null | undefined;
  #lines: LineIndex | undefined;

  private constructor(text: string, root: JsonObject) {
    this.text = text;
    this.root = root;
  }

  /** @returns the document, or what keeps it from being read, and where. */
  static read(text: string): BomDocument | { message: string; place: Place | null } {
    if (text.length > longestDocument)
      return { message: `it is longer than ${longestDocument} characters`, place: null };
    const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
    if (/^\s*</.test(content.slice(0, 1_000)))
      return { message: 'it is XML, and only CycloneDX JSON is read', place: null };
    let tree: JsonNode;
    try {
      // First with bounds on depth and number: what passes can be walked without fear for the stack.
      tree = parseJsonTree(content);
    } catch (error) {
      if (!(error instanceof JsonTreeBreak)) throw error;
      return { message: error.message, place: placeAt(new LineIndex(content), error.offset) };
    }
    let root: unknown;
    try {
      root = JSON.parse(content);
    } catch {
      return { message: 'it holds NaN or Infinity, which JSON does not know', place: null };
    }
    if (!isObject(root)) return { message: 'it is no JSON object', place: null };
    const document = new BomDocument(content, root);
    document.#tree = tree;
    return document;
  }

  /** Where the value of a pointer begins; its nearest parent that is there, for what is missing. */
  placeOf(pointer: string): Place {
    this.#lines ??= new LineIndex(this.text);
    return placeAt(this.#lines, this.nodeAt(pointer)?.offset ?? 0);
  }

  /** The syntax node of a pointer, or of its nearest parent. */
  nodeAt(pointer: string): JsonNode | null {
    let node = this.#tree ?? null;
    for (const key of keysOf(pointer)) {
      const next = node === null ? undefined : childOf(node, key);
      if (next === undefined) return node;
      node = next;
    }
    return node;
  }
}

function childOf(node: JsonNode, key: string): JsonNode | undefined {
  if (node.type === 'object') return node.members.findLast(([name]) => name === key)?.[1];
  return node.type === 'array' ? node.items[Number(key)] : undefined;
}

function placeAt(lines: LineIndex, offset: number): Place {
  const { line, column } = lines.position(offset);
  return { line, column, offset };
}

/** The keys of a JSON pointer. */
export function keysOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export const escapeKey = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

export const isObject = (value: unknown): value is JsonObject =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A member of an object, by keys; undefined where anything on the way is missing. */
export function get(value: unknown, ...path: (string | number)[]): unknown {
  let here = value;
  for (const key of path) {
    if (Array.isArray(here) && typeof key === 'number') here = here[key];
    else if (isObject(here) && Object.hasOwn(here, key)) here = here[key];
    else return undefined;
  }
  return here;
}

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
