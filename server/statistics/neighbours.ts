import type { Matrix } from './matrix.ts';

const block = 64;

/**
 * Calls `use` for each row with its squared Euclidean distances to all rows, itself included. The array is used again.
 * A generator, so that the caller decides when to pause: it yields the share done.
 */
export function* eachDistanceRow(
  data: Matrix,
  use: (row: number, squared: Float64Array) => void,
): Generator<number, void> {
  const { rows, columns, values } = data;
  const lengths = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let at = row * columns; at < (row + 1) * columns; at++) sum += values[at]! * values[at]!;
    lengths[row] = sum;
  }
  const lines = Array.from({ length: block }, () => new Float64Array(rows));
  for (let from = 0; from < rows; from += block) {
    const to = Math.min(rows, from + block);
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
        lines[row - from]![other] = Math.max(0, lengths[row]! + lengths[other]! - 2 * (sum + more));
      }
    }
    for (let row = from; row < to; row++) {
      const squared = lines[row - from]!;
      squared[row] = 0;
      use(row, squared);
    }
    yield to / rows;
  }
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
