/** Whether lists and objects are nested deeper than so many levels; looks no deeper than that. @param value as JSON gives it. */
export function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((each) => isDeeperThan(levels - 1, each));
}
