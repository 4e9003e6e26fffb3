/** Bytes a second. A server that sends a byte now and then gives signs of life, and would keep us for ever. */
export const slowest = 256;

/** Milliseconds of waiting after which the pace is looked at. */
const span = 60_000;

/** How fast a body comes. Only the time counts in which it is waited for: who reads may be slow himself. */
export class Pace {
  #waited = 0;
  #bytes = 0;

  /** @param ms that were waited for the bytes. @returns false where it is too slow. */
  keeps(ms: number, bytes: number): boolean {
    this.#waited += ms;
    this.#bytes += bytes;
    if (this.#waited < span) return true;
    const isFast = this.#bytes >= (slowest * this.#waited) / 1000;
    this.#waited = 0;
    this.#bytes = 0;
    return isFast;
  }
}
