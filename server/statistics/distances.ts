/**
 * The first Wasserstein distance of two samples: how far values must be moved, on average, to make one of the other.
 * @param a @param b ascending, neither empty, without NaN. @returns in the unit of the values.
 */
export function wasserstein(a: Float64Array, b: Float64Array): number {
  let [i, j] = [0, 0];
  let last = Math.min(a[0] ?? 0, b[0] ?? 0);
  let sum = 0;
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    sum += Math.abs(i / a.length - j / b.length) * (value - last);
    last = value;
    while (i < a.length && a[i] === value) i++;
    while (j < b.length && b[j] === value) j++;
  }
  return sum;
}

/** The Jensen-Shannon distance (square root of the divergence, base 2) of two lists of counts: 0 the same, 1 nothing in common. */
export function jensenShannon(counts: readonly number[], others: readonly number[]): number {
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const [n, m] = [total(counts), total(others)];
  let divergence = 0;
  for (let index = 0; index < Math.max(counts.length, others.length); index++) {
    const p = (counts[index] ?? 0) / n;
    const q = (others[index] ?? 0) / m;
    const middle = (p + q) / 2;
    if (p > 0) divergence += (p * Math.log2(p / middle)) / 2;
    if (q > 0) divergence += (q * Math.log2(q / middle)) / 2;
  }
  return Math.sqrt(Math.max(0, divergence));
}

/** Takes the place of a share of nothing, as monitoring tools do, so that the index stays finite. */
const emptyShare = 1e-4;

/** The population stability index of two lists of counts over the same bins. Convention: below 0.1 stable, above 0.25 changed. */
export function stabilityIndex(reference: readonly number[], current: readonly number[]): number {
  const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
  const [n, m] = [total(reference), total(current)];
  return reference.reduce((sum, count, index) => {
    const expected = Math.max(count / n, emptyShare);
    const found = Math.max((current[index] ?? 0) / m, emptyShare);
    return sum + (found - expected) * Math.log(found / expected);
  }, 0);
}

/**
 * Bounds of bins that hold equally many values of the reference; fewer where values repeat.
 * @param sorted ascending. @returns the inner bounds; a value belongs to the first bin whose bound is not below it.
 */
export function quantileBounds(sorted: Float64Array, bins: number): number[] {
  const bounds: number[] = [];
  for (let bin = 1; bin < bins; bin++) {
    const bound = sorted[Math.max(0, Math.ceil((bin * sorted.length) / bins) - 1)] ?? 0;
    if (bound < (sorted.at(-1) ?? 0) && bound > (bounds.at(-1) ?? -Infinity)) bounds.push(bound);
  }
  return bounds;
}

/** How many values fall into each bin. */
export function countIn(bounds: readonly number[], values: Iterable<number>): number[] {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of values) {
    let [low, high] = [0, bounds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (value <= (bounds[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    counts[low] = (counts[low] ?? 0) + 1;
  }
  return counts;
}
