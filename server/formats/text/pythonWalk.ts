import type { TreeCursor } from 'web-tree-sitter';
import type { Places } from './lineIndex.ts';
import { textLimits, type TextProblem } from './parse.ts';
import type { Lines } from './pythonNames.ts';
import { noStatement, readPart, type Part, type StatementFacts } from './pythonStatement.ts';
import { holdsStatements, type KeptStatement, type KnownStatements } from './pythonStatements.ts';
import type { PythonGrammar } from './pythonGrammar.ts';
import { PythonTree } from './pythonTree.ts';
import type { PythonUnits } from './pythonUnits.ts';

/** What a walk goes through. */
export interface Walked {
  grammar: PythonGrammar;
  /** At the root. */
  cursor: TreeCursor;
  text: string;
  /** Of offsets of the text. */
  lines: Places;
  /** Statements of an earlier version, which need not be read again; null where nothing is kept. */
  known: KnownStatements | null;
  /** What the text is taken apart into; null where it is read as one. */
  units: PythonUnits | null;
  /** As `performance.now()` counts. */
  deadline: number;
}

/** One for all texts: what was read of a statement does not need it any more. */
let table: PythonTree | undefined;

/** Statements between two looks at the clock. */
const clockSteps = 256;

/**
 * Goes through the statements of a text, with a cursor, which needs memory for the path alone. Each is put into a table as a whole, and
 * read from there. Where statements are kept, long compound ones are taken apart, so that those in them are kept by themselves.
 */
export class StatementWalk {
  readonly problems: TextProblem[] = [];
  readonly #walked: Walked;
  readonly #tree: PythonTree;
  readonly #parts: StatementFacts[] = [];
  /** Types of the nodes around the cursor, from the root. */
  readonly #parents: string[] = [];
  /** Functions that are taken apart, from the outside in, and how many nodes lie around what they hold. */
  readonly #functions: { depth: number; lines: Lines }[] = [];
  /** What is read and not kept. */
  #open = noStatement();
  /** Calls and strings of the parts. */
  #count = 0;
  /** Places of what is not kept by itself. */
  #lines: Places;

  constructor(walked: Walked) {
    this.#walked = walked;
    this.#lines = walked.units?.current.places ?? walked.lines;
    this.#tree = table ??= new PythonTree(walked.grammar);
  }

  perform(): StatementFacts[] {
    const { cursor, known, units, deadline } = this.#walked;
    for (let step = 1; ; step++) {
      if (step % clockSteps === 0 && performance.now() > deadline) this.#tooSlow(cursor.startIndex);
      const type = cursor.nodeType;
      if (units && this.#parents.length === 1 && units.isNext(type, cursor.startIndex)) {
        this.#close();
        this.#lines = units.begin(cursor.startIndex).places;
      }
      const found = known?.look(cursor, type, this.#parents) ?? null;
      if (!found && this.#enter(type)) continue;
      this.#take(found);
      if (this.problems.length > 0 || !this.#goOn()) break;
    }
    this.#close();
    return this.#parts;
  }

  /** Goes into the node at the cursor, where that is taken apart and holds anything. */
  #enter(type: string): boolean {
    const { cursor, known } = this.#walked;
    if (this.#parents.length > 0 && (!known || !holdsStatements(type))) return false;
    const range = type === 'function_definition' ? this.#lines.range(cursor.startIndex, cursor.endIndex) : null;
    if (!cursor.gotoFirstChild()) return false;
    this.#parents.push(type);
    if (range) this.#functions.push({ depth: this.#parents.length, lines: range });
    return true;
  }

  /** To the next node that was not seen; false where there is none. */
  #goOn(): boolean {
    const { cursor } = this.#walked;
    while (!cursor.gotoNextSibling()) {
      if (!cursor.gotoParent()) return false;
      if (this.#functions.at(-1)?.depth === this.#parents.length) this.#functions.pop();
      this.#parents.pop();
    }
    return true;
  }

  /** Takes in the node at the cursor with all that stands in it. @param kept where it is kept by itself. */
  #take(kept: KeptStatement | null): void {
    const { known, units } = this.#walked;
    const around = this.#functions.at(-1)?.lines;
    if (!kept) return this.#read(this.#open, this.#lines, around);
    this.#close();
    units?.current.kept.push(kept);
    if (kept.facts) {
      kept.facts.names.around = around ?? null;
      return this.#add(kept.facts);
    }
    const facts = noStatement(around ?? null);
    this.#read(facts, kept.places, around && null);
    if (this.problems.length === 0) {
      kept.facts = facts;
      known?.keep(kept);
    }
    this.#add(facts);
  }

  #read(into: StatementFacts, lines: Places, around: Part['around']): void {
    const { cursor, text, deadline } = this.#walked;
    if (!this.#tree.read(cursor, text, deadline)) this.#tooSlow(cursor.startIndex);
    const part = { tree: this.#tree, lines, parents: this.#parents, around };
    const stopped = readPart(part, into, textLimits.facts - this.#count);
    if (stopped === null) return;
    const message = `there are more than ${textLimits.facts} calls and strings`;
    this.problems.push({ code: 'limit-facts', line: this.#walked.lines.position(stopped).line, message });
  }

  #close(): void {
    if (!isEmpty(this.#open)) this.#add(this.#open);
    this.#open = noStatement();
  }

  #add(facts: StatementFacts): void {
    this.#parts.push(facts);
    this.#walked.units?.current.parts.push(facts);
    this.#count += facts.calls.length + facts.strings.length;
  }

  #tooSlow(at: number): void {
    const message = `the text takes longer than ${textLimits.timeMs} ms to read`;
    this.problems.push({ code: 'limit-time', line: this.#walked.lines.position(at).line, message });
  }
}

function isEmpty({ calls, strings, defaults, names }: StatementFacts): boolean {
  if (calls.length + strings.length + defaults.length > 0) return false;
  return Object.values(names).every((list) => !Array.isArray(list) || list.length === 0);
}
