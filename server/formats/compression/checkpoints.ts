/** Where a decoder can go on: what it had made, where its input stood, and what it has to know. */
export interface Checkpoint {
  /** Bytes of content before it. */
  position: number;
  /** Offset of the next compressed byte. */
  input: number;
  /** The decoder's own; undefined at the beginning of a stream. */
  state: unknown;
  /** The last bytes of content, as many as the decoder may refer back to. */
  window: Uint8Array;
}

/** Bytes that the windows of one stream may take. */
const mostBytes = 8 << 20;
/** What is kept in any case. */
const fewest = 2;

/** The places of one stream where decoding can begin, in order, thinned out evenly as they take too much memory. */
export class Checkpoints {
  readonly #list: Checkpoint[] = [{ position: 0, input: 0, state: undefined, window: new Uint8Array(0) }];
  #bytes = 0;

  add(checkpoint: Checkpoint): void {
    const before = this.#indexBefore(checkpoint.position);
    if (this.#list[before]!.position === checkpoint.position) return;
    this.#list.splice(before + 1, 0, checkpoint);
    this.#bytes += checkpoint.window.length;
    while (this.#bytes > mostBytes && this.#list.length > fewest) this.#thin(checkpoint);
  }

  /** The last one that is not behind `position`. */
  before(position: number): Checkpoint {
    return this.#list[this.#indexBefore(position)]!;
  }

  #indexBefore(position: number): number {
    let low = 0;
    let high = this.#list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#list[middle]!.position <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Drops the one whose neighbours stand closest, but not the newest: a reader goes on from there. */
  #thin(newest: Checkpoint): void {
    let chosen = -1;
    let least = Infinity;
    for (let index = 1; index < this.#list.length; index++) {
      if (this.#list[index] === newest) continue;
      const next = this.#list[index + 1]?.position ?? Infinity;
      const gap = Math.min(next, 2 ** 52) - this.#list[index - 1]!.position;
      if (gap < least) [chosen, least] = [index, gap];
    }
    if (chosen < 0) return;
    this.#bytes -= this.#list[chosen]!.window.length;
    this.#list.splice(chosen, 1);
  }
}
