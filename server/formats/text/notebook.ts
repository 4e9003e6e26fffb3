import { visit, type JSONPath } from 'jsonc-parser';
import { LineIndex, type Places } from './lineIndex.ts';
import type { ShellLine } from './facts.ts';
import { isShellCell, otherLanguage, withoutMagics } from './notebookCells.ts';
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
  return { ...parsed, shell: python.shell(), problems: [...problems, ...parsed.problems] };
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
  /** Where runs of characters begin in the code and in the JSON; `escaped` is what an escape takes up there, otherwise 1. */
  readonly #shell: { from: number; to: number; text?: string }[] = [];
  readonly #runs: { code: number; json: number; escaped: number }[] = [];

  constructor(json: string) {
    this.#json = json;
    this.#lines = new LineIndex(json);
  }

  add({ sources }: Cell): void {
    const begin = this.text.length;
    const runs = this.#runs.length;
    const parts: string[] = [];
    let length = begin;
    for (const { offset, length: quoted } of sources) {
      for (const { characters, at, escaped } of unescaped(this.#json, offset + 1, offset + quoted - 1)) {
        this.#runs.push({ code: length, json: at, escaped });
        parts.push(characters);
        length += characters.length;
      }
    }
    const code = parts.join('');
    if (otherLanguage.test(code)) {
      if (!isShellCell.test(code)) {
        this.#runs.length = runs;
        return;
      }
      // No Python stands there; what the shell is told keeps its place.
      const script = code.replace(isShellCell, (magic) => ' '.repeat(magic.length));
      for (const { 0: written, index } of script.matchAll(/(?:[^\n]*\\\n)*[^\n]+/g))
        if (written.trim() !== '')
          this.#shell.push({ from: begin + index, to: begin + index + written.length, text: written });
      this.text += `${code.replace(/[^\n]/g, ' ')}\n`;
      this.#runs.push({ code: this.text.length - 1, json: this.#runs.at(-1)?.json ?? 0, escaped: 1 });
      return;
    }
    this.text += `${withoutMagics(code, (from, to) => this.#shell.push({ from: begin + from, to: begin + to }))}\n`;
    this.#runs.push({ code: this.text.length - 1, json: this.#runs.at(-1)?.json ?? 0, escaped: 1 });
  }

  /** What cells hand to a shell, line by line. */
  shell(): ShellLine[] {
    return this.#shell.map(({ from, to, text }) => ({
      text: text ?? this.text.slice(from, to),
      range: this.range(from, to),
    }));
  }

  position(offset: number): { line: number; column: number } {
    // Behind the last character, which may be the last one of a string of the JSON.
    return this.#lines.position(offset > 0 ? this.#behind(offset - 1) : this.#at(0));
  }

  range(start: number, end: number): ReturnType<LineIndex['range']> {
    return this.#lines.range(this.#at(start), end > start ? this.#behind(end - 1) : this.#at(end));
  }

  #at(offset: number): number {
    const { code, json } = this.#run(offset);
    return json + offset - code;
  }

  #behind(offset: number): number {
    const { code, json, escaped } = this.#run(offset);
    return json + offset - code + escaped;
  }

  #run(offset: number): { code: number; json: number; escaped: number } {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle]?.code ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#runs[low] ?? { code: 0, json: 0, escaped: 1 };
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** The characters of a JSON string, in runs that stand there as they are; an escape is a run of its own. */
function* unescaped(
  json: string,
  from: number,
  to: number,
): Generator<{ characters: string; at: number; escaped: number }> {
  let at = from;
  while (at < to) {
    const slash = json.indexOf('\\', at);
    const end = slash < 0 || slash >= to ? to : slash;
    if (end > at) yield { characters: json.slice(at, end), at, escaped: 1 };
    if (end === to) return;
    const code = json[end + 1] ?? '';
    const isHex = code === 'u';
    const hex = parseInt(json.slice(end + 2, end + 6), 16);
    const escaped = isHex ? 6 : 2;
    const character = isHex ? String.fromCharCode(Number.isNaN(hex) ? 0xfffd : hex) : (escapes[code] ?? code);
    yield { characters: character, at: end, escaped };
    at = end + escaped;
  }
}
