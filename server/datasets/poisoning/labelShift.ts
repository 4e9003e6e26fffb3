import { chiSquare } from '../../statistics/chiSquare.ts';

/** How the labels of some rows differ from those of others. */
export interface LabelShift {
  /** Of what: the new rows against the accepted ones, or the rows of one source against all others. */
  of: { kind: 'new' } | { kind: 'source'; field: string; source: string };
  rows: number;
  statistic: number;
  degrees: number;
  pValue: number;
  /** Cramér's V, from 0 to 1. */
  effect: number;
  /** Share of each label among these rows and among the others, in the order of the difference. */
  shares: { label: string; share: number; otherwise: number }[];
  /** The first of these rows. */
  line: number;
}

/** How many rows bear each label. */
export interface LabelCount {
  label: string;
  newRows: number;
  /** Null without an accepted version. */
  acceptedRows: number | null;
}

/** Below this much association a difference is of no consequence, however many rows make it significant. */
const leastEffect = 0.1;
const level = 0.001;
const mostLabels = 200;
const mostSources = 200;
const leastRows = 30;

/** Counts labels by source while rows are read. */
export class LabelCounts {
  readonly #accepted = new Map<string, number>();
  readonly #new = new Map<string, number>();
  readonly #sources = new Map<string, { line: number; labels: Map<string, number> }>();
  #many = false;
  #first = 0;
  #compared = false;

  addAccepted(label: string): void {
    this.#compared = true;
    this.#add(this.#accepted, label);
  }

  addNew(label: string, source: string | undefined, line: number): void {
    if (this.#first === 0) this.#first = line;
    this.#add(this.#new, label);
    if (source === undefined) return;
    const seen = this.#sources.get(source) ?? { line, labels: new Map<string, number>() };
    if (!this.#sources.has(source)) {
      // A column of more values is no source, but an address or a name.
      if (this.#sources.size > mostSources) return;
      this.#sources.set(source, seen);
    }
    seen.labels.set(label, (seen.labels.get(label) ?? 0) + 1);
  }

  table(): LabelCount[] {
    if (this.#many) return [];
    const labels = [...new Set([...this.#new.keys(), ...this.#accepted.keys()])].sort();
    return labels.map((label) => ({
      label,
      newRows: this.#new.get(label) ?? 0,
      acceptedRows: this.#compared ? (this.#accepted.get(label) ?? 0) : null,
    }));
  }

  /** Differences that are significant after Holm's correction, and large enough to matter. */
  shifts(sourceField: string | null): LabelShift[] {
    if (this.#many) return [];
    const tested: LabelShift[] = [];
    if (this.#compared) tested.push(...shift({ kind: 'new' }, this.#new, this.#accepted, this.#first));
    if (sourceField !== null && this.#sources.size <= mostSources) {
      for (const [source, { line, labels }] of this.#sources) {
        const others = new Map([...this.#new].map(([label, count]) => [label, count - (labels.get(label) ?? 0)]));
        tested.push(...shift({ kind: 'source', field: sourceField, source }, labels, others, line));
      }
    }
    tested.sort((a, b) => a.pValue - b.pValue);
    const passing = tested.findIndex(({ pValue }, index) => pValue > level / (tested.length - index));
    return tested.slice(0, passing === -1 ? tested.length : passing).filter(({ effect }) => effect > leastEffect);
  }

  #add(counts: Map<string, number>, label: string): void {
    counts.set(label, (counts.get(label) ?? 0) + 1);
    if (counts.size > mostLabels) this.#many = true;
    if (this.#many) counts.clear();
  }
}

function shift(
  of: LabelShift['of'],
  own: ReadonlyMap<string, number>,
  others: ReadonlyMap<string, number>,
  line: number,
): LabelShift[] {
  const labels = [...new Set([...own.keys(), ...others.keys()])];
  const counts = [own, others].map((each) => labels.map((label) => each.get(label) ?? 0));
  const [rows = 0, rest = 0] = counts.map((each) => each.reduce((sum, count) => sum + count, 0));
  if (rows < leastRows || rest < leastRows) return [];
  const test = chiSquare(counts);
  if (!test) return [];
  const shares = labels
    .map((label) => ({ label, share: (own.get(label) ?? 0) / rows, otherwise: (others.get(label) ?? 0) / rest }))
    .sort((a, b) => Math.abs(b.share - b.otherwise) - Math.abs(a.share - a.otherwise) || (a.label < b.label ? -1 : 1))
    .slice(0, 20);
  return [{ of, rows, ...test, shares, line }];
}
