import type { TwoSampleTest } from './kolmogorovSmirnov.ts';
import { normalTail } from './normal.ts';

/**
 * The Mann-Whitney U test, two-sided, by the normal approximation with corrections for ties and for continuity.
 * @param a @param b ascending, neither empty, without NaN.
 * @returns the U statistic of `a`: pairs in which the value of `a` is the greater, halves for ties.
 */
export function mannWhitney(a: Float64Array, b: Float64Array): TwoSampleTest {
  const [n, m] = [a.length, b.length];
  let [i, j] = [0, 0];
  let rank = 0;
  let rankSum = 0;
  let ties = 0;
  while (i < n || j < m) {
    const value = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
    const [fromA, fromB] = [i, j];
    while (i < n && a[i] === value) i++;
    while (j < m && b[j] === value) j++;
    const equal = i - fromA + (j - fromB);
    rankSum += (i - fromA) * (rank + (equal + 1) / 2);
    rank += equal;
    ties += equal ** 3 - equal;
  }
  const statistic = rankSum - (n * (n + 1)) / 2;
  const total = n + m;
  const deviation = Math.sqrt(((n * m) / 12) * (total + 1 - ties / (total * (total - 1))));
  if (!(deviation > 0)) return { statistic, pValue: 1 };
  const z = (Math.max(statistic, n * m - statistic) - (n * m) / 2 - 0.5) / deviation;
  return { statistic, pValue: Math.min(1, 2 * normalTail(z)) };
}
