/** Holm's step-down correction: the chance of any false rejection stays below the level. @returns corrected, in the order given. */
export function holm(pValues: readonly number[]): number[] {
  let worst = 0;
  return inOrder(
    pValues,
    ascending(pValues),
    (p, rank) => (worst = Math.max(worst, Math.min(1, p * (pValues.length - rank)))),
  );
}

/** The correction of Benjamini and Hochberg: the expected share of false rejections stays below the level. */
export function benjaminiHochberg(pValues: readonly number[]): number[] {
  let best = 1;
  const { length } = pValues;
  return inOrder(
    pValues,
    ascending(pValues).reverse(),
    (p, rank) => (best = Math.min(best, (p * length) / (length - rank))),
  );
}

function ascending(values: readonly number[]): number[] {
  return [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0) || a - b);
}

function inOrder(
  values: readonly number[],
  order: readonly number[],
  correct: (p: number, rank: number) => number,
): number[] {
  const corrected = new Array<number>(values.length).fill(1);
  for (const [rank, index] of order.entries()) corrected[index] = correct(values[index] ?? 1, rank);
  return corrected;
}
