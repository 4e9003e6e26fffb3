import { eachPhrase, mixed } from './tokens.ts';

/** The last row that was counted in each bucket: a phrase counts once a row. 8 bytes a bucket. */
export class RowMarks {
  readonly first: Uint32Array;
  readonly second: Uint32Array;
  row = 0;

  /** @param bits of the number of buckets. */
  constructor(bits: number) {
    this.first = new Uint32Array(2 ** bits);
    this.second = new Uint32Array(2 ** bits);
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
    const size = marks.first.length;
    this.#mask = size - 1;
    this.#first = new Uint32Array(size);
    this.#second = new Uint32Array(size);
    this.#marks = marks;
  }

  /** @param fields the tokens of each text of the row. */
  addRow(fields: string[][]): void {
    this.rows++;
    const { first: markedFirst, second: markedSecond } = this.#marks;
    const row = ++this.#marks.row;
    for (const tokens of fields) {
      eachPhrase(tokens, (hash) => {
        const first = hash & this.#mask;
        const second = other(hash) & this.#mask;
        if (markedFirst[first] !== row) {
          markedFirst[first] = row;
          this.#first[first] = (this.#first[first] ?? 0) + 1;
        }
        if (markedSecond[second] !== row) {
          markedSecond[second] = row;
          this.#second[second] = (this.#second[second] ?? 0) + 1;
        }
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
