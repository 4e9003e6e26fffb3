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
  /** 1-based column in UTF-16 units at which it begins; left out for 1, which is where all but the elements of a JSON list begin. */
  column?: number;
  /** Texts, numbers and truth values as text, in their order; null and empty values are left out. */
  fields: Field[];
  /** The record as it stands in the file, without the end of its last line; for Parquet, whose records are no text, as JSON. */
  raw: string;
}

/** A part of a file; 1-based lines and columns in UTF-16 units, the end exclusive. */
export interface Span {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
}

/** A part of a record: 0-based, in UTF-16 units of `Row.raw`. */
export interface RawPlace {
  offset: number;
  length: number;
  /** A number or a truth value of JSON: what is put in its place needs quotes. */
  bare?: boolean;
}

/** What could not be read as a record, and where. Reading goes on after it. */
export interface RowProblem {
  line: number;
  kind: 'malformed' | 'column-count' | 'too-long' | 'encoding' | 'cut-off';
  message: string;
}

export interface RowReading {
  /** Told of what could not be read; nothing is thrown for what a file holds. */
  onProblem?: ((problem: RowProblem) => void) | undefined;
  /** Called now and then with how many bytes were read so far. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Only records that begin on these lines are wanted: the others may be left out, and then need not be parsed. */
  wanted?: ReadonlySet<number> | undefined;
}

/** A record of a document that holds more than records, and what stands before it. */
export interface DocumentPiece {
  /** Commas, brackets and keys since the record before. */
  between: string;
  /** True for a member of an object, whose key is the last in `between`; false for an element of a list. */
  isMember: boolean;
  /** Null for one that cannot be read, which is told. */
  row: Row | null;
}

/** A file read record by record, as often as one likes: each call of `rows` begins anew. */
export interface RowSource {
  format: 'jsonl' | 'json' | 'csv' | 'tsv' | 'text' | 'parquet';
  /** Bytes of the file, or of what it expands to. */
  size: number;
  /** Records in their order. */
  rows(reading?: RowReading): Iterable<Row>;
  /** Of a document that holds more than records: all of it. In the end it gives what stands after the last, and why it is no whole document. */
  pieces?(reading?: Omit<RowReading, 'wanted'>): Generator<DocumentPiece, { rest: string; broken: string | null }>;
  /** Whether records have lines and columns that an editor can show; Parquet's have none. */
  hasPlaces: boolean;
  /** What stands before the first record: the header of CSV, with its end of line. */
  head(): string;
  /**
   * Where a part of a field stands in its record.
   * @param index of the field in `row.fields`.
   * @param from 0-based, in UTF-16 units of the field's text; `to` is exclusive. Left out: all of the field.
   */
  place(row: Row, index: number, from?: number, to?: number): RawPlace | null;
}

/** Bounds on what one record may take; what is longer is a problem, and skipped. */
export const rowLimits = {
  /** Bytes of one line of JSONL or text, of one record of CSV, and of one element of a JSON list. */
  recordBytes: 16 << 20,
  fields: 1000,
  depth: 32,
};

/** The text of the first field of that name. */
export function fieldText({ fields }: Row, name: string): string | undefined {
  return fields.find((field) => field.name === name)?.text;
}
