import type { ConfigScalar } from '../../formats/text/facts.ts';

/** Scalars by the mapping or sequence that they stand in directly. */
export class Siblings {
  readonly #byParent = new Map<string, ConfigScalar[]>();

  constructor(scalars: readonly ConfigScalar[]) {
    for (const scalar of scalars) {
      const parent = parentOf(scalar);
      const siblings = this.#byParent.get(parent);
      if (siblings) siblings.push(scalar);
      else this.#byParent.set(parent, [scalar]);
    }
  }

  /** In the order of the file, `scalar` among them. */
  of(scalar: ConfigScalar): readonly ConfigScalar[] {
    return this.#byParent.get(parentOf(scalar)) ?? [];
  }
}

function parentOf(scalar: ConfigScalar): string {
  return JSON.stringify(scalar.path.slice(0, -1));
}
