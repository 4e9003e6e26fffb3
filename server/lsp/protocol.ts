/**
 * What Weighbridge's server speaks beside the Language Server Protocol. Only types and method names: the client and the
 * inspector's webview import this file, and nothing else of the server.
 */
import type { PickleImport, PickleViolation, ReadProblem, TensorFact } from '../formats/facts.ts';
import type { RuleSetting, Severity } from '../rules/finding.ts';

/** What a client may pass as `initializationOptions`; everything is optional, so that plain clients need none of it. */
export interface InitializationOptions {
  /** False in a workspace that the user has not trusted: diagnostics only. Default: true. */
  trusted?: boolean;
  /** True when the client wants `weighbridge/status` notifications. */
  status?: boolean;
  /** True when the client wants `weighbridge/modelsChanged` notifications. */
  models?: boolean;
  /** True when the client wants `weighbridge/dangerInUse` notifications. */
  dangerInUse?: boolean;
  /** Commands that the client itself offers, and that code actions may name. */
  clientCommands?: ClientCommand[];
  /** For clients that cannot answer `workspace/configuration`. */
  settings?: Settings;
}

/** Commands of a client, which asks its user before it calls the server, or shows something. */
export type ClientCommand = 'weighbridge.acceptFinding' | 'weighbridge.changeSeverity' | 'weighbridge.inspect';

/** The section `weighbridge` of an editor's settings. A workspace's `weighbridge.yaml` adds to it. */
export interface Settings {
  scan?: { onOpen?: boolean };
  /** gitignore-style globs that are not scanned. */
  exclude?: string[];
  /** Megabytes (1 MB = 1,000,000 bytes) from which on a file is not read; 0 for no limit. */
  maxFileSize?: number;
  /** By rule id or area (`pickle/*`). */
  severity?: Record<string, RuleSetting>;
}

/** Notification, client to server: the user now trusts the workspace. */
export const trustGranted = 'weighbridge/trustGranted';

/** Notification, server to client: what the server is doing and what it knows. */
export const statusChanged = 'weighbridge/status';

export interface Status {
  state: 'scanning' | 'ready' | 'off' | 'failed';
  /** Files done and files known, while scanning. */
  scanned: number;
  total: number;
  /** Artifacts that are known. */
  artifacts: number;
  /** Artifacts that must not be loaded: those with a finding of severity error. */
  dangerous: number;
  /** Their addresses, at most 1,000. */
  dangerousFiles: string[];
  /** Addresses of models that nothing vouches for, at most 1,000. */
  unsignedFiles: string[];
  counts: Record<Severity, number>;
  /** Paths that could not be read. */
  unreadable: number;
  /** True when the workspace is not trusted, so that nothing is written and its own configuration is not honoured. */
  restricted: boolean;
  /** One sentence when something went wrong, such as a configuration that cannot be read. */
  message: string | null;
}

/** Notification, server to client: a file was inspected again; views of it should ask anew. */
export const artifactChanged = 'weighbridge/artifactChanged';

export interface ArtifactChanged {
  uris: string[];
}

// ---- Models ----------------------------------------------------------------------------------------------------

/** Notification, server to client: `models` has a new answer. At most four times a second. */
export const modelsChanged = 'weighbridge/modelsChanged';

/** Request: the directories that hold models, by path. No parameters, to `ModelDirectory[]`. */
export const models = 'weighbridge/models';

/** How a file or a directory stands, the worst finding counting. */
export interface Standing {
  severity: 'error' | 'warning' | 'none';
  /** One sentence. */
  text: string;
}

export interface ModelDirectory extends Standing {
  uri: string;
  /** Relative to its workspace folder, with that folder's name first where there are several. */
  label: string;
  /** Formats of the model files in it. */
  formats: string[];
  /** Whether a format in it can run code when it is loaded. */
  runsCode: boolean;
  /** Artifacts in it, and how many of them must not be loaded. */
  files: number;
  dangerous: number;
  /** Whether something is there; not whether it is right. */
  signature: 'present' | 'missing';
  aibom: 'present' | 'missing';
}

/** Request: the artifacts of one directory, by name. `ModelFilesParams` to `ModelFile[]`. */
export const modelFiles = 'weighbridge/modelFiles';

export interface ModelFilesParams {
  /** Of the directory. */
  uri: string;
}

export interface ModelFile extends Standing {
  uri: string;
  name: string;
  format: string;
  /** Bytes. */
  size: number;
}

/**
 * Notification, server to client: a config or a script of the workspace loads something dangerous. Each file is told of
 * once in a session, and only when no scan is running.
 */
export const dangerInUse = 'weighbridge/dangerInUse';

export interface DangerInUse {
  files: {
    uri: string;
    /** What loading it does, one or two sentences. */
    message: string;
    /** The first line that uses it, 1-based. */
    usedBy: { uri: string; line: number };
  }[];
}

// ---- Inspector -------------------------------------------------------------------------------------------------

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

// ---- Commands (workspace/executeCommand) -----------------------------------------------------------------------

/** Every command takes one object. */
export const commands = {
  scanWorkspace: 'weighbridge.server.scanWorkspace',
  scanPath: 'weighbridge.server.scanPath',
  convert: 'weighbridge.server.convert',
  convertAll: 'weighbridge.server.convertAll',
  convertAndUse: 'weighbridge.server.convertAndUse',
  addToBaseline: 'weighbridge.server.addToBaseline',
  setSeverity: 'weighbridge.server.setSeverity',
  showRule: 'weighbridge.server.showRule',
} as const;

export interface ScanPathArguments {
  uri: string;
}

export interface ConvertArguments {
  uri: string;
  /** Leaves behind what is not a tensor. */
  tensorsOnly?: boolean;
  /** Replaces an output that is there. */
  overwrite?: boolean;
}

/** What a conversion came to. */
export interface ConvertOutcome {
  source: string;
  output: string;
  tensors: number;
  /** Bytes written. */
  bytes: number;
  /** What was left behind. */
  left: { key: string; what: string }[];
}

export interface ConvertAllOutcome {
  converted: ConvertOutcome[];
  /** Checkpoints that were not converted, with the reason. */
  skipped: { uri: string; reason: string }[];
  cancelled: boolean;
}

export interface ConvertAndUseArguments {
  /** The text that names the checkpoint. */
  uri: string;
  fingerprint: string;
}

export interface AddToBaselineArguments {
  uri: string;
  fingerprint: string;
  reason?: string;
}

export interface SetSeverityArguments {
  /** Any file of the workspace folder whose configuration changes. */
  uri: string;
  ruleId: string;
  setting: RuleSetting;
}

export interface ShowRuleArguments {
  ruleId: string;
}

/** What a scan came to. */
export interface ScanOutcome {
  artifacts: number;
  counts: Record<Severity, number>;
  cancelled: boolean;
}
