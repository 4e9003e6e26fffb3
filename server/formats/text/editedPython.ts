import { Edit, Parser, type Tree } from 'web-tree-sitter';
import { changeBetween, pointAt } from './change.ts';
import { changedUnits } from './changedUnits.ts';
import { LineIndex } from './lineIndex.ts';
import { noPython, textLimits, type PythonText } from './parse.ts';
import { notPython, pythonOf, readStatements, syntaxTree, tooSlow } from './python.ts';
import { mayConcern } from './pythonConcern.ts';
import { pythonGrammar, type PythonGrammar } from './pythonGrammar.ts';
import { KnownStatements } from './pythonStatements.ts';
import { PythonUnits, type PythonUnit } from './pythonUnits.ts';

/**
 * A Python text that is being edited. A version is read from the one before: of its units, those that the change touches. Where a statement of the module begins a
 * line, the parser is in the state in which it begins a text, and a line has ended that nothing can go on; so a unit says what it says by itself. A version whose
 * change reaches too far is parsed from the tree of the last one that was, and statements that did not change are not read again.
 */
export class EditedPython {
  #text = '';
  /** Of the last version, where all of it was read, and nothing was broken when it was last read as a whole. */
  #units: PythonUnit[] | null = null;
  #tree: Tree | null = null;
  /** What the tree is of. */
  #treeText = '';
  readonly #statements = new KnownStatements();

  /** What `parseWholePython` gives for this version. It holds until the next call: places in it move with the text. */
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
      if (units) return ofUnits(units);
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

function ofUnits(units: readonly PythonUnit[]): PythonText {
  const parts = units.flatMap((unit) => unit.parts);
  return pythonOf(parts, units.some(({ broken }) => broken !== null) ? [notPython] : []);
}
