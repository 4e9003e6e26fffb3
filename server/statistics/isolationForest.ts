import type { Matrix } from './matrix.ts';
import { randomFrom } from './random.ts';

export interface ForestOptions {
  /** Scores of fewer than 300 trees differ too much from seed to seed to order rows by them. */
  trees: number;
  /** Rows that each tree is grown from, drawn without putting back. */
  sample: number;
  seed: number;
}

const defaults: ForestOptions = { trees: 300, sample: 256, seed: 1 };

/**
 * Isolation Forest (Liu, Ting and Zhou 2008): how few random cuts part a row from the others.
 * @returns a score for each row, from 0 to 1; above 0.5 it is parted sooner than a row of evenly spread data would be.
 */
export function isolationScores(data: Matrix, given: Partial<ForestOptions> = {}): Float64Array {
  const { trees, sample, seed } = { ...defaults, ...given };
  const scores = new Float64Array(data.rows);
  if (data.rows === 0) return scores;
  const random = randomFrom(seed);
  const size = Math.min(sample, data.rows);
  const order = Uint32Array.from({ length: data.rows }, (_, row) => row);
  for (let tree = 0; tree < trees; tree++) {
    for (let at = 0; at < size; at++) {
      const other = at + Math.floor(random() * (data.rows - at));
      const kept = order[at]!;
      order[at] = order[other]!;
      order[other] = kept;
    }
    new Tree(data, order.slice(0, size), random).addDepths(data, scores);
  }
  const expected = averageDepth(size);
  for (let row = 0; row < scores.length; row++) {
    scores[row] = expected === 0 ? 0.5 : 2 ** (-scores[row]! / (trees * expected));
  }
  return scores;
}

/** The average depth of an unsuccessful search in a binary tree of so many leaves (equation 1 of the paper). */
function averageDepth(leaves: number): number {
  if (leaves <= 1) return 0;
  if (leaves === 2) return 1;
  return 2 * (Math.log(leaves - 1) + 0.5772156649015329) - (2 * (leaves - 1)) / leaves;
}

/** One tree in flat arrays: a node's children stand at `left` and right after it. */
class Tree {
  /** The column that a node cuts; -1 for a leaf. */
  readonly #column: Int32Array;
  readonly #cut: Float64Array;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  /** Of a leaf: its depth, and what the rows in it would still have needed. */
  readonly #depth: Float64Array;
  #nodes = 0;

  constructor(data: Matrix, rows: Uint32Array, random: () => number) {
    const most = 2 * rows.length + 1;
    this.#column = new Int32Array(most);
    this.#cut = new Float64Array(most);
    this.#left = new Int32Array(most);
    this.#right = new Int32Array(most);
    this.#depth = new Float64Array(most);
    this.#grow(data, rows, 0, rows.length, 0, Math.ceil(Math.log2(Math.max(2, rows.length))), random);
  }

  addDepths({ rows, columns, values }: Matrix, sums: Float64Array): void {
    for (let row = 0; row < rows; row++) {
      let node = 0;
      for (let column = this.#column[0]!; column >= 0; column = this.#column[node]!) {
        node = values[row * columns + column]! <= this.#cut[node]! ? this.#left[node]! : this.#right[node]!;
      }
      sums[row]! += this.#depth[node]!;
    }
  }

  #grow(
    data: Matrix,
    rows: Uint32Array,
    from: number,
    to: number,
    depth: number,
    deepest: number,
    random: () => number,
  ): number {
    const node = this.#nodes++;
    const cut = depth < deepest && to - from > 1 ? this.#chooseCut(data, rows, from, to, random) : null;
    if (cut === null) {
      this.#column[node] = -1;
      this.#depth[node] = depth + averageDepth(to - from);
      return node;
    }
    this.#column[node] = cut.column;
    this.#cut[node] = cut.at;
    let middle = from;
    for (let at = from; at < to; at++) {
      const row = rows[at]!;
      if (data.values[row * data.columns + cut.column]! > cut.at) continue;
      rows[at] = rows[middle]!;
      rows[middle++] = row;
    }
    this.#left[node] = this.#grow(data, rows, from, middle, depth + 1, deepest, random);
    this.#right[node] = this.#grow(data, rows, middle, to, depth + 1, deepest, random);
    return node;
  }

  /** A random place between the least and the greatest value of a random column that is not the same in all rows. */
  #chooseCut(
    { columns, values }: Matrix,
    rows: Uint32Array,
    from: number,
    to: number,
    random: () => number,
  ): { column: number; at: number } | null {
    const start = Math.floor(random() * columns);
    for (let turn = 0; turn < columns; turn++) {
      // A fresh draw as long as that is likely to hit; then one after the other, so that it ends.
      const column = turn < 8 ? (turn === 0 ? start : Math.floor(random() * columns)) : (start + turn) % columns;
      let least = Infinity;
      let greatest = -Infinity;
      for (let at = from; at < to; at++) {
        const value = values[rows[at]! * columns + column]!;
        if (value < least) least = value;
        if (value > greatest) greatest = value;
      }
      if (!(greatest > least)) continue;
      const at = least + random() * (greatest - least);
      // Rounding may reach the greatest value, and then nothing would be parted.
      return { column, at: at < greatest ? at : least };
    }
    return null;
  }
}
