import type { Limits } from '../formats/limits.ts';

/** Reading waits for a server most of the time: an artifact may take so many times longer than on a disk. */
const patience = 10;

/** Limits for files that are fetched as they are read. */
export function remoteLimits(limits: Limits): Limits {
  return { ...limits, timeMs: limits.timeMs * patience };
}
