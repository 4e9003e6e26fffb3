import type { Budget } from '../limits.ts';
import { MemorySource } from '../source.ts';
import { Expansion, StreamStop } from './expansion.ts';

export interface Expanded {
  /** Everything that came out before the end or the stop. */
  content: MemorySource;
  /** Why it stopped before the end of the stream; null when it did not. */
  stop: StreamStop | null;
}

/**
 * Runs a decoder within the artifact's limits. `compressedSize` is the most that the stream occupies, in bytes.
 * What it produces is taken from the budget, whether the stream was good or not.
 */
export function expand(compressedSize: number, budget: Budget, decode: (output: Expansion) => void): Expanded {
  const output = new Expansion(compressedSize, budget);
  let stop: StreamStop | null = null;
  try {
    if (budget.timeIsUp) throw new StreamStop('limit-time', 'the time for this file was used up');
    decode(output);
  } catch (error) {
    if (!(error instanceof StreamStop)) throw error;
    stop = error;
  }
  budget.expandedBytes -= output.length;
  return { content: new MemorySource(output.bytes), stop };
}
