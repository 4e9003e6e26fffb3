import { fieldText, type Row, type RowSource } from '../rows/row.ts';
import { tokensOf } from './tokens.ts';

/** Which fields of the records are read as text, and which one is the class. */
export interface Columns {
  text: string[];
  label: string | null;
  /** Which field says where a row came from, or who labelled it; null where none does. */
  source: string | null;
}

const labelNames = /^(?:label|labels|label_text|class|class_label|target|category|sentiment|y|is_spam|spam|toxic)$/i;
const sourceNames =
  /^(?:source|origin|dataset|domain|annotator|annotator_id|author|contributor|provider|worker|worker_id|labeler|labeller)$/i;
const idNames = /(?:^|[._])(?:id|uuid|guid|index|url|uri|path|date|time|timestamp|hash|md5|sha256)$/i;

/** Rows that are looked at to tell one column from another. */
const sampleRows = 500;

/**
 * The columns as named, and otherwise as the first rows suggest: the class is a column of a usual name, the texts are
 * those of the other columns that hold words.
 */
export function columnsOf(source: RowSource, named: Partial<Columns>): Columns {
  const words = new Map<string, { rows: number; spaces: number }>();
  let looked = 0;
  for (const { fields } of source.rows()) {
    if (looked++ >= sampleRows) break;
    for (const { name, text } of fields) {
      const seen = words.get(name) ?? { rows: 0, spaces: 0 };
      seen.rows++;
      seen.spaces += Math.min(50, text.length > 30 && !text.includes(' ') ? 2 : text.split(/\s+/, 51).length - 1);
      words.set(name, seen);
    }
  }
  const label = named.label ?? [...words.keys()].find((name) => labelNames.test(name)) ?? null;
  const origin = named.source ?? [...words.keys()].find((name) => sourceNames.test(name) && name !== label) ?? null;
  if (named.text && named.text.length > 0) return { text: named.text, label, source: origin };
  const wordy = [...words].filter(
    ([name, { rows, spaces }]) => name !== label && name !== origin && !idNames.test(name) && spaces / rows >= 1,
  );
  const text = (wordy.length > 0 ? wordy : [...words].filter(([name]) => name !== label)).map(([name]) => name);
  return { text, label, source: origin };
}

/** A text of a row that is looked at, in tokens. */
export interface TokenizedText {
  name: string;
  /** Of the field in its row. */
  index: number;
  text: string;
  tokens: string[];
}

/** The texts of a row that are looked at. */
export function tokenized({ fields }: Row, { text }: Columns): TokenizedText[] {
  return fields.flatMap((field, index) =>
    text.includes(field.name) ? [{ ...field, index, tokens: tokensOf(field.text) }] : [],
  );
}

/** The class of a row. */
export function labelOf(row: Row, { label }: Columns): string | undefined {
  return label === null ? undefined : fieldText(row, label);
}
