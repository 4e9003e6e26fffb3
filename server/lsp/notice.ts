/** A person reads it: four times a second is enough. */
const intervalMs = 250;

/** Says that something changed, soon enough for a person and not more often than four times a second. */
export class Notice {
  readonly #say: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(say: () => void) {
    this.#say = say;
  }

  /** Is said within a quarter of a second, together with what changes meanwhile. */
  due(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#say();
    }, intervalMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }
}
