import { Edit, Parser, type Tree } from 'web-tree-sitter';
import { changeBetween, pointAt, type Change } from './change.ts';
import { LineIndex } from './lineIndex.ts';
import { noPython, textLimits, type PythonText } from './parse.ts';
import { mayConcern, pythonOf, readStatements, syntaxTree, tooSlow } from './python.ts';
import { pythonGrammar, type PythonGrammar } from './pythonGrammar.ts';
import { KnownStatements } from './pythonStatements.ts';
import { moveUnit, PythonUnits, type PythonUnit } from './pythonUnits.ts';

/** Where more than so many UTF-16 code units would be parsed for a change, the tree of the whole text knows more of them. */
const longestPart = 16_000;

/**
 * A Python text that is being edited. A version that does not break the grammar is read from the one before: of its units, those that the change touches. Where a
 * statement of the module begins a line, the parser is in the state in which it begins a text, and a line has ended that nothing can go on; so a unit says what it
 * says by itself. Any other version is parsed from the tree of the last one that was, and statements that did not change are not read again.
 */
export class EditedPython {
  #text = '';
  /** Of the last version, where all of it was read and nothing broken. */
  #units: PythonUnit[] | null = null;
  #tree: Tree | null = null;
  /** What the tree is of. */
  #treeText = '';
  readonly #statements = new KnownStatements();

  /** What `parsePython` gives for this version. It holds until the next call: places in it move with the text. */
  async parse(text: string): Promise<PythonText> {
    if (!mayConcern(text)) {
      this.dispose();
      return noPython([]);
    }
    const grammar = await pythonGrammar();
    const deadline = performance.now() + textLimits.timeMs;
    const parser = new Parser();
    try {
      parser.setLanguage(grammar.language);
      const units = this.#units && changedUnits(this.#units, { before: this.#text, text, parser, grammar, deadline });
      this.#units = units;
      this.#text = text;
      if (units)
        return pythonOf(
          units.flatMap(({ parts }) => parts),
          [],
        );
      return this.#readWhole(parser, grammar, deadline);
    } finally {
      parser.delete();
    }
  }

  /** The trees lie in WebAssembly's memory, which nobody sweeps. */
  dispose(): void {
    this.#tree?.delete();
    this.#tree = null;
    this.#treeText = '';
    this.#units = null;
    this.#statements.clear();
  }

  #readWhole(parser: Parser, grammar: PythonGrammar, deadline: number): PythonText {
    const text = this.#text;
    this.#edit(text);
    const tree = syntaxTree(parser, text, this.#tree, deadline);
    this.#tree?.delete();
    this.#tree = tree;
    this.#treeText = text;
    if (!tree) return tooSlow();
    const lines = new LineIndex(text);
    const root = tree.rootNode;
    const known = this.#statements;
    known.begin(text, root.hasError, lines);
    const separation = root.hasError ? null : new PythonUnits(text, lines);
    const { parts, problems } = readStatements(root, { grammar, text, lines, known, units: separation, deadline });
    if (separation && problems.length === 0) this.#units = separation.finish();
    return pythonOf(parts, problems);
  }

  #edit(text: string): void {
    const before = this.#treeText;
    if (!this.#tree || before === text) return;
    const { start, oldEnd, newEnd } = changeBetween(before, text);
    const startPosition = pointAt(before, start, { row: 0, column: 0 }, 0);
    this.#tree.edit(
      new Edit({
        startIndex: start,
        oldEndIndex: oldEnd,
        newEndIndex: newEnd,
        startPosition,
        oldEndPosition: pointAt(before, oldEnd, startPosition, start),
        newEndPosition: pointAt(text, newEnd, startPosition, start),
      }),
    );
  }
}

interface Version {
  before: string;
  text: string;
  parser: Parser;
  grammar: PythonGrammar;
  deadline: number;
}

/** The units of a new version, or null where it has to be read as a whole. */
function changedUnits(units: readonly PythonUnit[], version: Version): PythonUnit[] | null {
  const { before, text, parser, grammar, deadline } = version;
  if (before === text) return [...units];
  const change = changeBetween(before, text);
  const { first, behind, from, to } = touched(units, change);
  const part = text.slice(from, to + text.length - before.length);
  // Behind a backslash the line goes on.
  if (part.length > longestPart || /\\\r?\n?$/.test(part)) return null;
  const tree = syntaxTree(parser, part, null, deadline);
  if (!tree) return null;
  try {
    const root = tree.rootNode;
    if (root.hasError) return null;
    const lines = new LineIndex(part, units[first]?.line);
    const separation = new PythonUnits(part, lines);
    const walked = { grammar, text: part, lines, known: null, units: separation, deadline };
    if (readStatements(root, walked).problems.length > 0) return null;
    const made = separation.finish();
    if (first > 0 && made[0]?.isStatement !== true) return null;
    const rest = units.slice(behind);
    const lower = lines.position(part.length).line - (rest[0]?.line ?? 0);
    for (const unit of rest) moveUnit(unit, lower);
    const all = [...units.slice(0, first), ...made, ...rest];
    return all.reduce((sum, unit) => sum + factsIn(unit), 0) > textLimits.facts ? null : all;
  } finally {
    tree.delete();
  }
}

/** The units that a change lies in or touches, and where they stand in the text before it. */
function touched(
  units: readonly PythonUnit[],
  { start, oldEnd }: Change,
): Record<'first' | 'behind' | 'from' | 'to', number> {
  const length = (index: number): number => units[index]?.length ?? 0;
  let first = 0;
  let from = 0;
  while (first < units.length - 1 && from + length(first) < start) from += length(first++);
  let behind = first + 1;
  let to = from + length(first);
  while (behind < units.length && to <= oldEnd) to += length(behind++);
  return { first, behind, from, to };
}

function factsIn({ parts }: PythonUnit): number {
  return parts.reduce((sum, { calls, strings }) => sum + calls.length + strings.length, 0);
}
