import { logGamma } from './binomial.ts';

export interface ChiSquare {
  statistic: number;
  degrees: number;
  pValue: number;
  /** Cramér's V, from 0 (no association) to 1: how much it is, whatever the number of rows. */
  effect: number;
}

/**
 * Pearson's test of independence over a table of counts. Rows and columns of nothing are left out.
 * @returns null for a table with fewer than two rows or columns.
 */
export function chiSquare(table: readonly (readonly number[])[]): ChiSquare | null {
  const rowSums = table.map((row) => row.reduce((sum, count) => sum + count, 0));
  const width = Math.max(0, ...table.map((row) => row.length));
  const columnSums = Array.from({ length: width }, (_, column) =>
    table.reduce((sum, row) => sum + (row[column] ?? 0), 0),
  );
  const total = rowSums.reduce((sum, count) => sum + count, 0);
  const rows = rowSums.filter((sum) => sum > 0).length;
  const columns = columnSums.filter((sum) => sum > 0).length;
  if (rows < 2 || columns < 2) return null;
  let statistic = 0;
  for (const [row, counts] of table.entries()) {
    for (let column = 0; column < width; column++) {
      const expected = ((rowSums[row] ?? 0) * (columnSums[column] ?? 0)) / total;
      if (expected > 0) statistic += ((counts[column] ?? 0) - expected) ** 2 / expected;
    }
  }
  const degrees = (rows - 1) * (columns - 1);
  const effect = Math.sqrt(statistic / (total * (Math.min(rows, columns) - 1)));
  return { statistic, degrees, pValue: chiSquareTail(statistic, degrees), effect };
}

/** P(X >= x) for X chi-square distributed; relative error below 1e-10 where it is above 1e-300. */
export function chiSquareTail(x: number, degrees: number): number {
  return x <= 0 ? 1 : upperGamma(degrees / 2, x / 2);
}

/** The regularised upper incomplete gamma function (Numerical Recipes, 6.2: series below, continued fraction above). */
function upperGamma(a: number, x: number): number {
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 10_000; n++) {
      term *= x / (a + n);
      sum += term;
      if (term < sum * 1e-16) break;
    }
    return Math.max(0, 1 - front * sum);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 10_000; n++) {
    const step = -n * (n - a);
    b += 2;
    d = 1 / (step * d + b || 1e-300);
    c = b + step / c || 1e-300;
    const factor = c * d;
    fraction *= factor;
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return front * fraction;
}
