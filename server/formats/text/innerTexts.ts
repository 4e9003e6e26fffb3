import { EmbeddedPlaces } from './embeddedPlaces.ts';
import type { TextRange } from './facts.ts';
import type { LineIndex } from './lineIndex.ts';
import { through, type Offsets } from './offsetRuns.ts';
import type { TextLanguage } from './parse.ts';
import type { Writing } from './scalarText.ts';
import type { ShellProgram } from './shellPrograms.ts';

/** What the cells of a notebook that a shell runs are called, as one file. */
export const scriptOfCells = 'cells.sh';

/** A text that stands in another one, before it is parsed. */
export interface InnerText {
  /** As a file: `nginx.conf`. */
  name: string;
  language: TextLanguage;
  text: string;
  /** What holds it there. */
  outer: TextRange;
  /** Null where it is written so that its places are not known. */
  places: EmbeddedPlaces | null;
}

/** Programs of a shell's text as texts of what that text stands in. @param around where the shell's text stands; absent where it is the whole of it. */
export function innerTexts(
  programs: readonly ShellProgram[],
  lines: LineIndex,
  around?: { offsets: Offsets; writing: Writing },
): InnerText[] {
  return programs.map(({ name, language, text, offsets, start, end, writing }) => {
    const outer = around
      ? lines.range(around.offsets.at(start), Math.max(around.offsets.at(start), around.offsets.behind(end - 1)))
      : lines.range(start, end);
    const own = around ? through(offsets, around.offsets) : offsets;
    const places = new EmbeddedPlaces(text, own, lines, around ? joined(writing, around.writing) : writing);
    return { name, language, text, outer, places };
  });
}

/** How what is put into a text is written where the text around it stands in a third one. */
function joined(inner: Writing, around: Writing): Writing {
  if (inner.kind === 'lines' && around.kind === 'lines') return { kind: 'lines', indent: inner.indent + around.indent };
  if (around.kind === 'lines') return inner;
  if (inner.kind === 'lines') return around;
  return {
    kind: 'inline',
    write: (text) => {
      const written = inner.write(text);
      return written === null ? null : around.write(written);
    },
  };
}
