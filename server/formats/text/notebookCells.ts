import type { EditedText } from './editedText.ts';
import { LineIndex } from './lineIndex.ts';
import type { PythonText } from './parse.ts';
import { parsePython } from './python.ts';

/** Cell magics whose cell is no Python; others (`%%time`) only do something around it. */
export const otherLanguage =
  /^\s*%%(?:bash|sh|script|cmd|html|javascript|js|latex|markdown|svg|perl|ruby|writefile|file|sql|R)\b/;

/** Those that a shell runs. */
export const isShellCell = /^\s*%%(?:bash|sh|script[ \t]+(?:ba|z)?sh)\b[^\n]*/;

/** Code cells of a notebook as one text, and the lines (1-based) on which they begin. */
export interface JoinedCells {
  text: string;
  starts: number[];
}

/** Puts code cells below one another. Cells that are no Python stay as so many empty lines. */
export function joinCells(cells: readonly string[]): JoinedCells {
  const parts: string[] = [];
  const starts: number[] = [];
  let line = 1;
  for (const cell of cells) {
    const breaks = cell.match(/\r\n|\r|\n/g) ?? [];
    starts.push(line);
    // A line that ends in a backslash must not reach into the next cell.
    parts.push(otherLanguage.test(cell) ? breaks.join('') : cell, '\n\n');
    line += breaks.length + 2;
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
  const python = withoutMagics(text, (from, to) => shell.push({ from, to }));
  const parsed = await (edited ? edited.python(python) : parsePython(python));
  const lines = new LineIndex(text);
  return {
    ...parsed,
    shell: shell.map(({ from, to }) => ({ text: text.slice(from, to), range: lines.range(from, to) })),
  };
}
