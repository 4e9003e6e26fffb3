import type { TreeCursor } from 'web-tree-sitter';
import type { Places } from './lineIndex.ts';
import { RecordedPlaces } from './recordedPlaces.ts';
import type { StatementFacts } from './pythonStatement.ts';

interface Kept {
  facts: StatementFacts;
  places: RecordedPlaces;
  /** 1-based. */
  line: number;
}

/** A statement that is known: its facts; or one that is to be read, and how to keep what was read. */
export type Looked = { facts: StatementFacts } | { facts: null; places: Places; keep: (facts: StatementFacts) => void };

/** Longer compound statements are taken apart: what stands in their blocks is kept by itself. */
const longest = 2_000;

const compound = /^(?:class|function|decorated)_definition$|^(?:if|for|while|with|try|match)_statement$/;
const statement = /_(?:statement|definition)$/;

/** Whether a node is taken apart where it is not kept as a whole: it is made of statements, or holds a block of them. */
export function holdsStatements(type: string): boolean {
  return compound.test(type) || /^(?:module|block|ERROR)$|_clause$/.test(type);
}

/**
 * Facts of the statements of a Python text, by what is written there. A statement that is written as it was before says what it said
 * before, wherever it has moved to.
 */
export class KnownStatements {
  #kept = new Map<string, Kept[]>();
  #next = new Map<string, Kept[]>();
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

  /** Null where the node is no statement, or one that is taken apart. */
  look(cursor: TreeCursor, type: string, parents: readonly string[]): Looked | null {
    const parent = parents.at(-1);
    if (this.#lines === null || (parent !== 'module' && parent !== 'block' && parent !== 'ERROR')) return null;
    if (!statement.test(type)) return null;
    const { startIndex, endIndex } = cursor;
    if (endIndex - startIndex > longest && compound.test(type)) return null;
    // What the parser made of broken text depends on what stands around it.
    if (this.#mayBeBroken && cursor.currentNode.hasError) return null;
    const { line, column } = this.#lines.position(startIndex);
    const context = parents.length === 1 ? 'module' : parents.at(-2) === 'class_definition' ? 'class' : '';
    const key = `${context} ${column} ${type} ${this.#text.slice(startIndex, endIndex)}`;
    const known = this.#kept.get(key)?.pop();
    if (known) {
      known.places.move(line - known.line);
      known.line = line;
      this.#keep(key, known);
      return { facts: known.facts };
    }
    const places = new RecordedPlaces(this.#lines);
    return { facts: null, places, keep: (facts) => this.#keep(key, { facts, places, line }) };
  }

  #keep(key: string, kept: Kept): void {
    const same = this.#next.get(key);
    if (same) same.push(kept);
    else this.#next.set(key, [kept]);
  }
}
