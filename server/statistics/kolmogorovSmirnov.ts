export interface TwoSampleTest {
  statistic: number;
  pValue: number;
}

/** Up to this many steps the null distribution is counted out; above, its limit is close enough (error of order 1/n). */
const countedSteps = 25_000_000;

/**
 * The two-sample Kolmogorov-Smirnov test, two-sided.
 * @param a @param b ascending, neither empty, without NaN.
 * @returns the greatest distance of the two empirical distributions, and its probability when both samples are of one distribution:
 * exact by counting lattice paths (Hodges 1958) up to a size, then by Kolmogorov's limit.
 */
export function kolmogorovSmirnov(a: Float64Array, b: Float64Array): TwoSampleTest {
  const [n, m] = [a.length, b.length];
  // In units of 1 / (n m), so that comparing distances is comparing whole numbers.
  let greatest = 0;
  let [i, j] = [0, 0];
  while (i < n && j < m) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    while (i < n && (a[i] ?? 0) <= value) i++;
    while (j < m && (b[j] ?? 0) <= value) j++;
    greatest = Math.max(greatest, Math.abs(i * m - j * n));
  }
  const statistic = greatest / (n * m);
  if (greatest === 0) return { statistic, pValue: 1 };
  const pValue =
    n * m <= countedSteps ? 1 - shareWithin(n, m, greatest) : kolmogorovTail(statistic * Math.sqrt((n * m) / (n + m)));
  return { statistic, pValue: Math.min(1, Math.max(0, pValue)) };
}

/** The share of the ways to interleave n and m values whose distance stays below `limit` (in units of 1 / (n m)). */
function shareWithin(n: number, m: number, limit: number): number {
  const inside = (i: number, j: number) => Math.abs(i * m - j * n) < limit;
  // row[j]: of the paths to (i, j), the share that stayed inside; scaled to a probability at each step.
  const row = new Float64Array(m + 1);
  for (let j = 0; j <= m; j++) row[j] = inside(0, j) ? 1 : 0;
  for (let j = 1; j <= m; j++) if (row[j - 1] === 0) row[j] = 0;
  for (let i = 1; i <= n; i++) {
    if (!inside(i, 0)) row[0] = 0;
    for (let j = 1; j <= m; j++) {
      // The last step to (i, j) was one of `a` with probability i / (i + j).
      row[j] = inside(i, j) ? ((row[j] ?? 0) * i + (row[j - 1] ?? 0) * j) / (i + j) : 0;
    }
  }
  return row[m] ?? 0;
}

/** P(K >= x) of Kolmogorov's distribution. */
export function kolmogorovTail(x: number): number {
  if (x < 1.18) {
    // The series of theta functions converges fast for small x.
    let sum = 0;
    for (let k = 1; k < 100; k += 2) {
      const term = Math.exp((-k * k * Math.PI * Math.PI) / (8 * x * x));
      sum += term;
      if (term < sum * 1e-17) break;
    }
    return 1 - (Math.sqrt(2 * Math.PI) / x) * sum;
  }
  let sum = 0;
  for (let k = 1; k < 100; k++) {
    const term = Math.exp(-2 * k * k * x * x);
    sum += k % 2 === 1 ? term : -term;
    if (term < 1e-17 * Math.abs(sum)) break;
  }
  return 2 * sum;
}
