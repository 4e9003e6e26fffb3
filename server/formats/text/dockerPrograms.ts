import { unescaped } from './escapes.ts';
import type { TextRange } from './facts.ts';
import { EmbeddedPlaces } from './embeddedPlaces.ts';
import { innerTexts, type InnerText } from './innerTexts.ts';
import type { LineIndex } from './lineIndex.ts';
import { WrittenText } from './offsetRuns.ts';
import type { Writing } from './scalarText.ts';
import { mayHoldPrograms, python, readShell, shells } from './shellPrograms.ts';

/** What an instruction is written as: nothing may end its line. */
const inline: Writing = { kind: 'inline', write: (text) => (/[\r\n\\]/.test(text) ? null : text) };
const inJson: Writing = { kind: 'inline', write: (text) => JSON.stringify(text).slice(1, -1) };

/**
 * Python that stands in a `RUN`, `CMD` or `ENTRYPOINT`: `["python", "-c", "..."]`, `python -c "..."`, a here-document.
 * @param range of what follows the keyword.
 * @param isList whether it is a list of words in JSON.
 */
export function dockerPrograms(text: string, range: TextRange, isList: boolean, lines: LineIndex): InnerText[] {
  const start = lines.offset(range.line, range.column);
  const end = lines.offset(range.endLine, range.endColumn);
  const source = text.slice(start, end);
  if (isList) return listedPrograms(text, start, source, lines);
  if (!mayHoldPrograms(source)) return [];
  if (source.includes('<<')) {
    const offsets = { at: (own: number) => start + own, behind: (own: number) => start + own + 1 };
    return innerTexts(readShell(source).programs, lines, { offsets, writing: { kind: 'lines', indent: 0 } });
  }
  const joined = joinedLines(source, start);
  return innerTexts(readShell(joined.text).programs, lines, { offsets: joined.offsets, writing: inline });
}

/** A builder leaves out comments, empty lines and the line ends that a backslash escapes. */
function joinedLines(source: string, start: number): WrittenText {
  const written = new WrittenText();
  let at = start;
  for (const [index, line] of source.split('\n').entries()) {
    if (index === 0 || !/^\s*(?:#|$)/.test(line)) {
      const own = line.replace(/\\[ \t]*\r?$/, '');
      written.add(own, at);
    }
    at += line.length + 1;
  }
  return written;
}

function listedPrograms(text: string, start: number, source: string, lines: LineIndex): InnerText[] {
  const found: InnerText[] = [];
  let runner: 'python' | 'shell' | null = null;
  let before = '';
  for (const { 0: written, index } of source.matchAll(/"(?:\\.|[^"\\])*"/g)) {
    const from = start + index + 1;
    const word = new WrittenText();
    for (const { characters, at, width } of unescaped(text, from, from + written.length - 2))
      word.add(characters, at, width);
    const isProgram = /^-[A-Za-z]*c$/.test(before);
    if (isProgram && runner === 'python') {
      const outer = lines.range(from, from + written.length - 2);
      const places = new EmbeddedPlaces(word.text, word.offsets, lines, inJson);
      found.push({ name: 'inline.py', language: 'python', text: word.text, outer, places });
    } else if (isProgram && runner === 'shell')
      found.push(...innerTexts(readShell(word.text).programs, lines, { offsets: word.offsets, writing: inJson }));
    if (!word.text.startsWith('-'))
      runner = python.test(word.text) ? 'python' : shells.test(word.text) ? 'shell' : null;
    before = word.text;
  }
  return found;
}
