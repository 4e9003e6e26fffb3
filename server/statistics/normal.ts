import { chiSquareTail } from './chiSquare.ts';

/** P(Z >= z) of the standard normal distribution; relative error below 1e-10 where it is above 1e-300. */
export function normalTail(z: number): number {
  const half = chiSquareTail(z * z, 1) / 2;
  return z >= 0 ? half : 1 - half;
}

/** The z with P(Z >= z) = tail, by bisection to the last digit. @param tail between 0 and 1, both exclusive. */
export function normalQuantile(tail: number): number {
  let low = -40;
  let high = 40;
  for (let step = 0; step < 200 && high - low > Number.EPSILON * Math.abs(low + high); step++) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
