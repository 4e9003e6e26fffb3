import { maskCells, sampleSize, type SampleSet } from '../samples/sampleSet.ts';
import type { SeededRandom } from '../seededRandom.ts';

/** A mask, and what it puts in the place of a sample: x' = (1 - mask) x + mask pattern. */
export interface Trigger {
  /** [cells], between 0 and 1. */
  mask: Float32Array;
  /** [elements of a sample], in the model's units. */
  pattern: Float32Array;
  /** Sum of the mask: the L1 norm, in cells. */
  norm: number;
  /** Share of other samples that it led to the class. */
  successRate: number;
}

/** A trigger under construction. Both parts are kept within bounds by tanh, as the authors of Neural Cleanse do. */
export class TriggerParameters {
  readonly mask: Float32Array;
  readonly pattern: Float32Array;
  /** Mask first, then pattern: what an optimiser moves. */
  readonly values: Float64Array;
  readonly cells: Int32Array;
  readonly cellCount: number;
  readonly #samples: SampleSet;

  constructor(samples: SampleSet, random: SeededRandom) {
    const { cells, count } = maskCells(samples);
    this.#samples = samples;
    this.cells = cells;
    this.cellCount = count;
    this.mask = new Float32Array(count);
    this.pattern = new Float32Array(sampleSize(samples));
    // Uniform masks and patterns, as tanh gives them back.
    this.values = Float64Array.from({ length: count + this.pattern.length }, () =>
      Math.atanh((random.next() * 2 - 1) * (1 - 1e-6)),
    );
    this.update();
  }

  get norm(): number {
    return this.mask.reduce((sum, each) => sum + each, 0);
  }

  /** Computes mask and pattern of the values. */
  update(): void {
    const { low, high } = this.#samples;
    for (let cell = 0; cell < this.cellCount; cell++) this.mask[cell] = Math.tanh(this.values[cell]!) / 2 + 0.5;
    for (let at = 0; at < this.pattern.length; at++) {
      const share = Math.tanh(this.values[this.cellCount + at]!) / 2 + 0.5;
      this.pattern[at] = low[at]! + (high[at]! - low[at]!) * share;
    }
  }

  /** The samples with the trigger on them. */
  apply(x: Float32Array): Float32Array {
    return applyTrigger(x, this.mask, this.pattern, this.cells);
  }

  /**
   * Carries the gradient with respect to triggered samples back to the values.
   * @param gradient of the sum over the samples; it is divided by their number.
   * @param cost weight of the norm.
   */
  back(x: Float32Array, gradient: Float32Array, cost: number, into: Float64Array): void {
    const size = this.pattern.length;
    const count = x.length / size;
    into.fill(0);
    for (let row = 0; row < count; row++) {
      for (let at = 0; at < size; at++) {
        const slope = gradient[row * size + at]! / count;
        const cell = this.cells[at]!;
        into[cell]! += slope * (this.pattern[at]! - x[row * size + at]!);
        into[this.cellCount + at]! += slope * this.mask[cell]!;
      }
    }
    const { low, high } = this.#samples;
    for (let cell = 0; cell < this.cellCount; cell++) {
      const t = Math.tanh(this.values[cell]!);
      into[cell] = (into[cell]! + cost) * 0.5 * (1 - t * t);
    }
    for (let at = 0; at < size; at++) {
      const t = Math.tanh(this.values[this.cellCount + at]!);
      into[this.cellCount + at]! *= (high[at]! - low[at]!) * 0.5 * (1 - t * t);
    }
  }
}

/** x' = (1 - mask) x + mask pattern, for every sample. */
export function applyTrigger(
  x: Float32Array,
  mask: Float32Array,
  pattern: Float32Array,
  cells: Int32Array,
): Float32Array {
  const size = pattern.length;
  const result = new Float32Array(x.length);
  for (let from = 0; from < x.length; from += size) {
    for (let at = 0; at < size; at++) {
      const share = mask[cells[at]!]!;
      result[from + at] = (1 - share) * x[from + at]! + share * pattern[at]!;
    }
  }
  return result;
}
