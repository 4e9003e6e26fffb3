import { changeBetween, type Change } from './change.ts';
import { editedScalarsOf } from './configScalars.ts';
import type { ConfigMapping, ConfigNode, ConfigSequence, TextRange } from './facts.ts';
import { isEventLog, mostMistakes, readJson, readJsonValue, type JsonReading } from './json.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type ConfigText } from './parse.ts';

type Collection = ConfigMapping | ConfigSequence;

/** An object or an array around a change, and the number of its part that holds the next one. */
interface Enclosing {
  node: Collection;
  part: number;
}

interface Place {
  line: number;
  column: number;
}

/** How many objects and arrays around a change are tried, from the inside out, before the text is read as a whole. */
const mostTries = 2;

/**
 * A JSON text that is being edited. Of a new version only the smallest object or array that holds the change between its brackets is read:
 * a value is read the same wherever it begins, so that nothing else is new where it still ends at its bracket.
 */
export class EditedJson {
  #text = '';
  #lines = new LineIndex('');
  #reading: JsonReading | null = null;

  /** What `parseJson` gives for this version. It holds until the next call: places in it move with the text. */
  parse(text: string): ConfigText<'json'> {
    const lines = new LineIndex(text);
    const reading = this.#patched(text, lines) ?? readJson(text, lines);
    this.#text = text;
    this.#lines = lines;
    this.#reading = reading;
    const { documents, problems } = reading;
    return { language: 'json', documents, scalars: editedScalarsOf(documents), problems };
  }

  /** The last reading with the change read in, or null where the text has to be read as a whole. */
  #patched(text: string, lines: LineIndex): JsonReading | null {
    const reading = this.#reading;
    if (!reading || text === this.#text) return reading;
    const [root] = reading.documents;
    if (!root || reading.documents.length !== 1 || reading.isLog || isEventLog(text)) return null;
    if (reading.mistakes.length >= mostMistakes || reachesLimit(reading)) return null;
    const path = enclosing(root, changeBetween(this.#text, text), this.#lines);
    const longer = text.length - this.#text.length;
    for (let depth = path.length - 1; depth > 0 && depth >= path.length - mostTries; depth--) {
      const node = path[depth]?.node;
      if (!node) return null;
      const { from, to } = offsetsOf(node, this.#lines);
      const now = readJsonValue(text, lines, from, depth);
      const [made] = now.documents;
      const move = new Move(endOf(node.range), lines.position(to + longer));
      if (!made || !isCollection(made) || !isSame(endOf(made.range), move.to)) continue;
      const nodes = reading.nodes - nodesIn(node) + now.nodes;
      if (reachesLimit(now) || nodes >= textLimits.facts) return null;
      const behind = reading.mistakes.filter((place) => !isBefore(place, move.from));
      const mistakes = [
        // What is wrong at the bracket itself is a comma that is missing before it.
        ...reading.mistakes.filter((place) => !isBefore(node.range, place)),
        ...now.mistakes.filter((place) => isBefore(place, move.to)),
        ...behind.map((place) => move.place(place)),
      ];
      const documents = [replaced(path.slice(0, depth), made, move)];
      return { documents, problems: problemsOf(mistakes), mistakes, nodes, isLog: false };
    }
    return null;
  }
}

function reachesLimit({ problems }: Pick<JsonReading, 'problems'>): boolean {
  return problems.some(({ code }) => code !== 'malformed');
}

function problemsOf([first]: readonly Place[]): JsonReading['problems'] {
  return first ? [{ code: 'malformed', line: first.line, message: 'the text is not JSON' }] : [];
}

/** What stands at or behind the end of a value that was replaced moves with that end. */
class Move {
  readonly from: Place;
  readonly to: Place;

  constructor(from: Place, to: Place) {
    this.from = from;
    this.to = to;
  }

  place({ line, column }: Place): Place {
    return {
      line: line + this.to.line - this.from.line,
      column: line === this.from.line ? column + this.to.column - this.from.column : column,
    };
  }

  /** Moves in place. */
  end(range: TextRange): void {
    const { line, column } = this.place(endOf(range));
    [range.endLine, range.endColumn] = [line, column];
  }

  /** Moves in place. */
  range(range: TextRange): void {
    const { line, column } = this.place(range);
    [range.line, range.column] = [line, column];
    this.end(range);
  }

  /** Moves a node and what stands in it in place. @returns false where nothing that stands behind it moves. */
  node(node: ConfigNode): boolean {
    if (this.from.line === this.to.line && node.range.line > this.from.line) return false;
    if (node.kind === 'mapping')
      for (const { keyRange, value } of node.entries) {
        this.range(keyRange);
        this.node(value);
      }
    else if (node.kind === 'sequence') for (const item of node.items) this.node(item);
    else if (node.kind === 'scalar') this.range(node.innerRange);
    this.range(node.range);
    return true;
  }
}

/** The objects and arrays that hold a change between their brackets, from the outside in. */
function enclosing(root: ConfigNode, { start, oldEnd }: Change, lines: LineIndex): Enclosing[] {
  const holds = (node: ConfigNode): node is Collection => {
    if (!isCollection(node)) return false;
    const { from, to } = offsetsOf(node, lines);
    return from < start && oldEnd < to;
  };
  const path: Enclosing[] = [];
  for (let node: ConfigNode | undefined = root; node && holds(node);) {
    const parts = partsOf(node);
    const part = parts.findIndex(holds);
    path.push({ node, part });
    node = parts[part];
  }
  return path;
}

/** The tree with another node in the place of one. What lies around that is made anew, so that nothing is remembered of what it was. */
function replaced(path: readonly Enclosing[], made: ConfigNode, move: Move): ConfigNode {
  let inner = made;
  let isMoving = true;
  for (const { node, part } of path.toReversed()) {
    const parts = partsOf(node);
    for (let behind = part + 1; isMoving && behind < parts.length; behind++) {
      const each = parts[behind];
      const key = node.kind === 'mapping' ? node.entries[behind]?.keyRange : undefined;
      if (key) move.range(key);
      isMoving = each !== undefined && move.node(each);
    }
    const range = { ...node.range };
    move.end(range);
    if (node.kind === 'sequence') inner = { ...node, range, items: node.items.with(part, inner) };
    else {
      const value = inner;
      const entries = node.entries.map((entry, index) => (index === part ? { ...entry, value } : entry));
      inner = { ...node, range, entries };
    }
  }
  return inner;
}

/** Scalars, mappings and sequences. */
function nodesIn(node: ConfigNode): number {
  return isCollection(node) ? partsOf(node).reduce((sum, each) => sum + nodesIn(each), 1) : 1;
}

function partsOf(node: Collection): ConfigNode[] {
  return node.kind === 'mapping' ? node.entries.map(({ value }) => value) : node.items;
}

function isCollection(node: ConfigNode): node is Collection {
  return node.kind === 'mapping' || node.kind === 'sequence';
}

function offsetsOf({ range }: Collection, lines: LineIndex): { from: number; to: number } {
  return { from: lines.offset(range.line, range.column), to: lines.offset(range.endLine, range.endColumn) };
}

function endOf({ endLine, endColumn }: TextRange): Place {
  return { line: endLine, column: endColumn };
}

function isSame(one: Place, other: Place): boolean {
  return one.line === other.line && one.column === other.column;
}

function isBefore(one: Place, other: Place): boolean {
  return one.line < other.line || (one.line === other.line && one.column < other.column);
}
