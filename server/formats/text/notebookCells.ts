import type { EditedText } from './editedText.ts';
import { EmbeddedPlaces } from './embeddedPlaces.ts';
import type { EscapedRun } from './escapes.ts';
import { scriptOfCells, type InnerText } from './innerTexts.ts';
import { LineIndex } from './lineIndex.ts';
import { WrittenText } from './offsetRuns.ts';
import { textLanguage, type PythonText } from './parse.ts';
import { parsePython } from './python.ts';
import type { Writing } from './scalarText.ts';

/** Cell magics whose cell is no Python; others (`%%time`) only do something around it. */
const otherLanguage =
  /^\s*%%(?:bash|sh|script|cmd|html|javascript|js|latex|markdown|svg|perl|ruby|writefile|file|sql|R)\b/;

/** Those that a shell runs. */
const shellCell = /^\s*%%(?:bash|sh|script[ \t]+(?:ba|z)?sh)\b[^\n]*/;

/** Those that are written to a file. */
const fileCell = /^\s*%%(?:writefile|file)[ \t]+(?:(?:-a|--append)[ \t]+)?["']?([^\s"']+)["']?[^\n]*(?:\n|$)/;

/** Cells of a notebook that are texts of their own kind: all that a shell runs as one script, and each that is written to a file as that file. */
export class OtherCells {
  readonly #lines: LineIndex;
  readonly #writing: Writing;
  readonly #script = new WrittenText();
  /** Where the first cell of the script begins. */
  #scriptAt = 0;
  readonly #files: { name: string; text: WrittenText; at: number }[] = [];

  /** @param lines of the text that the cells stand in. */
  constructor(lines: LineIndex, writing: Writing) {
    this.#lines = lines;
    this.#writing = writing;
  }

  /** Takes a cell that is no Python. @param runs the same characters, with their places. @returns false for any other. */
  take(code: string, runs: readonly EscapedRun[]): boolean {
    if (!otherLanguage.test(code)) return false;
    const magic = shellCell.exec(code);
    const file = fileCell.exec(code);
    const at = runs[0]?.at ?? 0;
    if (magic) {
      if (this.#script.text === '') this.#scriptAt = at;
      addBehind(magic[0].length, runs, this.#script);
      this.#script.add('\n', runs.at(-1)?.at ?? 0);
    } else if (file) {
      const text = new WrittenText();
      addBehind(file[0].length, runs, text);
      this.#files.push({ name: (file[1] ?? '').replace(/^.*[\\/]/, ''), text, at });
    }
    return true;
  }

  inner(): InnerText[] {
    const found: InnerText[] = [];
    const add = (name: string, language: InnerText['language'], { text, offsets }: WrittenText, at: number): void => {
      const places = new EmbeddedPlaces(text, offsets, this.#lines, this.#writing);
      found.push({ name, language, text, outer: this.#lines.range(at, at + 1), places });
    };
    if (this.#script.text.trim() !== '') add(scriptOfCells, 'shell', this.#script, this.#scriptAt);
    for (const { name, text, at } of this.#files) {
      const language = textLanguage(name);
      // A notebook is data here, and a card is for people.
      if (language !== null && language !== 'notebook' && language !== 'card') add(name, language, text, at);
    }
    return found;
  }
}

/** What stands behind so many characters. */
function addBehind(count: number, runs: readonly EscapedRun[], to: WrittenText): void {
  let left = count;
  for (const { characters, at, width } of runs) {
    const cut = Math.min(left, characters.length);
    left -= cut;
    to.add(characters.slice(cut), at + cut, width);
  }
}

/** Code cells of a notebook as one text, and the lines (1-based) on which they begin. */
export interface JoinedCells {
  text: string;
  starts: number[];
}

/** Stands alone on the line before a cell that is no Python, and on the one behind it. */
const mark = '\f';

/** Puts code cells below one another. */
export function joinCells(cells: readonly string[]): JoinedCells {
  const parts: string[] = [];
  const starts: number[] = [];
  let line = 1;
  for (const written of cells) {
    const cell = written.replaceAll(mark, ' ');
    const other = otherLanguage.test(cell);
    if (other) parts.push(mark, '\n');
    starts.push(other ? line + 1 : line);
    // A line that ends in a backslash must not reach into the next cell.
    parts.push(cell, other ? `\n${mark}\n` : '\n\n');
    line += (cell.match(/\r\n|\r|\n/g) ?? []).length + (other ? 3 : 2);
  }
  return { text: parts.join(''), starts };
}

/** Magics and commands of the shell are no Python: they become comments of the same length. @param told where they stand. */
export function withoutMagics(code: string, told: (from: number, to: number) => void): string {
  return code.replace(/^([ \t]*)[%!?](?:[^\n]*\\\n)*[^\n]*/gm, (whole: string, blank: string, at: number) => {
    told(at + blank.length + 1, at + whole.length);
    return `${blank}#${whole.slice(blank.length + 1).replaceAll('\n', ' ')}`;
  });
}

/** The Python of joined cells, with places in the joined text. */
export async function parseCells(text: string, edited?: EditedText): Promise<PythonText> {
  const shell: { from: number; to: number }[] = [];
  const lines = new LineIndex(text);
  const others = new OtherCells(lines, { kind: 'lines', indent: 0 });
  const cells = text.replace(/^\f\n([^\f]*)\n\f$/gm, (whole, code: string, at: number) => {
    others.take(code, [{ characters: code, at: at + 2, width: 1 }]);
    return whole.replace(/[^\r\n]/g, ' ');
  });
  const python = withoutMagics(cells, (from, to) => shell.push({ from, to }));
  const parsed = await (edited ? edited.python(python) : parsePython(python));
  const inner = others.inner();
  return {
    ...parsed,
    shell: shell.map(({ from, to }) => ({ text: text.slice(from, to), range: lines.range(from, to) })),
    ...(inner.length > 0 && { inner }),
  };
}
