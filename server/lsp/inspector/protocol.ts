/** What the server and its clients say to one another about the Model Inspector, beside the Language Server Protocol. */
import type { PickleImport, PickleViolation, ReadProblem, TensorFact } from '../../formats/facts.ts';
import type { Severity } from '../../rules/finding.ts';

/** Request: what a file is. `InspectParams` to `InspectResult`. */
export const inspect = 'weighbridge/inspect';

export interface InspectParams {
  uri: string;
}

/** A finding as the inspector shows it. */
export interface InspectedFinding {
  fingerprint: string;
  ruleId: string;
  rulePage: string;
  severity: Severity;
  message: string;
  entry: string | null;
  byteOffset: number | null;
}

/** A pickle of the file: its disassembly is asked for by `entry`. */
export interface InspectedPickle {
  entry: string;
  context: string;
  protocol: number;
  streams: number;
  opcodes: number;
  imports: PickleImport[];
  importCount: number;
  violations: PickleViolation[];
  /** Offsets of opcodes that a finding speaks of, ascending. */
  marked: { offset: number; severity: Severity; message: string }[];
}

export interface InspectResult {
  name: string;
  format: string;
  /** Bytes. */
  size: number;
  complete: boolean;
  /** The plain verdict, two sentences at most. */
  verdict: { severity: Severity | 'none'; text: string };
  findings: InspectedFinding[];
  problems: ReadProblem[];
  /** Name and value, ready to show. */
  properties: { name: string; value: string }[];
  pickles: InspectedPickle[];
  tensorCount: number;
  /** Tensors that can be paged: fewer than `tensorCount` where the reader kept only the first ones. */
  tensorsKept: number;
  /** What stands in a checkpoint beside tensors. */
  others: { key: string; what: string }[];
  /** Operators, references, metadata, templates: tables and texts, ready to show. */
  sections: InspectedSection[];
  /** Entries that hold an ONNX graph, which `graph` draws. */
  graphs: { entry: string; nodes: number }[];
  archives: {
    entry: string;
    format: string;
    entryCount: number;
    anomalyCount: number;
  }[];
  /** Whether it can be converted, and why not. Null for what is no checkpoint. */
  conversion: { state: 'yes' | 'tensors-only' | 'no'; reason: string | null } | null;
  /** False in an untrusted workspace. */
  mayWrite: boolean;
}

/** A table or a text of the inspector; those of one tab stand below one another. */
export interface InspectedSection {
  tab: 'operators' | 'references' | 'metadata' | 'templates';
  title: string;
  columns: string[];
  rows: string[][];
  /** Rows before the cut. */
  total: number;
  /** A text as it stands in the file, cut where it is long. */
  text?: string;
}

/** Request: a page of tensors. `TensorsParams` to `TensorsResult`. */
export const tensors = 'weighbridge/tensors';

export interface TensorsParams {
  uri: string;
  from: number;
  count: number;
  /** Only names that contain it, in whatever case. */
  filter: string;
  /** Default: the order of the file. */
  sort?: { by: TensorColumn; descending: boolean };
}

export type TensorColumn = 'name' | 'dtype' | 'shape' | 'bytes' | 'offset';

export interface TensorRow extends TensorFact {
  /** Names the tensor in `histogram`, while the file is what it was. */
  index: number;
  /** Whether its values can be read. */
  readable: boolean;
}

export interface TensorsResult {
  rows: TensorRow[];
  /** How many match the filter. */
  matching: number;
}

/** Request: how a tensor's values are spread. `HistogramParams` to `HistogramResult`. */
export const histogram = 'weighbridge/histogram';

export interface HistogramParams {
  uri: string;
  index: number;
}

export interface HistogramResult {
  /** Values that were read, and values that the tensor has: where they differ, it is a sample. */
  sampled: number;
  values: number;
  /** Of the finite ones among the read. Null when there are none. */
  range: { least: number; greatest: number; mean: number; deviation: number } | null;
  /** How many values fall into each of the equally wide bins from least to greatest. */
  bins: number[];
  /** Read values that are NaN or infinite. */
  notFinite: number;
}

/** Request: an archive as its two lists tell it. `ArchiveParams` to `ArchiveResult`. */
export const archive = 'weighbridge/archive';

export interface ArchiveParams {
  uri: string;
  /** Of the archive itself. */
  entry: string;
}

export interface ArchiveRow {
  name: string;
  size: number;
  compressedSize: number;
  /** `stored`, `deflated`, or the method's number. */
  method: string;
  /** Of the local header, and of the data behind it. */
  offset: number;
  dataOffset: number;
  /** Which lists have the entry as it is described here; tar has local headers only. */
  inCentral: boolean;
  inLocal: boolean;
  anomalies: string[];
}

export interface ArchiveResult {
  /** Whether the format has a central directory at all. */
  twoLists: boolean;
  rows: ArchiveRow[];
  /** Entries before the cut. */
  total: number;
  /** What is odd about the archive as a whole. */
  anomalies: string[];
}

/** Request: nodes and edges of an ONNX graph. `GraphParams` to `GraphResult`. */
export const graph = 'weighbridge/graph';

export interface GraphParams {
  uri: string;
  entry: string;
}

export interface GraphNode {
  name: string;
  operator: string;
  domain: string;
  offset: number;
  /** How far it is from the inputs: the row of the drawing. */
  layer: number;
  /** Indices of the nodes whose outputs it takes. */
  from: number[];
}

export interface GraphResult {
  nodes: GraphNode[];
  /** True when the graph has more nodes than can be drawn. */
  cut: boolean;
}

/** Request: a page of a disassembly. `DisassembleParams` to `DisassembleResult`. */
export const disassemble = 'weighbridge/disassemble';

export interface DisassembleParams {
  uri: string;
  entry: string;
  /** Offset of an opcode. `around` asks for the page that holds it, with what precedes it; otherwise it is the first row. */
  from: number;
  around?: boolean;
  count: number;
}

export interface DisassembledRow {
  offset: number;
  opcode: string;
  argument: string;
  /** The top of the stack when it has been executed, the topmost value last and `(` for a MARK. */
  stack?: string;
  /** What it comes to: the name that is imported, or the call that is made. */
  note?: string;
}

export interface DisassembleResult {
  rows: DisassembledRow[];
  /** Offset of the first row that follows; null at the end. */
  next: number | null;
  /** Offset of the page that precedes; null at the start, or where it is not known. */
  previous: number | null;
}
