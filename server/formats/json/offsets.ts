/** Turns offsets in a text (UTF-16 code units, asked in rising order) into offsets in its UTF-8, in bytes. */
export class Utf8Offsets {
  readonly #text: string;
  readonly #start: number;
  #unit = 0;
  #byte = 0;

  /** `start`: where the text's first byte stands. */
  constructor(text: string, start: number) {
    this.#text = text;
    this.#start = start;
  }

  byte(unit: number): number {
    if (unit < this.#unit) {
      this.#unit = 0;
      this.#byte = 0;
    }
    this.#byte += Buffer.byteLength(this.#text.slice(this.#unit, unit));
    this.#unit = unit;
    return this.#start + this.#byte;
  }
}
