/** Natural logarithm of the gamma function (Lanczos, g = 7, n = 9; relative error below 1e-13 for x > 0). */
export function logGamma(x: number): number {
  const coefficients = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const y = x - 1;
  let sum = coefficients[0] ?? 0;
  for (let index = 1; index < coefficients.length; index++) sum += (coefficients[index] ?? 0) / (y + index);
  const t = y + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (y + 0.5) * Math.log(t) - t + Math.log(sum);
}

/**
 * P(X >= k) for X binomial of n trials with probability p, by summing the terms from k on.
 * @returns between 0 and 1; relative error below 1e-10 where it is above 1e-300.
 */
export function binomialTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n || p <= 0) return 0;
  if (p >= 1) return 1;
  // Below the mean the lower tail is the short sum.
  if (k <= n * p) return 1 - lowerTail(k - 1, n, p);
  return seriesFrom(k, n, p, (at) => ((n - at) / (at + 1)) * (p / (1 - p)), n);
}

function lowerTail(k: number, n: number, p: number): number {
  if (k < 0) return 0;
  return seriesFrom(k, n, p, (at) => (at / (n - at + 1)) * ((1 - p) / p), 0);
}

/** Terms from `k` towards `last`, each from the one before it; they shrink, so the rest is soon nothing. */
function seriesFrom(k: number, n: number, p: number, ratio: (at: number) => number, last: number): number {
  const step = last >= k ? 1 : -1;
  let term = Math.exp(
    logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p),
  );
  let sum = term;
  for (let at = k; at !== last; at += step) {
    term *= ratio(at);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return Math.min(1, sum);
}
