import type { TextRange } from './facts.ts';
import { LineIndex } from './lineIndex.ts';
import type { Offsets } from './offsetRuns.ts';
import type { Writing } from './scalarText.ts';

/** Where a text stands that is in another one, and how what is put into it is written there. */
export class EmbeddedPlaces {
  readonly writing: Writing;
  readonly #text: string;
  readonly #offsets: Offsets;
  readonly #outer: LineIndex;
  #own: LineIndex | undefined;

  /** @param outer lines of the text that it stands in. */
  constructor(text: string, offsets: Offsets, outer: LineIndex, writing: Writing) {
    this.#text = text;
    this.#offsets = offsets;
    this.#outer = outer;
    this.writing = writing;
  }

  /** A place of the text as one of the outer text. */
  range({ line, column, endLine, endColumn }: TextRange): TextRange {
    const start = this.#offset(line, column);
    const end = Math.max(start, this.#offset(endLine, endColumn));
    const from = this.#offsets.at(start);
    // What ends with a line ends where the next one begins, behind its indentation.
    const to = end > start && endColumn > 1 ? this.#offsets.behind(end - 1) : this.#offsets.at(end);
    return this.#outer.range(from, Math.max(from, to));
  }

  #offset(line: number, column: number): number {
    this.#own ??= new LineIndex(this.#text);
    return Math.min(this.#own.offset(line, column), this.#text.length);
  }
}
