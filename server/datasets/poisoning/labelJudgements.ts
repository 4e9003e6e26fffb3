import type { LabelModel } from './labelModel.ts';

/** Whether the label of each new row is contradicted, in the order of the rows. */
export class LabelJudgements {
  readonly #model: LabelModel;
  /** 0 no label to judge, 1 agrees, 2 contradicted. */
  #marks = new Uint8Array(1024);
  #count = 0;
  #judged = 0;
  #contradicted = 0;

  constructor(model: LabelModel) {
    this.#model = model;
  }

  /** @returns null where there is nothing to judge by. */
  judge(tokens: string[], given: string | undefined): boolean | null {
    if (this.#count === this.#marks.length) {
      const larger = new Uint8Array(this.#count * 2);
      larger.set(this.#marks);
      this.#marks = larger;
    }
    const label = this.#model.ready ? given : undefined;
    const verdict = label === undefined ? null : this.#model.contradicts(tokens, label);
    if (verdict !== null) this.#judged++;
    if (verdict === true) this.#contradicted++;
    this.#marks[this.#count++] = verdict === null ? 0 : verdict ? 2 : 1;
    return verdict;
  }

  at(index: number): boolean | null {
    const mark = this.#marks[index];
    return mark === 1 ? false : mark === 2 ? true : null;
  }

  get share(): number | null {
    return this.#judged === 0 ? null : this.#contradicted / this.#judged;
  }
}
