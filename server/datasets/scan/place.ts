import type { Span } from '../rows/row.ts';

/** A part of a record that something is said of. */
export interface Place {
  line: number;
  /** The field's name; null for the record as a whole. */
  field: string | null;
  /** Of the field in its row. */
  index?: number;
  /** 0-based, in UTF-16 units of the field's text, `to` exclusive; left out for all of it. */
  from?: number;
  to?: number;
  /** Where it stands in the file; filled in when the scan is done, and absent where the format has no such places. */
  span?: Span;
  /** The record's hash; filled in when the scan is done. */
  record?: string;
}
