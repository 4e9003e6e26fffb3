import type { ConfigLeaf, TextRange } from './facts.ts';

/** A word of a command line with its place. */
export interface Word {
  value: string;
  range: TextRange;
}

/** What ends a command. */
export const commandEnds: ReadonlySet<string> = new Set(['&&', '||', ';', '|', '&', '\n']);

/** Words of one text that are kept. */
const mostWords = 20_000;

/**
 * The words of a shell's text: quotes taken off, operators and line ends as words of their own, comments left out. Nothing is expanded.
 * @param start where the text stands.
 */
export function shellWords(text: string, start: { line: number; column: number }): Word[] {
  const words: Word[] = [];
  let line = start.line;
  let lineStart = 1 - start.column;
  const place = (at: number, end: number): TextRange => ({
    line,
    column: at - lineStart + 1,
    endLine: line,
    endColumn: end - lineStart + 1,
  });
  // `${{ matrix.version }}` of a workflow is put in before a shell sees the text.
  const pattern =
    /\\\r?\n|\r?\n|[ \t]+|#[^\n]*|&&|\|\||[;|&]|((?:\$\{\{[^}\n]*\}\}|"(?:\\.|[^"\\\n])*"?|'[^'\n]*'?|\\.|[^\s"'\\;|&])+)/g;
  for (let match = pattern.exec(text); match && words.length < mostWords; match = pattern.exec(text)) {
    const [whole, word] = match;
    const at = match.index;
    if (word !== undefined) words.push({ value: unquoted(word), range: place(at, at + whole.length) });
    else if (whole.endsWith('\n') && !whole.startsWith('\\')) words.push({ value: '\n', range: place(at, at) });
    else if (!/^[ \t#]|^\\/.test(whole)) words.push({ value: whole, range: place(at, at + whole.length) });
    if (whole.endsWith('\n')) {
      line++;
      lineStart = at + whole.length;
    }
  }
  return words;
}

/** The words of a scalar that is a command line or a script. */
export function wordsOf(leaf: ConfigLeaf): Word[] {
  if (typeof leaf.value !== 'string') return [];
  const { line, column } = leaf.innerRange;
  if (leaf.style !== 'block') return shellWords(leaf.source, { line, column });
  // The first line holds the sign of the block.
  const header = leaf.source.indexOf('\n') + 1;
  return header === 0 ? [] : shellWords(leaf.source.slice(header), { line: line + 1, column: 1 });
}

function unquoted(word: string): string {
  if (!/["'\\]/.test(word)) return word;
  return word.replace(
    /"((?:\\.|[^"\\])*)"?|'([^']*)'?|\\(.)/g,
    (_, double?: string, single?: string, escaped?: string) =>
      double !== undefined ? double.replace(/\\(["\\$`])/g, '$1') : (single ?? escaped ?? ''),
  );
}

/** The words of `bash -c "..."` are those of its script, too. */
export function opened(words: readonly Word[]): Word[] {
  return words.flatMap((word, index) => {
    const isScript =
      /\s/.test(word.value) &&
      /^-[a-z]*c$/.test(words[index - 1]?.value ?? '') &&
      /(?:^|\/)(?:ba|z|da)?sh$/.test(words[index - 2]?.value ?? '');
    return isScript ? shellWords(word.value, { ...word.range, column: word.range.column + 1 }) : [word];
  });
}

/** Commands of a script, one after another. */
export function commandsOf(words: readonly Word[]): Word[][] {
  const commands: Word[][] = [[]];
  for (const word of words) {
    if (commandEnds.has(word.value)) commands.push([]);
    else commands.at(-1)?.push(word);
  }
  return commands.filter((command) => command.length > 0);
}

/** What a command line says of an option: `--host x`, `--host=x`, `--host`. */
export interface Flag {
  /** Null for an option without a value. */
  value: string | null;
  /** Of the option and its value. */
  range: TextRange;
  /** Of the value; null where it has none, or stands in one word with the option. */
  valueRange: TextRange | null;
}

/** The last use of an option, dashes and underscores alike; undefined where it is not there. */
export function flagOf(words: readonly Word[], ...names: readonly string[]): Flag | undefined {
  const wanted = new Set(names.map(spelling));
  for (let at = words.length - 1; at >= 0; at--) {
    const word = words[at];
    const match = word ? /^--?([\w.-]+)(?:=([\s\S]*))?$/.exec(word.value) : null;
    if (!word || !match || !wanted.has(spelling(match[1] ?? ''))) continue;
    if (match[2] !== undefined) {
      const equals = word.value.indexOf('=');
      const exact = word.range.endColumn - word.range.column === word.value.length;
      const valueRange = exact ? { ...word.range, column: word.range.column + equals + 1 } : null;
      return { value: match[2], range: word.range, valueRange };
    }
    const next = words[at + 1];
    if (!next || commandEnds.has(next.value) || /^--?[A-Za-z]/.test(next.value))
      return { value: null, range: word.range, valueRange: null };
    const range = { ...word.range, endLine: next.range.endLine, endColumn: next.range.endColumn };
    return { value: next.value, range, valueRange: next.range };
  }
  return undefined;
}

function spelling(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}
