import type { Budget } from '../limits.ts';
import type { ByteSource } from '../source.ts';
import { ByteInput } from './byteInput.ts';
import type { Checkpoint, Checkpoints } from './checkpoints.ts';
import { Expansion, PageEnd, StreamStop, type Paging } from './expansion.ts';

/**
 * Expands one stream, or the rest of it from a state that it gave to `Expansion.mark`.
 * @throws {StreamStop} where the stream breaks or a limit is reached.
 */
export type Decoder = (input: ByteInput, output: Expansion, state: unknown) => unknown;

interface Page {
  start: number;
  bytes: Uint8Array;
  /** What `bytes` is a view of. */
  buffer: Uint8Array;
}

/** Bytes of pages that are kept, beside the newest. */
const keptBytes = 6 << 20;

/**
 * Expanded content that is too long to be kept: pages of it are made again when they are read, from the last place where
 * the decoder can go on. Reading onward costs one more decoding in all; going back costs a page, mostly.
 */
export class PagedSource implements ByteSource {
  readonly size: number;
  readonly #source: ByteSource;
  readonly #budget: Budget;
  readonly #decode: Decoder;
  readonly #paging: Paging;
  readonly #checkpoints: Checkpoints;
  /** Of a page that was dropped: the next one is made in it, because nobody keeps what `read` gives. */
  #spare: Uint8Array | null = null;
  /** The most recently read last. */
  readonly #pages: Page[] = [];

  constructor(
    source: ByteSource,
    size: number,
    budget: Budget,
    paging: Paging,
    decode: Decoder,
    checkpoints: Checkpoints,
  ) {
    this.#paging = paging;
    this.#source = source;
    this.size = size;
    this.#budget = budget;
    this.#decode = decode;
    this.#checkpoints = checkpoints;
  }

  read(position: number, length: number): Uint8Array {
    const end = Math.min(this.size, position + length);
    if (position >= end) return new Uint8Array(0);
    const first = this.#page(position);
    if (first === null) return new Uint8Array(0);
    const from = position - first.start;
    if (end - first.start <= first.bytes.length) return first.bytes.subarray(from, end - first.start);
    const bytes = new Uint8Array(end - position);
    bytes.set(first.bytes.subarray(from));
    let at = first.start + first.bytes.length;
    while (at < end) {
      const page = this.#page(at);
      if (page === null) break;
      const part = page.bytes.subarray(at - page.start, end - page.start);
      bytes.set(part, at - position);
      at += part.length;
    }
    return bytes.subarray(0, at - position);
  }

  #page(position: number): Page | null {
    const index = this.#pages.findIndex(({ start, bytes }) => position >= start && position < start + bytes.length);
    if (index >= 0) {
      const [page] = this.#pages.splice(index, 1);
      this.#pages.push(page!);
      return page!;
    }
    for (let made = 0; ; made++) {
      if (made > 0 && this.#budget.timeIsUp) {
        this.#budget.cutShort = true;
        return null;
      }
      const page = this.#make(this.#checkpoints.before(position));
      if (page.bytes.length === 0) return null;
      this.#keep(page);
      if (position < page.start + page.bytes.length) return page;
    }
  }

  #keep(page: Page): void {
    let kept = this.#pages.reduce((sum, { bytes }) => sum + bytes.length, page.bytes.length);
    while (kept > keptBytes && this.#pages.length > 0) {
      const dropped = this.#pages.shift()!;
      kept -= dropped.bytes.length;
      this.#spare = dropped.buffer;
    }
    this.#pages.push(page);
  }

  #make(checkpoint: Checkpoint): Page {
    const { position, input, state, window } = checkpoint;
    const output = Expansion.page(this.#budget, this.#paging, checkpoint, this.size, this.#spare);
    this.#spare = null;
    try {
      this.#decode(new ByteInput(this.#source, input), output, state);
    } catch (error) {
      if (error instanceof PageEnd) this.#checkpoints.add(error.next);
      // The stream ended here the first time, too, and that has been told.
      else if (!(error instanceof StreamStop)) throw error;
    }
    return { start: position, bytes: output.bytes.subarray(window.length), buffer: output.buffer };
  }
}
