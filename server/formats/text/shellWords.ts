import type { ConfigLeaf, TextRange } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import { readShell } from './shellPrograms.ts';
import { shellTokens, unquotedWord } from './shellTokens.ts';

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
 * @param most how many words are kept.
 */
export function shellWords(text: string, start: { line: number; column: number }, most = mostWords): Word[] {
  const words: Word[] = [];
  const places = new LineIndex(text, start.line);
  const place = (at: number): { line: number; column: number } => {
    const found = places.position(at);
    if (found.line === start.line) found.column += start.column - 1;
    return found;
  };
  for (const token of shellTokens(text)) {
    if (words.length >= most) break;
    const { line, column } = place(token.start);
    const end = place(token.end);
    const value = token.kind === 'break' ? '\n' : unquoted(text.slice(token.start, token.end));
    words.push({ value, range: { line, column, endLine: end.line, endColumn: end.column } });
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
  return header === 0 ? [] : shellWords(readShell(leaf.source.slice(header)).script, { line: line + 1, column: 1 });
}

function unquoted(word: string): string {
  return /["'\\]/.test(word) ? unquotedWord(word, { kind: 'word', start: 0, end: word.length }).text : word;
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
