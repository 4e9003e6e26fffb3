import { DockerfileParser } from 'dockerfile-ast';
import type { DockerInstruction, TextRange } from './facts.ts';
import { textLimits, type DockerfileText, type TextProblem } from './parse.ts';

/** The instructions of a Dockerfile. What is no instruction is kept under the word that it begins with. */
export function parseDockerfile(text: string): DockerfileText {
  const instructions: DockerInstruction[] = [];
  const problems: TextProblem[] = [];
  let words = 0;
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
    instructions.push({
      keyword: instruction.getKeyword(),
      range: rangeOf(instruction.getRange()),
      keywordRange: rangeOf(instruction.getInstructionRange()),
      argument: parts.map(({ value }) => value).join(' '),
      words: parts,
    });
  }
  return { language: 'dockerfile', instructions, problems };
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
