import type { PartFacts, TensorFact } from '../formats/facts.ts';
import { isReadable } from './histogram.ts';
import type { TensorRow, TensorsParams, TensorsResult } from './protocol.ts';

const rowsAtMost = 1000;

/** A tensor with the part that has it. */
export interface PlacedTensor {
  tensor: TensorFact;
  part: PartFacts;
}

export function tensorsOf(parts: readonly PartFacts[]): PlacedTensor[] {
  return parts.flatMap((part) => ('tensors' in part ? part.tensors.map((tensor) => ({ tensor, part })) : []));
}

/** The tensors of one file in the order that was asked for last, so that turning a page sorts nothing. */
export class TensorTable {
  readonly #rows: TensorRow[];
  #asked = '';
  #shown: TensorRow[];

  constructor(parts: readonly PartFacts[]) {
    this.#rows = tensorsOf(parts).map(({ tensor, part }, index) => ({
      ...tensor,
      index,
      // Tensors of a graph point into the message they stand in, and may be coded there in several ways.
      readable: (part.kind === 'safetensors' || part.kind === 'torch') && isReadable(tensor),
    }));
    this.#shown = this.#rows;
  }

  page({ from, count, filter, sort }: Omit<TensorsParams, 'uri'>): TensorsResult {
    const asked = JSON.stringify([filter, sort?.by, sort?.descending]);
    if (asked !== this.#asked) {
      this.#asked = asked;
      const wanted = filter.toLowerCase();
      const found = wanted === '' ? this.#rows : this.#rows.filter(({ name }) => name.toLowerCase().includes(wanted));
      this.#shown = sort ? sorted(found, sort) : found;
    }
    const first = Math.max(0, from);
    return {
      rows: this.#shown.slice(first, first + Math.max(1, Math.min(count, rowsAtMost))),
      matching: this.#shown.length,
    };
  }
}

type Sort = NonNullable<TensorsParams['sort']>;

const inOrder: Record<Sort['by'], (a: TensorRow, b: TensorRow) => number> = {
  name: (a, b) => natural.compare(a.name, b.name),
  dtype: (a, b) => a.dtype.localeCompare(b.dtype),
  shape: (a, b) => a.shape.length - b.shape.length || elementsOf(a) - elementsOf(b),
  bytes: (a, b) => a.bytes - b.bytes,
  offset: (a, b) => (a.offset ?? -1) - (b.offset ?? -1),
};

/** `layer.2` before `layer.10`. */
const natural = new Intl.Collator('en', { numeric: true });

function sorted(rows: readonly TensorRow[], { by, descending }: Sort): TensorRow[] {
  const compare = inOrder[by];
  return [...rows].sort((a, b) => (descending ? compare(b, a) : compare(a, b)) || a.index - b.index);
}

function elementsOf({ shape }: TensorRow): number {
  return shape.reduce((product, size) => product * size, 1);
}
