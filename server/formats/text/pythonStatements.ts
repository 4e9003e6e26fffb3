import type { TreeCursor } from 'web-tree-sitter';
import type { Places } from './lineIndex.ts';
import { RecordedPlaces } from './recordedPlaces.ts';
import type { StatementFacts } from './pythonStatement.ts';

/** A statement that is kept: its facts, which move with it. */
export class KeptStatement {
  readonly key: string;
  /** Null until it was read. */
  facts: StatementFacts | null = null;
  readonly places: RecordedPlaces;
  /** 1-based. */
  line: number;

  constructor(key: string, places: RecordedPlaces, line: number) {
    this.key = key;
    this.places = places;
    this.line = line;
  }

  moveTo(line: number): void {
    this.places.move(line - this.line);
    this.line = line;
  }
}

/** Longer compound statements are taken apart: what stands in their blocks is kept by itself. */
const longest = 2_000;

const compound = /^(?:class|function|decorated)_definition$|^(?:if|for|while|with|try|match)_statement$/;

export function isStatement(type: string): boolean {
  return /_(?:statement|definition)$/.test(type);
}

/** Whether a node is taken apart where it is not kept as a whole: it is made of statements, or holds a block of them. */
export function holdsStatements(type: string): boolean {
  return compound.test(type) || /^(?:module|block|ERROR)$|_clause$/.test(type);
}

/**
 * Facts of the statements of a Python text, by what is written there. A statement that is written as it was before says what it said
 * before, wherever it has moved to.
 */
export class KnownStatements {
  #kept = new Map<string, KeptStatement[]>();
  #next = new Map<string, KeptStatement[]>();
  #lines: Places | null = null;
  #text = '';
  #mayBeBroken = false;

  /** @param mayBeBroken whether the text breaks the grammar anywhere. */
  begin(text: string, mayBeBroken: boolean, lines: Places): void {
    this.#lines = lines;
    this.#text = text;
    this.#mayBeBroken = mayBeBroken;
    this.#next = new Map();
  }

  /** What no longer stands in the text is forgotten. */
  end(): void {
    this.#kept = this.#next;
    this.#next = new Map();
    this.#lines = null;
    this.#text = '';
  }

  clear(): void {
    this.#kept.clear();
    this.#next.clear();
  }

  /** The statement at the cursor, to be read where it has no facts; null where the node is no statement, or one that is taken apart. */
  look(cursor: TreeCursor, type: string, parents: readonly string[]): KeptStatement | null {
    const parent = parents.at(-1);
    if (this.#lines === null || (parent !== 'module' && parent !== 'block' && parent !== 'ERROR')) return null;
    if (!isStatement(type)) return null;
    const { startIndex, endIndex } = cursor;
    if (endIndex - startIndex > longest && compound.test(type)) return null;
    // What the parser made of broken text depends on what stands around it.
    if (this.#mayBeBroken && cursor.currentNode.hasError) return null;
    const { line, column } = this.#lines.position(startIndex);
    const context = parents.length === 1 ? 'module' : parents.at(-2) === 'class_definition' ? 'class' : '';
    const key = `${context} ${column} ${type} ${this.#text.slice(startIndex, endIndex)}`;
    const known = this.#kept.get(key)?.pop();
    if (!known) return new KeptStatement(key, new RecordedPlaces(this.#lines), line);
    known.moveTo(line);
    this.keep(known);
    return known;
  }

  /** Keeps a statement that was read. */
  keep(kept: KeptStatement): void {
    const same = this.#next.get(kept.key);
    if (same) same.push(kept);
    else this.#next.set(kept.key, [kept]);
  }
}
