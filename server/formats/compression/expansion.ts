import type { ReadProblem } from '../facts.ts';
import type { Budget } from '../limits.ts';
import { Checkpoints, type Checkpoint } from './checkpoints.ts';

/** How content is kept. */
export interface Paging {
  /** Bytes up to which it is kept whole. Longer content is dropped as it comes out, and made again a page at a time. */
  whole: number;
  /** How often a decoder is asked to say where it stands, in bytes; rarer when that means to keep much. */
  page: number;
}

export const defaultPaging: Paging = { whole: 8 << 20, page: 2 << 20 };

/** The most that a stream may refer back to, in bytes, when its content is longer than that. */
const longestWindow = 32 << 20;
const pageFor = (paging: Paging, window: number): number => Math.max(paging.page, window / 2);

export type StreamProblem = Omit<ReadProblem, 'entry'>;

/** Thrown inside a decoder and caught by `expand`: what came before it still counts. */
export class StreamStop extends Error {
  readonly code: ReadProblem['code'];

  constructor(code: ReadProblem['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Thrown through a decoder that has made the page that was asked for. */
export class PageEnd extends Error {
  readonly next: Checkpoint;

  constructor(next: Checkpoint) {
    super('the page is made');
    this.next = next;
  }
}

type Sum = (bytes: Uint8Array, seed: number) => number;

/**
 * Where decoders put bytes. It keeps what they may refer back to, takes note of where they can go on later, and stops
 * them at the artifact's limits.
 */
export class Expansion {
  /** The last bytes; `buffer[at]` is the next. A decoder that writes here itself keeps below `limit`. */
  buffer: Uint8Array;
  at: number;
  /** Where writing has to ask for room. */
  limit: number;
  /** How far the decoder may refer back, in bytes. */
  window = 32 << 10;
  /** A decoder that is past this, and where it can go on, calls `mark`. */
  nextMark: number;
  readonly checkpoints: Checkpoints | null;
  /** True when a page is made again: what there was to tell has been told. */
  readonly again: boolean;
  #base: number;
  #sum: { update: Sum; value: number; from: number } | null = null;
  #ticks = 0;
  readonly #budget: Budget;
  readonly #cap: number;
  readonly #reason: StreamStop;
  readonly #keepsAll: boolean;
  readonly #paging: Paging;

  private constructor(
    budget: Budget,
    kept: { buffer: Uint8Array; at: number; base: number },
    bounds: {
      cap: number;
      reason: StreamStop;
      keepsAll: boolean;
      checkpoints: Checkpoints | null;
      nextMark: number;
      paging: Paging;
    },
  ) {
    this.#budget = budget;
    this.buffer = kept.buffer;
    this.at = kept.at;
    this.#base = kept.base;
    this.#cap = bounds.cap;
    this.#reason = bounds.reason;
    this.#keepsAll = bounds.keepsAll;
    this.checkpoints = bounds.checkpoints;
    this.again = bounds.checkpoints === null && bounds.nextMark < Infinity;
    this.nextMark = bounds.nextMark;
    this.#paging = bounds.paging;
    this.limit = Math.min(this.buffer.length, this.#cap - this.#base);
  }

  /** The first pass. `compressedSize` is what the stream occupies at most, in bytes: the ratio is judged against it. */
  static first(compressedSize: number, budget: Budget, paging: Paging): Expansion {
    const { cap, reason } = boundsOf(compressedSize, budget);
    return new Expansion(budget, emptyFor(compressedSize, cap), {
      cap,
      reason,
      keepsAll: false,
      checkpoints: new Checkpoints(),
      nextMark: paging.page,
      paging,
    });
  }

  /** All of the content in memory, up to `most` bytes: for what is changed after it has been expanded. */
  static whole(compressedSize: number, budget: Budget, most: number): Expansion {
    let { cap, reason } = boundsOf(compressedSize, budget);
    if (most < cap) [cap, reason] = [most, tooLarge()];
    return new Expansion(budget, emptyFor(compressedSize, cap), {
      cap,
      reason,
      keepsAll: true,
      checkpoints: null,
      nextMark: Infinity,
      paging: defaultPaging,
    });
  }

  /** Beside this one, for a part of the content that is changed before it is appended; up to `most` bytes. */
  within(most: number): Expansion {
    const left = this.#cap - this.length;
    return new Expansion(this.#budget, emptyFor(most, left), {
      cap: Math.min(most, left),
      reason: most < left ? tooLarge() : this.#reason,
      keepsAll: true,
      checkpoints: null,
      nextMark: Infinity,
      paging: defaultPaging,
    });
  }

  /** A page once more, from `position`, before which the content ends in `window`; in `spare` when that is long enough. */
  static page(
    budget: Budget,
    paging: Paging,
    { position, window }: Pick<Checkpoint, 'position' | 'window'>,
    contentSize: number,
    spare: Uint8Array | null,
  ): Expansion {
    const page = pageFor(paging, window.length);
    const needed = window.length + Math.min(page + (64 << 10), contentSize - position);
    const buffer = spare !== null && spare.length >= needed ? spare : new Uint8Array(needed);
    buffer.set(window);
    const kept = { buffer, at: window.length, base: position - window.length };
    return new Expansion(budget, kept, {
      cap: contentSize,
      reason: new StreamStop('limit-memory', ''),
      keepsAll: true,
      checkpoints: null,
      nextMark: Math.min(position + page, contentSize),
      paging,
    });
  }

  /** Bytes of content so far. */
  get length(): number {
    return this.#base + this.at;
  }

  /** Whether nothing has been dropped. */
  get isWhole(): boolean {
    return this.#base === 0;
  }

  /** Offset in the content of `buffer[0]`. */
  get base(): number {
    return this.#base;
  }

  /** What is kept: a view of the buffer. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.at);
  }

  push(byte: number): void {
    if (this.at === this.limit) this.makeRoom();
    this.buffer[this.at++] = byte;
  }

  append(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.at === this.limit) this.makeRoom();
      const count = Math.min(bytes.length - from, this.limit - this.at);
      this.buffer.set(bytes.subarray(from, from + count), this.at);
      this.at += count;
      from += count;
    }
  }

  /** Repeats `count` bytes from `distance` back, which the caller has checked to have been there. */
  repeat(distance: number, count: number): void {
    let left = count;
    while (left > 0) {
      if (this.at === this.limit) this.makeRoom();
      if (distance > this.at) throw new StreamStop('malformed', 'the content refers back beyond its window');
      const { buffer } = this;
      const to = this.at + Math.min(left, this.limit - this.at);
      left -= to - this.at;
      if (distance >= 16 && to - this.at >= 16 && distance >= to - this.at) {
        buffer.copyWithin(this.at, this.at - distance, to - distance);
      } else {
        for (let at = this.at; at < to; at++) buffer[at] = buffer[at - distance]!;
      }
      this.at = to;
    }
  }

  /** The byte `distance` back, or 0 where nothing has been written yet. */
  back(distance: number): number {
    return distance > this.at ? 0 : this.buffer[this.at - distance]!;
  }

  /**
   * Takes note that the decoder can go on from here: with the input at `input`, and in a state that `copy` gives.
   * @throws {PageEnd} when this is all that was wanted.
   */
  mark(input: number, copy: () => unknown): void {
    const window = this.buffer.slice(this.at - Math.min(this.window, this.at), this.at);
    const checkpoint = { position: this.length, input, state: copy(), window };
    if (this.again) throw new PageEnd(checkpoint);
    this.nextMark = this.length + pageFor(this.#paging, window.length);
    this.checkpoints?.add(checkpoint);
  }

  /** To be called in loops that may go on without content coming out. */
  tick(): void {
    if ((++this.#ticks & 0xff) === 0 && !this.again) this.#checkTime();
  }

  /** Begins a checksum over what comes out from here. */
  startSum(update: Sum, seed: number): void {
    if (!this.again) this.#sum = { update, value: seed, from: this.length };
  }

  /** The checksum; null when a page is made again. */
  endSum(): number | null {
    this.#addUp();
    const value = this.#sum?.value ?? null;
    this.#sum = null;
    return value;
  }

  /** @throws {StreamStop} at a limit. */
  makeRoom(): void {
    if (this.length >= this.#cap) throw this.#reason;
    if (!this.again) this.#checkTime();
    if (this.#keepsAll || this.at < this.#paging.whole) this.#resize(Math.max(1 << 12, this.buffer.length * 2), 0);
    else {
      const kept = Math.min(this.at, this.window);
      if (kept > longestWindow) throw tooLarge();
      this.#addUp();
      this.#resize(Math.max(this.buffer.length, kept + this.#paging.whole / 2), this.at - kept);
    }
    this.limit = Math.min(this.buffer.length, this.#cap - this.#base);
  }

  /** Drops the first `drop` bytes, and has room for `size`. */
  #resize(size: number, drop: number): void {
    const wanted = Math.min(size, this.#cap - this.#base - drop);
    if (wanted <= this.buffer.length) this.buffer.copyWithin(0, drop, this.at);
    else {
      const wider = new Uint8Array(wanted);
      wider.set(this.buffer.subarray(drop, this.at));
      this.buffer = wider;
    }
    this.#base += drop;
    this.at -= drop;
  }

  #checkTime(): void {
    if (this.#budget.timeIsUp) throw new StreamStop('limit-time', 'the time for this file was used up');
  }

  #addUp(): void {
    const sum = this.#sum;
    if (sum === null) return;
    sum.value = sum.update(this.buffer.subarray(sum.from - this.#base, this.at), sum.value);
    sum.from = this.length;
  }
}

function boundsOf(compressedSize: number, budget: Budget): { cap: number; reason: StreamStop } {
  const { ratio, ratioFloor } = budget.limits;
  const most = Math.max(ratioFloor, ratio * compressedSize);
  return budget.expandedBytes < most
    ? {
        cap: budget.expandedBytes,
        reason: budget.boundByRatio
          ? new StreamStop('limit-ratio', `all of it expands to more than ${2 * ratio} times the size of the file`)
          : new StreamStop('limit-expanded-bytes', 'the content expands beyond the limit on bytes'),
      }
    : {
        cap: most,
        reason: new StreamStop('limit-ratio', `the content expands to more than ${ratio} times its compressed size`),
      };
}

const tooLarge = (): StreamStop =>
  new StreamStop('limit-memory', 'the content expands to more than can be held in memory');

function emptyFor(compressedSize: number, cap: number): { buffer: Uint8Array; at: number; base: number } {
  const size = Math.min(cap, Math.max(1 << 12, Math.min(1 << 20, compressedSize * 4)));
  return { buffer: new Uint8Array(size), at: 0, base: 0 };
}
