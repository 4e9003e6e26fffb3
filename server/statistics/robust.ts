/** The value below which so large a share of the values lies. @param sorted ascending. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  if (sorted.length === 0) return 0;
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? 0;
  return below + (at - Math.floor(at)) * ((sorted[Math.ceil(at)] ?? 0) - below);
}

/** How many deviations each value lies from the median, by the median absolute deviation, which outliers do not move. */
export function robustDeviations(values: Float64Array): Float64Array {
  const middle = quantile(values.slice().sort(), 0.5);
  const spread = quantile(values.map((value) => Math.abs(value - middle)).sort(), 0.5) * 1.4826;
  return values.map((value) => (spread > 0 ? (value - middle) / spread : 0));
}
