import type { Matrix } from './matrix.ts';

const block = 64;

/** A step of a computation over the distances between all rows. */
export interface DistanceStep {
  /** Done, from 0 to 1. */
  share: number;
  /**
   * Rows whose products with all rows come next. Whoever runs the computation may hand them in with `next`: `(to - from) * rows` values,
   * row after row. Where nothing is handed in they are computed here.
   */
  rows?: { of: Matrix; from: number; to: number };
}

export type DistanceSteps<T> = Generator<DistanceStep, T, Float64Array | undefined>;

/**
 * Calls `use` for each row with its squared Euclidean distances to all rows, itself included. The array is used again.
 * @param part the shares that are told, from the first step to the last.
 */
export function* eachDistanceRow(
  data: Matrix,
  use: (row: number, squared: Float64Array) => void,
  part: readonly [from: number, to: number] = [0, 1],
): DistanceSteps<void> {
  const { rows, columns, values } = data;
  const lengths = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * columns; at < (row + 1) * columns; at++) sum += values[at]! * values[at]!;
    lengths[row] = sum;
  }
  let own: Float64Array | null = null;
  for (let from = 0; from < rows; from += block) {
    const to = Math.min(rows, from + block);
    const given = yield { share: part[0] + ((part[1] - part[0]) * from) / rows, rows: { of: data, from, to } };
    const products = given ?? productsOf(data, from, to, (own ??= new Float64Array(block * rows)));
    for (let row = from; row < to; row++) {
      const squared = products.subarray((row - from) * rows, (row - from + 1) * rows);
      const length = lengths[row]!;
      for (let other = 0; other < rows; other++) {
        squared[other] = Math.max(0, length + lengths[other]! - 2 * squared[other]!);
      }
      squared[row] = 0;
      use(row, squared);
    }
  }
}

/** Products of some rows with all rows. */
function productsOf({ rows, columns, values }: Matrix, from: number, to: number, result: Float64Array): Float64Array {
  // Each row of the inner loop stays in the cache for the whole block.
  for (let other = 0; other < rows; other++) {
    const base = other * columns;
    for (let row = from; row < to; row++) {
      let sum = 0;
      let more = 0;
      let left = row * columns;
      let right = base;
      const end = left + columns - 1;
      for (; left < end; left += 2, right += 2) {
        sum += values[left]! * values[right]!;
        more += values[left + 1]! * values[right + 1]!;
      }
      if (left === end) sum += values[left]! * values[right]!;
      result[(row - from) * rows + other] = sum + more;
    }
  }
  return result;
}

/** The k smallest of the distances but for the row's own, ascending. */
export function nearest(squared: Float64Array, own: number, k: number): Float64Array {
  const best = new Float64Array(k).fill(Infinity);
  for (let other = 0; other < squared.length; other++) {
    const distance = squared[other]!;
    if (distance >= best[k - 1]! || other === own) continue;
    let at = k - 1;
    for (; at > 0 && best[at - 1]! > distance; at--) best[at] = best[at - 1]!;
    best[at] = distance;
  }
  return best;
}
