/** One text of a record and where it stands in the record: `text`, or `messages.content` for each message of a chat. */
export interface Field {
  /** Keys joined by dots; places in lists are left out, so that all messages of a chat have one name. */
  name: string;
  text: string;
}

/** One record of a dataset. */
export interface Row {
  /** 1-based line on which the record begins; for Parquet, the number of the row. */
  line: number;
  /** Texts, numbers and truth values as text, in their order; null and empty values are left out. */
  fields: Field[];
}

/** What could not be read as a record, and where. Reading goes on after it. */
export interface RowProblem {
  line: number;
  kind: 'malformed' | 'column-count' | 'too-long' | 'encoding' | 'cut-off';
  message: string;
}

/** A file read record by record, as often as one likes: each call of `rows` begins anew. */
export interface RowSource {
  format: 'jsonl' | 'json' | 'csv' | 'tsv' | 'text' | 'parquet';
  /** Bytes of the file. */
  size: number;
  /**
   * Records in their order. Problems are told to `onProblem`; nothing is thrown for what a file holds.
   * @param onBytes is called now and then with how many bytes were read so far.
   */
  rows(onProblem?: (problem: RowProblem) => void, onBytes?: (bytes: number) => void): Iterable<Row>;
}

/** Bounds on what one record may take; what is longer is a problem, and skipped. */
export const rowLimits = {
  /** UTF-8 bytes of one line of JSONL or text, and of one record of CSV. */
  recordBytes: 16 << 20,
  fields: 1000,
  depth: 32,
};

/** The text of the first field of that name. */
export function fieldText({ fields }: Row, name: string): string | undefined {
  return fields.find((field) => field.name === name)?.text;
}
