import { visit, type JSONPath } from 'jsonc-parser';
import { unescaped, type EscapedRun } from './escapes.ts';
import { LineIndex, type Places } from './lineIndex.ts';
import type { ShellLine } from './facts.ts';
import type { InnerText } from './innerTexts.ts';
import { OffsetRuns } from './offsetRuns.ts';
import { OtherCells, withoutMagics } from './notebookCells.ts';
import { noPython, textLimits, type PythonText, type TextProblem } from './parse.ts';
import { parsePython } from './python.ts';

/** A cell of a notebook, as far as it is needed. */
interface Cell {
  type: unknown;
  /** Where the strings of its source stand in the JSON, quotes included. */
  sources: { offset: number; length: number }[];
}

/**
 * The Python of a Jupyter notebook's code cells, with places in the notebook's own text. Outputs are skipped.
 * Source: the nbformat documentation, "The Notebook file format"; version 3 keeps its cells in worksheets.
 */
export async function parseNotebook(text: string): Promise<PythonText> {
  const problems: TextProblem[] = [];
  const python = new CellText(text);
  const { cells, language } = readCells(text, problems);
  if (language === 'python') for (const cell of cells) if (cell.type === 'code') python.add(cell);
  if (python.text.length > textLimits.length.python) {
    const message = `the cells hold more than ${textLimits.length.python} characters`;
    return noPython([{ code: 'limit-length', line: null, message }]);
  }
  const parsed = await parsePython(python.text, python);
  const inner = python.inner();
  return {
    ...parsed,
    shell: python.shell(),
    ...(inner.length > 0 && { inner }),
    problems: [...problems, ...parsed.problems],
  };
}

function readCells(text: string, problems: TextProblem[]): { cells: Iterable<Cell>; language: string } {
  const cells = new Map<string, Cell>();
  let language = 'python';
  let depth = 0;
  const enter = (): boolean => ++depth <= textLimits.depth;
  const leave = (): void => void depth--;
  try {
    visit(text, {
      onObjectBegin: enter,
      onObjectEnd: leave,
      onArrayBegin: enter,
      onArrayEnd: leave,
      onLiteralValue(value: unknown, offset, length, _line, _character, pathOf: () => JSONPath) {
        // Deeper values are outputs.
        if (depth > 6) return;
        const path = pathOf();
        const key = path.join('/');
        if (key === 'metadata/kernelspec/language' || key === 'metadata/language_info/name') {
          if (typeof value === 'string') language = value.toLowerCase();
          return;
        }
        const at = path[0] === 'cells' ? 2 : path[0] === 'worksheets' && path[2] === 'cells' ? 4 : 0;
        const field = path[at];
        if (at === 0 || path.length > at + 2) return;
        const name = path.slice(0, at).join('/');
        const cell: Cell = cells.get(name) ?? { type: null, sources: [] };
        cells.set(name, cell);
        if (field === 'cell_type') cell.type = value;
        else if ((field === 'source' || field === 'input') && typeof value === 'string')
          cell.sources.push({ offset, length });
      },
      onError(_error, _offset, _length, line) {
        if (problems.length === 0)
          problems.push({ code: 'malformed', line: line + 1, message: 'the text is not JSON' });
      },
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = `objects and arrays are nested deeper than ${textLimits.depth}`;
    problems.push({ code: 'limit-depth', line: null, message });
  }
  return {
    cells: cells.values(),
    language: language.startsWith('python') || language === 'ipython' ? 'python' : language,
  };
}

/** The code of cells one after another, and where each character of it stands in the JSON. */
class CellText implements Places {
  text = '';
  readonly #json: string;
  readonly #lines: LineIndex;
  readonly #shell: { from: number; to: number }[] = [];
  readonly #runs = new OffsetRuns();
  readonly #others: OtherCells;

  constructor(json: string) {
    this.#json = json;
    this.#lines = new LineIndex(json);
    // What is put in is written as JSON when all places are known.
    this.#others = new OtherCells(this.#lines, { kind: 'inline', write: (text) => text });
  }

  add({ sources }: Cell): void {
    const begin = this.text.length;
    const runs: EscapedRun[] = [];
    for (const { offset, length: quoted } of sources)
      runs.push(...unescaped(this.#json, offset + 1, offset + quoted - 1));
    const code = runs.map(({ characters }) => characters).join('');
    if (this.#others.take(code, runs)) return;
    let length = begin;
    for (const { characters, at, width } of runs) {
      this.#runs.add(length, at, width);
      length += characters.length;
    }
    this.text += `${withoutMagics(code, (from, to) => this.#shell.push({ from: begin + from, to: begin + to }))}\n`;
    this.#runs.add(this.text.length - 1, runs.at(-1)?.at ?? 0);
  }

  /** Cells that are no Python, and texts that the notebook writes. */
  inner(): InnerText[] {
    return this.#others.inner();
  }

  /** What cells hand to a shell, line by line. */
  shell(): ShellLine[] {
    return this.#shell.map(({ from, to }) => ({ text: this.text.slice(from, to), range: this.range(from, to) }));
  }

  position(offset: number): { line: number; column: number } {
    // Behind the last character, which may be the last one of a string of the JSON.
    return this.#lines.position(offset > 0 ? this.#runs.behind(offset - 1) : this.#runs.at(0));
  }

  range(start: number, end: number): ReturnType<LineIndex['range']> {
    return this.#lines.range(this.#runs.at(start), end > start ? this.#runs.behind(end - 1) : this.#runs.at(end));
  }
}
