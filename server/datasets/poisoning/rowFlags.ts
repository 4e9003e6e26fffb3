/** One truth value a row, an eighth of a byte each. */
export class RowFlags {
  #bytes = new Uint8Array(1024);
  #length = 0;

  push(value: boolean): void {
    if (this.#length === this.#bytes.length * 8) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    if (value) this.#bytes[this.#length >> 3]! |= 1 << (this.#length & 7);
    this.#length++;
  }

  at(row: number): boolean {
    return ((this.#bytes[row >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }
}
