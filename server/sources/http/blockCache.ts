/** Bytes of a block: one request fetches at least so much. */
export const blockBytes = 64 << 10;

/** Blocks of files that were read, so that a header that is asked for in pieces is fetched once. */
export class BlockCache {
  readonly #kept: number;
  readonly #blocks = new Map<string, Uint8Array>();
  #bytes = 0;

  /** @param kept bytes that all blocks may take: least recently used ones go. */
  constructor(kept = 64 << 20) {
    this.#kept = kept;
  }

  get(file: string, index: number): Uint8Array | undefined {
    const key = `${index} ${file}`;
    const block = this.#blocks.get(key);
    if (block === undefined) return undefined;
    // The map keeps the order of insertion: what was used last stands last.
    this.#blocks.delete(key);
    this.#blocks.set(key, block);
    return block;
  }

  set(file: string, index: number, block: Uint8Array): void {
    const key = `${index} ${file}`;
    this.#bytes += block.length - (this.#blocks.get(key)?.length ?? 0);
    this.#blocks.set(key, block);
    for (const [oldest, { length }] of this.#blocks) {
      if (this.#bytes <= this.#kept) break;
      this.#blocks.delete(oldest);
      this.#bytes -= length;
    }
  }
}
