import type { TextRange } from './facts.ts';
import type { Places } from './lineIndex.ts';

/** Remembers the places that it gave, so that they can move together when lines come or go above them. */
export class RecordedPlaces implements Places {
  readonly #places: Places;
  #given: ({ line: number } | TextRange)[] = [];

  constructor(places: Places) {
    this.#places = places;
  }

  position(offset: number): { line: number; column: number } {
    const position = this.#places.position(offset);
    this.#given.push(position);
    return position;
  }

  range(start: number, end: number): TextRange {
    const range = this.#places.range(start, end);
    this.#given.push(range);
    return range;
  }

  /** Takes a place that was made elsewhere along, from now on. */
  adopt(place: { line: number } | TextRange): void {
    this.#given.push(place);
  }

  /** As `adopt`, for all that others gave. */
  adoptAll(others: RecordedPlaces): void {
    for (const place of others.#given) this.#given.push(place);
  }

  /** Lines `[from, to)` became others: what stood there is forgotten, and what stands behind them moves by as many lines. */
  replace(from: number, to: number, by: number): void {
    const kept: ({ line: number } | TextRange)[] = [];
    for (const place of this.#given) {
      if (place.line >= from && place.line < to) continue;
      kept.push(place);
      if ('endLine' in place && place.endLine >= to) place.endLine += by;
      if (place.line >= to) place.line += by;
    }
    this.#given = kept;
  }

  /** Moves everything that was given by as many lines. */
  move(lines: number): void {
    if (lines === 0) return;
    for (const place of this.#given) {
      place.line += lines;
      if ('endLine' in place) place.endLine += lines;
    }
  }
}
