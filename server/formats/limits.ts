/** What one artifact may cost. Reaching a limit is reported as a problem, never passed over. */
export interface Limits {
  /** Containers inside containers. */
  depth: number;
  /** Entries of all containers of one artifact together. */
  entries: number;
  /** Bytes that decompression may produce for one artifact, in all. */
  expandedBytes: number;
  /** Expanded to compressed size, applied once an entry has expanded past `ratioFloor`. */
  ratio: number;
  /** Bytes below which the ratio is not judged. */
  ratioFloor: number;
  /** Pickle opcodes of one artifact, over all streams. */
  opcodes: number;
  /** Milliseconds for one artifact. */
  timeMs: number;
}

export const defaultLimits: Limits = {
  depth: 5,
  // A checkpoint has one for each tensor, and the largest have some hundred thousand. What an entry costs is a line of
  // the list and a look at its first bytes, which memory and time bound by themselves.
  entries: 500_000,
  expandedBytes: 4 * 2 ** 30,
  ratio: 200,
  ratioFloor: 10 << 20,
  opcodes: 50_000_000,
  timeMs: 30_000,
};

/** What is left of the limits while one artifact is being read. Readers subtract from it; none goes below zero. */
export class Budget {
  readonly limits: Limits;
  entries: number;
  expandedBytes: number;
  opcodes: number;
  /** Set by a source that could not give its bytes in the time: who read from it took it for shorter. */
  cutShort = false;
  readonly #deadline: number;

  /** True when the artifact's size, and not the limit on bytes, is what bounds its expansion. */
  readonly boundByRatio: boolean;

  /** `size` is that of the artifact, in bytes: what all of its streams together may expand to depends on it. */
  constructor(limits: Limits, size = Infinity) {
    this.limits = limits;
    this.entries = limits.entries;
    // A tar.gz in a ZIP expands its content twice; streams below the floor are not judged by themselves.
    const byRatio = Math.max(4 * limits.ratioFloor, 2 * limits.ratio * size);
    this.boundByRatio = byRatio < limits.expandedBytes;
    this.expandedBytes = Math.min(limits.expandedBytes, byRatio);
    this.opcodes = limits.opcodes;
    this.#deadline = performance.now() + limits.timeMs;
  }

  /** Opcodes that are counted by themselves, within the same time. */
  forOpcodes(opcodes: number): Budget {
    return new Budget({ ...this.limits, opcodes, timeMs: this.#deadline - performance.now() });
  }

  /** True once the artifact has used up its time. Cheap enough to ask every few thousand steps. */
  get timeIsUp(): boolean {
    return performance.now() > this.#deadline;
  }
}
