import { LineIndex } from './lineIndex.ts';
import { innerTexts } from './innerTexts.ts';
import { textLimits, type ShellText, type TextProblem } from './parse.ts';
import { mostPrograms, readShell } from './shellPrograms.ts';
import { shellWords } from './shellWords.ts';

/** The words of a shell script, and the programs that stand in it. */
export function parseShell(text: string): ShellText {
  const problems: TextProblem[] = [];
  const { script, programs } = readShell(text);
  const words = shellWords(script, { line: 1, column: 1 }, textLimits.facts + 1);
  if (words.length > textLimits.facts) {
    words.length = textLimits.facts;
    const line = words.at(-1)?.range.line ?? null;
    problems.push({ code: 'limit-facts', line, message: `there are more than ${textLimits.facts} words` });
  }
  if (programs.length >= mostPrograms) {
    const message = `there are ${mostPrograms} programs in it, or more`;
    problems.push({ code: 'limit-facts', line: null, message });
  }
  const inner = programs.length === 0 ? [] : innerTexts(programs, new LineIndex(text));
  return { language: 'shell', words, ...(inner.length > 0 && { inner }), problems };
}
