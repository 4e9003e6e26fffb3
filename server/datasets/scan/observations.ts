import type { RowObserver } from '../poisoning/baselineDiff.ts';
import type { TokenizedText } from '../poisoning/columns.ts';
import { Floods } from '../poisoning/floods.ts';
import { LabelCounts } from '../poisoning/labelShift.ts';
import { RareTokens } from '../poisoning/rareTokens.ts';
import { fieldText, type Row } from '../rows/row.ts';
import { RowSample } from './rowSample.ts';

export interface SampleSize {
  /** Rows of the file that are scored. */
  rows: number;
  /** Accepted rows that they are seen among. */
  background: number;
  seed: number;
}

/** What is counted while rows are read, beside the phrases. */
export class Observations implements RowObserver {
  readonly floods = new Floods();
  readonly labels = new LabelCounts();
  readonly rareTokens = new RareTokens();
  readonly sample: RowSample;
  readonly background: RowSample;
  readonly #origin: string | null;

  constructor(origin: string | null, { rows, background, seed }: SampleSize) {
    this.#origin = origin;
    this.sample = new RowSample(rows, seed);
    this.background = new RowSample(background, seed + 1);
  }

  accepted(row: Row, texts: TokenizedText[], label: string | undefined): void {
    for (const { tokens } of texts) this.floods.count(tokens);
    if (label !== undefined) this.labels.addAccepted(label);
    this.background.add(row.line, texts, label, null);
  }

  added(row: Row, texts: TokenizedText[], label: string | undefined, contradicted: boolean | null): void {
    for (const { tokens } of texts) this.floods.count(tokens);
    if (label !== undefined) {
      this.labels.addNew(label, this.#origin === null ? undefined : fieldText(row, this.#origin), row.line);
    }
    this.rareTokens.add(texts, label, row.line);
    this.sample.add(row.line, texts, label, contradicted);
  }

  acceptedAgain(_row: Row, texts: TokenizedText[], label: string | undefined): void {
    for (const { tokens } of texts) this.floods.collect(tokens, null, label);
  }

  addedAgain({ line }: Row, texts: TokenizedText[], label: string | undefined): void {
    for (const { name: field, index, tokens } of texts) this.floods.collect(tokens, { line, field, index }, label);
  }
}
