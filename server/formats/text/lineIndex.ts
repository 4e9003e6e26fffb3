import type { TextRange } from './facts.ts';

/** Where offsets of a text stand: 1-based lines and columns. */
export interface Places {
  position(offset: number): { line: number; column: number };
  range(start: number, end: number): TextRange;
}

/**
 * Turns offsets of a text (UTF-16 code units) into lines and columns. Lines end where LSP ends them: after `\n`,
 * `\r\n` and a lone `\r`.
 */
export class LineIndex implements Places {
  readonly #starts: number[] = [0];
  readonly #length: number;
  readonly #first: number;

  /** @param first the line that the text begins on. */
  constructor(text: string, first = 1) {
    this.#length = text.length;
    this.#first = first;
    if (!text.includes('\r')) {
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
      return;
    }
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) this.#starts.push(at + 1);
    }
  }

  /** The offset of a place that `position` gives. */
  offset(line: number, column: number): number {
    return (this.#starts[line - this.#first] ?? this.#length) + column - 1;
  }

  /** 1-based line and column; of an offset behind the text, its end. */
  position(given: number): { line: number; column: number } {
    const offset = Math.min(given, this.#length);
    const low = lastUpTo(this.#starts, offset);
    return { line: low + this.#first, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  range(start: number, end: number): TextRange {
    const from = this.position(start);
    const to = this.position(end);
    return { line: from.line, column: from.column, endLine: to.line, endColumn: to.column };
  }
}

/** The index of the last of some ascending offsets that does not lie behind another one; 0 where all do. */
export function lastUpTo(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
