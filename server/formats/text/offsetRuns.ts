/** Where offsets of a text that stands in another one are there. */
export interface Offsets {
  /** Of a character, or of the end. */
  at(offset: number): number;
  /** Of what follows a character: an escape takes up more than one. */
  behind(offset: number): number;
}

interface Run {
  own: number;
  outer: number;
  /** What a character of the run takes up there. */
  width: number;
}

/** Runs of characters that stand in another text one behind another, as they are; an escape is a run of its own. */
export class OffsetRuns implements Offsets {
  readonly #runs: Run[] = [];

  /** Runs are added in their order. */
  add(own: number, outer: number, width = 1): void {
    this.#runs.push({ own, outer, width });
  }

  get length(): number {
    return this.#runs.length;
  }

  /** Takes the last runs out again. */
  cut(length: number): void {
    this.#runs.length = length;
  }

  at(offset: number): number {
    const { own, outer } = this.#run(offset);
    return outer + offset - own;
  }

  behind(offset: number): number {
    const { own, outer, width } = this.#run(offset);
    return outer + offset - own + width;
  }

  #run(offset: number): Run {
    let low = 0;
    let high = this.#runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#runs[middle]?.own ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return this.#runs[low] ?? { own: 0, outer: 0, width: 1 };
  }
}

/** Where a text stands that is in a text that is in another one. */
export function through(inner: Offsets, outer: Offsets): Offsets {
  return {
    at: (offset) => outer.at(inner.at(offset)),
    behind: (offset) => outer.behind(inner.behind(offset) - 1),
  };
}

/** Characters and where they stand, put together. */
export class WrittenText {
  text = '';
  readonly offsets = new OffsetRuns();

  /** @param outer where the first of them stands. @param width what each takes up there. */
  add(characters: string, outer: number, width = 1): void {
    if (characters === '') return;
    this.offsets.add(this.text.length, outer, width);
    this.text += characters;
  }
}
