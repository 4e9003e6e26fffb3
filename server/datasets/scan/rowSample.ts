import { randomFrom } from '../../statistics/random.ts';

/** A row of which the text was kept. */
export interface SampledRow {
  line: number;
  text: string;
  label: string | undefined;
  contradicted: boolean | null;
}

/** Characters of a row's texts that are kept. */
const longest = 2000;

/** A fair sample of rows of bounded size (Vitter 1985, algorithm R), seeded. */
export class RowSample {
  readonly rows: SampledRow[] = [];
  readonly #most: number;
  readonly #random: () => number;
  seen = 0;

  constructor(most: number, seed: number) {
    this.#most = most;
    this.#random = randomFrom(seed);
  }

  add(line: number, texts: readonly { text: string }[], label: string | undefined, contradicted: boolean | null): void {
    const at = this.seen < this.#most ? this.seen : Math.floor(this.#random() * (this.seen + 1));
    this.seen++;
    if (at >= this.#most) return;
    let text = '';
    for (const each of texts) {
      text += `${text === '' ? '' : ' '}${each.text.slice(0, longest - text.length)}`;
      if (text.length >= longest) break;
    }
    // A copy: a slice would keep the whole record in memory.
    this.rows[at] = { line, text: Buffer.from(text).toString('utf8'), label, contradicted };
  }

  /** In the order of the file. */
  inOrder(): SampledRow[] {
    return [...this.rows].sort((a, b) => a.line - b.line);
  }
}
