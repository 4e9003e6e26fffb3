import type { Budget } from '../limits.ts';

/** What reading one checkpoint's pickle may cost. */
export interface MachineLimits {
  opcodes: number;
  /** Estimated bytes of the values that are built. */
  memory: number;
  timeIsUp?: () => boolean;
}

/** While scanning, memory must stay small whatever the file: this is enough for about 80,000 tensors. */
const scanMemory = 64 << 20;

export const scanMachineLimits = (budget: Budget): MachineLimits => ({
  opcodes: budget.limits.opcodes,
  memory: scanMemory,
  timeIsUp: () => budget.timeIsUp,
});

/** A conversion was asked for, and may take what a few million tensors need. */
export const conversionMachineLimits: MachineLimits = { opcodes: 500_000_000, memory: 4 * 2 ** 30 };
