import { DockerfileParser } from 'dockerfile-ast';
import type { DockerInstruction, TextRange } from './facts.ts';
import { dockerPrograms } from './dockerPrograms.ts';
import type { InnerText } from './innerTexts.ts';
import { LineIndex } from './lineIndex.ts';
import { textLimits, type DockerfileText, type TextProblem } from './parse.ts';
import { readShell } from './shellPrograms.ts';
import { shellWords, type Word } from './shellWords.ts';

/** The instructions of a Dockerfile. What is no instruction is kept under the word that it begins with. */
export function parseDockerfile(text: string): DockerfileText {
  const instructions: DockerInstruction[] = [];
  const problems: TextProblem[] = [];
  const inner: InnerText[] = [];
  const index = new LineIndex(text);
  let words = 0;
  const lines = text.split(/\r\n|\r|\n/);
  for (const instruction of DockerfileParser.parse(closed(text)).getInstructions()) {
    const parts = instruction
      .getArguments()
      .map((part) => ({ value: part.getValue(), range: rangeOf(part.getRange()) }));
    words += parts.length + 1;
    if (words > textLimits.facts) {
      const message = `there are more than ${textLimits.facts} words`;
      problems.push({ code: 'limit-facts', line: instruction.getRange().start.line + 1, message });
      break;
    }
    const keyword = instruction.getKeyword();
    const range = instruction.getArgumentsRange();
    instructions.push({
      keyword,
      range: rangeOf(instruction.getRange()),
      keywordRange: rangeOf(instruction.getInstructionRange()),
      argument: parts.map(({ value }) => value).join(' '),
      words: commands.has(keyword) && range ? commandWords(lines, rangeOf(range)) : parts,
    });
    if (commands.has(keyword) && range && inner.length < mostPrograms)
      inner.push(
        ...dockerPrograms(
          text,
          rangeOf(range),
          /^\s*\[/.test(range ? (lines[range.start.line]?.slice(range.start.character) ?? '') : ''),
          index,
        ),
      );
  }
  return { language: 'dockerfile', instructions, ...(inner.length > 0 && { inner }), problems };
}

/** Programs of one file. */
const mostPrograms = 500;

/** Instructions whose argument a shell reads, or that is a list of words in JSON. The library takes it apart at blanks alone. */
const commands: ReadonlySet<string> = new Set(['RUN', 'CMD', 'ENTRYPOINT']);

function commandWords(lines: readonly string[], { line, column, endLine, endColumn }: TextRange): Word[] {
  const source = lines
    .slice(line - 1, endLine)
    .map((each, index) => (line + index === endLine ? each.slice(0, endColumn - 1) : each))
    .map((each, index) => (index === 0 ? each.slice(column - 1) : each))
    // A builder leaves comments and empty lines out, and joins the lines around them.
    .map((each, index) => (index > 0 && line + index < endLine && /^\s*(?:#|$)/.test(each) ? '\\' : each))
    .join('\n');
  const words = listedWords(source, { line, column }) ?? shellWords(readShell(source).script, { line, column });
  // Options of the builder (`--mount=...`) stand before the command.
  const first = words.findIndex(({ value }) => !value.startsWith('--'));
  return words.slice(first < 0 ? words.length : first);
}

/** The words of `["python", "train.py"]`; of `["sh", "-c", "..."]` those of the script, too. Null for what is no list. */
function listedWords(source: string, { line, column }: { line: number; column: number }): Word[] | null {
  if (!/^\s*\[/.test(source) || !isListOfTexts(source.replace(/\\\n/g, ' '))) return null;
  const words: Word[] = [];
  const places = new LineIndex(source, line);
  for (const { 0: written, index } of source.matchAll(/"(?:\\.|[^"\\])*"/g)) {
    const place = places.position(index + 1);
    if (place.line === line) place.column += column - 1;
    const value = String(JSON.parse(written));
    if (/^-[a-z]*c$/.test(words.at(-1)?.value ?? '') && /\s/.test(value)) words.push(...shellWords(value, place));
    else words.push({ value, range: { ...place, endLine: place.line, endColumn: place.column + written.length - 2 } });
  }
  return words;
}

function isListOfTexts(source: string): boolean {
  try {
    const list: unknown = JSON.parse(source);
    return Array.isArray(list) && list.every((each) => typeof each === 'string');
  } catch {
    return false;
  }
}

/**
 * The library looks at a first line that is a comment again from each of its characters, unless a line follows: a megabyte of `#` would take it half an hour.
 * Behind a comment a line break adds nothing.
 */
function closed(text: string): string {
  return /^[ \t]*#[^\r\n]*$/.test(text) ? `${text}\n` : text;
}

/** The library counts lines and characters from zero. */
function rangeOf(range: {
  start: { line: number; character: number };
  end: { line: number; character: number };
}): TextRange {
  const { start, end } = range;
  return { line: start.line + 1, column: start.character + 1, endLine: end.line + 1, endColumn: end.character + 1 };
}
