import type { TextRange } from './facts.ts';
import { lastUpTo, type Places } from './lineIndex.ts';

/** Pieces of a text one after another, with something else between them, and where each stands in the text. */
export class Excerpt implements Places {
  readonly #lines: Places;
  readonly #parts: string[] = [];
  #length = 0;
  /** Where each piece begins, here and in the text. */
  readonly #starts: number[] = [];
  readonly #origins: number[] = [];

  /** @param lines of the text. */
  constructor(lines: Places) {
    this.#lines = lines;
  }

  /** @param origin where it stands in the text; what stands there instead of a piece is said to stand in its place. */
  add(part: string, origin: number): void {
    if (part === '') return;
    this.#starts.push(this.#length);
    this.#origins.push(origin);
    this.#parts.push(part);
    this.#length += part.length;
  }

  get text(): string {
    return this.#parts.join('');
  }

  position(offset: number): { line: number; column: number } {
    return this.#lines.position(this.#origin(offset));
  }

  range(start: number, end: number): TextRange {
    return this.#lines.range(this.#origin(start), this.#origin(end));
  }

  #origin(offset: number): number {
    const low = lastUpTo(this.#starts, offset);
    return (this.#origins[low] ?? 0) + offset - (this.#starts[low] ?? 0);
  }
}
