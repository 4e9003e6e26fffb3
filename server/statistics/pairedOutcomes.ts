import { binomialTail } from './binomial.ts';

/**
 * McNemar's exact test, one-sided: whether more pairs went from good to bad than chance explains.
 * @param worse pairs that were good before and are bad now. @param better the other way round.
 * @returns the probability of so many, or more, were both ways equally likely; 1 where no pair differs.
 */
export function mcNemar(worse: number, better: number): number {
  return worse + better === 0 ? 1 : binomialTail(worse, worse + better, 0.5);
}

/**
 * The upper bound of a rate that was seen `hits` times in `trials`, exact (Clopper and Pearson), one-sided.
 * @param level 0.95 for 95 %.
 */
export function upperBound(hits: number, trials: number, level: number): number {
  if (trials === 0 || hits >= trials) return 1;
  let [low, high] = [0, 1];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    // P(X <= hits) falls as the rate grows; the bound is where it reaches what the level leaves.
    if (1 - binomialTail(hits + 1, trials, middle) > 1 - level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
