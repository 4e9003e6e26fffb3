import { eachPhrase, mixed } from './tokens.ts';

const seenBits = 17;
/** Phrases of one row that are counted: those of 33,000 words. */
const mostPhrases = 100_000;

/** The phrases of one row, so that each counts once: an open table, emptied by a new number. 1 MB, whatever is counted. */
export class RowMarks {
  /** Of the sketches that it serves. */
  readonly bits: number;
  readonly #phrases = new Uint32Array(2 ** seenBits);
  readonly #rows = new Uint32Array(2 ** seenBits);
  #row = 0;
  #held = 0;

  /** @param bits of the number of buckets of the sketches. */
  constructor(bits: number) {
    this.bits = bits;
  }

  nextRow(): void {
    this.#row++;
    this.#held = 0;
  }

  /** False when the row has had it already, or so many that the rest does not count. */
  isFirst(hash: number): boolean {
    const mask = 2 ** seenBits - 1;
    // The table is never full, or the search would not end.
    if (this.#held >= mostPhrases) return false;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      if (this.#rows[slot] !== this.#row) {
        this.#held++;
        this.#rows[slot] = this.#row;
        this.#phrases[slot] = hash;
        return true;
      }
      if (this.#phrases[slot] === hash) return false;
    }
  }
}

/**
 * In how many rows each phrase stands, at least approximately and never too low: a count-min sketch of two tables
 * (Cormode and Muthukrishnan 2005). Memory is bounded however many phrases there are: 8 bytes a bucket.
 */
export class PhraseCounts {
  readonly #mask: number;
  readonly #first: Uint32Array;
  readonly #second: Uint32Array;
  readonly #marks: RowMarks;
  /** How many rows were counted. */
  rows = 0;

  /** @param marks shared by sketches of the same size that are filled one after the other. */
  constructor(marks: RowMarks) {
    const size = 2 ** marks.bits;
    this.#mask = size - 1;
    this.#first = new Uint32Array(size);
    this.#second = new Uint32Array(size);
    this.#marks = marks;
  }

  /** @param fields the tokens of each text of the row. */
  addRow(fields: string[][]): void {
    this.rows++;
    this.#marks.nextRow();
    for (const tokens of fields) {
      eachPhrase(tokens, (hash) => {
        if (!this.#marks.isFirst(hash)) return;
        this.#first[hash & this.#mask]!++;
        this.#second[other(hash) & this.#mask]!++;
      });
    }
  }

  /** Rows that hold the phrase of that hash, or a few more. */
  count(hash: number): number {
    return Math.min(this.#first[hash & this.#mask] ?? 0, this.#second[other(hash) & this.#mask] ?? 0);
  }

  /**
   * How many phrases stand in at least `least` rows of this and another sketch together: buckets counted, corrected for
   * phrases that share one (linear counting).
   */
  distinctFrom(least: number, beside: PhraseCounts): number {
    const size = this.#mask + 1;
    let over = 0;
    for (let bucket = 0; bucket < size; bucket++) {
      if ((this.#first[bucket] ?? 0) + (beside.#first[bucket] ?? 0) >= least) over++;
    }
    return over >= size ? size * 20 : Math.ceil(-size * Math.log1p(-over / size));
  }
}

function other(hash: number): number {
  return mixed(hash ^ 0x5bd1e995);
}
