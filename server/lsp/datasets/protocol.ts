/** What the server and its clients say to one another about datasets, their records and their scans, beside the Language Server Protocol. */
import type { Severity } from '../../rules/finding.ts';

/** Request: the last scan of a data file in this session. `DatasetReportParams` to `DatasetReport | null`. */
export const datasetReport = 'weighbridge/datasetReport';

export interface DatasetReportParams {
  uri: string;
}

/** A scan for poisoning, ready to show. Nothing in it names a person: such values are masked. */
export interface DatasetReport {
  uri: string;
  name: string;
  /** The accepted version that it was compared with; null for none. */
  baseline: string | null;
  rows: number;
  newRows: number | null;
  acceptedRows: number | null;
  /** How few poisoned rows would have been found, one or two sentences. */
  limit: string;
  columns: { text: string[]; label: string | null; source: string | null };
  findings: { ruleId: string; severity: Severity; message: string; line: number }[];
  labels: { label: string; newRows: number; acceptedRows: number | null }[];
  /** How rows lie among one another; null where there were too few. */
  vectors: {
    /** What made the vectors, and who computed their distances. */
    by: string;
    /** What else is to be said of that, a sentence each. */
    notes: string[];
    scored: number;
    of: number;
    background: number;
    plot: { edges: number[]; rows: number[]; background: number[] };
  } | null;
  personal: { field: string; what: string; rows: number; values: number; examples: string[] }[];
  /** False in an untrusted workspace. */
  mayWrite: boolean;
}

/** Request: a page of the rows that were scored. `DatasetRowsParams` to `DatasetRowsResult`. */
export const datasetRows = 'weighbridge/datasetRows';

export interface DatasetRowsParams {
  uri: string;
  from: number;
  count: number;
  /** Only rows whose text or label contains it, in whatever case. */
  filter: string;
  only: 'all' | 'suspicious' | 'marked';
  /** Default: the order of the file. */
  sort?: { by: DatasetColumn; descending: boolean };
}

export type DatasetColumn = 'line' | 'label' | 'signs' | 'isolation' | 'density' | 'spectral' | 'group' | 'mark';

export interface DatasetRow {
  /** 1-based; for Parquet, the number of the row. */
  line: number;
  label: string | null;
  contradicted: boolean | null;
  isolation: number;
  density: number;
  spectral: number;
  group: number | null;
  signs: ('isolated' | 'dense' | 'spectral')[];
  excerpt: string;
  /** How many findings stand on its line. */
  findings: number;
  mark: 'clean' | 'poisoned' | null;
}

export interface DatasetRowsResult {
  rows: DatasetRow[];
  matching: number;
}

/** Notification, server to client: `datasets` has a new answer. At most four times a second. */
export const datasetsChanged = 'weighbridge/datasetsChanged';

/** Request: the datasets of which registers or configs of the workspace speak, by path. No parameters, to `DatasetEntry[]`. */
export const datasets = 'weighbridge/datasets';

/**
 * `mismatch`: it is not what was recorded. `unregistered`: a config or script uses it, and nothing records what it is.
 * `registered`: a register knows it by a hash. `described`: registers speak of it, without a hash.
 */
export type DatasetStanding = 'mismatch' | 'unregistered' | 'registered' | 'described';

export interface DatasetEntry {
  uri: string;
  label: string;
  isFolder: boolean;
  standing: DatasetStanding;
  /** One sentence. */
  text: string;
  /** True when every byte was compared and is as recorded; false where it was not fetched, or has not been hashed yet. */
  verified: boolean;
  ingestedBy: string | null;
  ingestedAt: string | null;
  source: string | null;
  validation: { at: string; result: string | null; until: string | null; problem: string | null } | null;
  /** Where it is recorded. */
  records: { uri: string; name: string; kind: string; line: number; text: string }[];
}

export interface ScanDatasetArguments {
  uri: string;
  /** The accepted version. */
  baseline?: string;
  /** Names of fields; default: as the data suggests. */
  text?: string[];
  label?: string;
}

export interface ScanDatasetOutcome {
  uri: string;
  rows: number;
  newRows: number | null;
  counts: Record<Severity, number>;
}

export interface MarkRecordsArguments {
  uri: string;
  /** On which the records begin, 1-based. */
  lines: number[];
  /** Null takes marks back. */
  mark: 'clean' | 'poisoned' | null;
  reason?: string;
}

export interface MarkRecordsOutcome {
  marked: number;
  marksUri: string;
}

export interface ExportCleanArguments {
  uri: string;
  /** Default: beside the data, with `.clean` before its extension. */
  output?: string;
  overwrite?: boolean;
}

export interface RedactColumnArguments {
  uri: string;
  /** Default: all fields. */
  field?: string;
  /** Default: beside the data, with `.redacted` before its extension. */
  output?: string;
  overwrite?: boolean;
}

export interface DatasetCopyOutcome {
  output: string;
  /** One sentence. */
  text: string;
}

/** What a person says of data; what is left out is inferred, kept, or stays open. */
export interface RegisterDatasetArguments {
  /** Of a file or a folder. */
  uri: string;
  fields?: {
    name?: string;
    source?: string;
    licence?: string;
    by?: string;
    /** What was done to see whether it is good. */
    validated?: string;
    /** Steps that were applied; none for an empty list. */
    transforms?: string[];
  };
  /** Replaces what the record says of it. */
  update?: boolean;
  /** The register to take over from. */
  from?: string;
}

export type RegisterDatasetOutcome =
  | { state: 'registered'; uri: string; recordUri: string; line: number; missing: string[]; takenFrom: string[] }
  /** It is registered already: ask, and come again with `update`. */
  | { state: 'exists'; recordUri: string; text: string };

export interface VerifyDatasetsOutcome {
  datasets: number;
  mismatches: number;
  unregistered: number;
}

export interface AddKnownCleanArguments {
  /** Of a data file, or of a text that names it. */
  uri: string;
}

export interface AddKnownCleanOutcome {
  listUri: string;
  digest: string;
  /** True where the list named it already. */
  known: boolean;
}
