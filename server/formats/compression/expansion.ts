import type { ReadProblem } from '../facts.ts';
import type { Budget } from '../limits.ts';

/**
 * What one stream may expand to in memory, in bytes. The whole content is kept, because a reader asks for it by position
 * and more than once; beyond this the rest goes unseen and that is reported.
 */
export const expandedInMemory = 64 << 20;

export type StreamProblem = Omit<ReadProblem, 'entry'>;

/** Thrown inside a decoder and caught by `expand`: what came before it still counts. */
export class StreamStop extends Error {
  readonly code: ReadProblem['code'];

  constructor(code: ReadProblem['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Where decoders put bytes: grows as needed, and stops them at the artifact's limits. */
export class Expansion {
  length = 0;
  #buffer: Uint8Array;
  readonly #budget: Budget;
  readonly #cap: number;
  readonly #reason: StreamStop;

  /** `compressedSize` is what the stream occupies at most, in bytes: the ratio is judged against it. */
  constructor(compressedSize: number, budget: Budget) {
    const { ratio, ratioFloor } = budget.limits;
    const caps: [number, StreamStop][] = [
      [budget.expandedBytes, new StreamStop('limit-expanded-bytes', 'the content expands beyond the limit on bytes')],
      [
        Math.max(ratioFloor, ratio * compressedSize),
        new StreamStop('limit-ratio', `the content expands to more than ${ratio} times its compressed size`),
      ],
      [expandedInMemory, new StreamStop('limit-memory', 'the content expands to more than can be held in memory')],
    ];
    [this.#cap, this.#reason] = caps.reduce((least, next) => (next[0] < least[0] ? next : least));
    this.#budget = budget;
    this.#buffer = new Uint8Array(Math.min(this.#cap, Math.max(1 << 12, Math.min(1 << 20, compressedSize * 4))));
  }

  /** What has been expanded: a view of the buffer. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.length);
  }

  push(byte: number): void {
    if (this.length === this.#buffer.length) this.#grow();
    this.#buffer[this.length++] = byte;
  }

  append(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.length === this.#buffer.length) this.#grow();
      const count = Math.min(bytes.length - from, this.#buffer.length - this.length);
      this.#buffer.set(bytes.subarray(from, from + count), this.length);
      this.length += count;
      from += count;
    }
  }

  /** Repeats `count` bytes from `distance` back, which the caller has checked to be there. */
  repeat(distance: number, count: number): void {
    let left = count;
    while (left > 0) {
      if (this.length === this.#buffer.length) this.#grow();
      const buffer = this.#buffer;
      const run = Math.min(left, buffer.length - this.length);
      const to = this.length + run;
      for (let at = this.length; at < to; at++) buffer[at] = buffer[at - distance]!;
      this.length = to;
      left -= run;
    }
  }

  /** The byte `distance` back, or 0 where nothing has been written yet. */
  back(distance: number): number {
    return distance > this.length ? 0 : this.#buffer[this.length - distance]!;
  }

  #grow(): void {
    if (this.length >= this.#cap) throw this.#reason;
    if (this.#budget.timeIsUp) throw new StreamStop('limit-time', 'the time for this file was used up');
    const wider = new Uint8Array(Math.min(this.#cap, Math.max(1 << 12, this.#buffer.length * 2)));
    wider.set(this.#buffer);
    this.#buffer = wider;
  }
}
