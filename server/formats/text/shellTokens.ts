import { WrittenText, type OffsetRuns } from './offsetRuns.ts';

/** A word, an operator or a line end of a shell's text. */
export interface ShellToken {
  kind: 'word' | 'operator' | 'break';
  start: number;
  end: number;
}

/**
 * `${{ matrix.version }}` of a workflow is put in before a shell sees the text. A quote that nothing closes ends with its line, so that an unfinished edit or a
 * template takes nothing else along.
 */
const pattern =
  /\\\r?\n|\r?\n|[ \t]+|#[^\n]*|&&|\|\||[;|&]|((?:\$\{\{[^}\n]*\}\}|"(?:\\[^]|[^"\\])*"|"(?:\\.|[^"\\\n])*|'[^']*'|'[^'\n]*|\\.|[^\s"'\\;|&])+)/g;

/** The words of a shell's text with its operators and line ends, comments left out. */
export function* shellTokens(text: string): Generator<ShellToken> {
  for (const match of text.matchAll(pattern)) {
    const [{ length }, word] = match;
    const [start, end] = [match.index, match.index + length];
    const first = text.charCodeAt(start);
    if (word !== undefined) yield { kind: 'word', start, end };
    else if (text.charCodeAt(end - 1) === 0x0a) {
      if (first !== 0x5c) yield { kind: 'break', start, end: start };
    } else if (first !== 0x20 && first !== 0x09 && first !== 0x23 && first !== 0x5c)
      yield { kind: 'operator', start, end };
  }
}

/** What a word is when its quotes are taken off, and where each character stands. Nothing is expanded. */
export function unquotedWord(text: string, { start, end }: ShellToken): { text: string; offsets: OffsetRuns } {
  const written = new WrittenText();
  const word = text.slice(start, end);
  for (const match of word.matchAll(/"((?:\\[^]|[^"\\])*)"?|'([^']*)'?|\\([^])|[^"'\\]+|\\/g)) {
    const [whole, double, single, escaped] = match;
    const at = start + match.index;
    if (double !== undefined) doubleQuoted(double, at + 1, written);
    else if (single !== undefined) written.add(single, at + 1);
    else if (escaped !== undefined) written.add(escaped === '\n' ? '' : escaped, at, 2);
    else written.add(whole, at);
  }
  return written;
}

function doubleQuoted(inside: string, at: number, written: WrittenText): void {
  for (const { 0: part, index } of inside.matchAll(/\\["\\$`\n]|[^\\]+|\\/g)) {
    if (part.length === 2 && part.startsWith('\\')) written.add(part[1] === '\n' ? '' : part.slice(1), at + index, 2);
    else written.add(part, at + index);
  }
}
