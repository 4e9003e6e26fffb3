import type { Row, RowSource } from '../rows/row.ts';

/** Which fields of the records are read as text, and which one is the class. */
export interface Columns {
  text: string[];
  label: string | null;
}

const labelNames = /^(?:label|labels|label_text|class|class_label|target|category|sentiment|y|is_spam|spam|toxic)$/i;
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
  if (named.text && named.text.length > 0) return { text: named.text, label };
  const wordy = [...words].filter(
    ([name, { rows, spaces }]) => name !== label && !idNames.test(name) && spaces / rows >= 1,
  );
  const text = (wordy.length > 0 ? wordy : [...words].filter(([name]) => name !== label)).map(([name]) => name);
  return { text, label };
}

/** The texts of a row that are looked at, with their columns. */
export function textsOf({ fields }: Row, { text }: Columns): { name: string; text: string }[] {
  return fields.filter(({ name }) => text.includes(name));
}
