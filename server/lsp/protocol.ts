/**
 * What Weighbridge's server speaks beside the Language Server Protocol. Only types and method names: the client and the
 * inspector's webview import this file, and nothing else of the server.
 */
import type { AibomReport } from '../aibom/editing/report.ts';
import type { PickleImport, PickleViolation, ReadProblem, TensorFact } from '../formats/facts.ts';
import type { RuleSetting, Severity } from '../rules/finding.ts';
import type { CertificateFacts, Difference, SigningMethod, SigningTime } from '../signing/contract.ts';
import type { Stance } from '../signing/trustPolicy.ts';

/** What a client may pass as `initializationOptions`; everything is optional, so that plain clients need none of it. */
export interface InitializationOptions {
  /** False in a workspace that the user has not trusted: diagnostics only. Default: true. */
  trusted?: boolean;
  /** True when the client wants `weighbridge/status` notifications. */
  status?: boolean;
  /** True when the client wants `weighbridge/modelsChanged` notifications. */
  models?: boolean;
  /** True when the client wants `weighbridge/gatesChanged` notifications. */
  gates?: boolean;
  /** True when the client wants `weighbridge/dangerInUse` notifications. */
  dangerInUse?: boolean;
  /** True when the client wants `weighbridge/aibomChanged` notifications. */
  aiboms?: boolean;
  /** True when the client wants `weighbridge/datasetsChanged` notifications. */
  datasets?: boolean;
  /** Commands that the client itself offers, and that code actions may name. */
  clientCommands?: ClientCommand[];
  /** For clients that cannot answer `workspace/configuration`. */
  settings?: Settings;
}

/** Commands of a client, which asks its user before it calls the server, or shows something. */
export type ClientCommand =
  | 'weighbridge.acceptFinding'
  | 'weighbridge.changeSeverity'
  | 'weighbridge.inspect'
  | 'weighbridge.signModel'
  | 'weighbridge.showSignature'
  | 'weighbridge.showAibom'
  | 'weighbridge.scanDataset'
  | 'weighbridge.showDatasetScan'
  | 'weighbridge.markRecord'
  | 'weighbridge.redactColumn'
  | 'weighbridge.registerDataset'
  | 'weighbridge.pin'
  | 'weighbridge.evaluatePolicy';

/** The section `weighbridge` of an editor's settings. A workspace's `weighbridge.yaml` adds to it. */
export interface Settings {
  scan?: { onOpen?: boolean };
  /** gitignore-style globs that are not scanned. */
  exclude?: string[];
  /** Megabytes (1 MB = 1,000,000 bytes) from which on a file is not read; 0 for no limit. */
  maxFileSize?: number;
  /** By rule id or area (`pickle/*`). */
  severity?: Record<string, RuleSetting>;
  onnx?: { provider?: string };
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
  /** Models that a signature covers, and files beside them that are not what was signed; at most 1,000. */
  signedFiles: SignedFileStanding[];
  counts: Record<Severity, number>;
  /** Paths that could not be read. */
  unreadable: number;
  /** True when the workspace is not trusted, so that nothing is written and its own configuration is not honoured. */
  restricted: boolean;
  /** One sentence when something went wrong, such as a configuration that cannot be read. */
  message: string | null;
}

/**
 * `trusted`: signed by somebody whom the trust policy names, every file as signed. `outdated`: so signed, and files changed, went
 * or came since. `untrusted`: by nobody whom the policy names, or there is no policy. `invalid`: the signature does not hold.
 */
export type SignatureState = 'trusted' | 'outdated' | 'untrusted' | 'invalid';

export interface SignatureStanding {
  state: SignatureState;
  /** One sentence: who, by what trust, over what. */
  text: string;
}

export interface SignedFileStanding extends SignatureStanding {
  uri: string;
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
  /** How the signature stands that covers it; null where none does. */
  standing: SignatureStanding | null;
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

// ---- Bills of materials ----------------------------------------------------------------------------------------

/** Request: a bill of materials, ready to show, as it stands in the editor. `AibomParams` to `AibomView`. */
export const aibom = 'weighbridge/aibom';

export interface AibomParams {
  uri: string;
}

export interface AibomView extends AibomReport {
  /** The signature over the model's folder, and whether it covers this document as it is; null where there is none. */
  coveredBy: SignatureStanding | null;
  /** False in an untrusted workspace. */
  mayWrite: boolean;
}

export type { AibomReport };

/** Request: the address of the bill of materials beside a model, or null. `AibomParams` to `string | null`. */
export const findAibom = 'weighbridge/findAibom';

/** Notification, server to client: what is said of bills of materials changed, with their files or with their models. */
export const aibomChanged = 'weighbridge/aibomChanged';

export interface AibomChanged {
  uris: string[];
}

// ---- Signing ---------------------------------------------------------------------------------------------------

/** Request: how the signature over a file or a folder stood when it was last verified. `SignatureParams` to `SignatureReport | null`. */
export const signature = 'weighbridge/signature';

export interface SignatureParams {
  uri: string;
}

/** Everything about one signature, ready to show. */
export interface SignatureReport extends SignatureStanding {
  /** Of what is signed: a folder, or one file. */
  uri: string;
  name: string;
  signatureUri: string;
  signatureName: string;
  /** Why it is not verified: one sentence. */
  reason: string | null;
  method: SigningMethod | null;
  signer: string | null;
  /** True where nothing of what is said of the signer was verified. */
  signerIsClaim: boolean;
  issuer: string | null;
  /** By what the signer is trusted; null where they are not. */
  trust: string | null;
  /** `policy`: weighbridge.yaml. `given`: what a person named for this once. */
  trustedBy: 'policy' | 'given';
  stance: Stance;
  signedAt: SigningTime | null;
  certificate: CertificateFacts | null;
  /** Covered files, cut where they are many. */
  files: { path: string; digest: string | null }[];
  fileCount: number;
  differences: Difference[];
  differenceCount: number;
  /** What stands in the folder and is not covered: left out by the signature, or not named by it. */
  notCovered: { path: string; why: 'ignored' | 'unsigned' }[];
  notCoveredCount: number;
  /** Paths that the signature leaves out, whether or not something is there now. */
  leftOut: string[];
  /** Differing files that were written after the signing. */
  newer: string[];
  /** Files hashed for this verification, and files of which the cache knew the digest. */
  hashedBy: { full: number; cache: number };
  rootDigest: string | null;
  predicate: string | null;
  warnings: string[];
  /** False in an untrusted workspace. */
  mayWrite: boolean;
}

/** Request, server to client: shows a code that is typed in on any device; answered once the person has seen it. */
export const showDeviceCode = 'weighbridge/showDeviceCode';

export interface DeviceCodeParams {
  userCode: string;
  page: string;
  /** The page with the code filled in, where the provider has it. */
  pageWithCode: string | null;
}

/** Request, server to client: the public log keeps what is signed for ever. `PublicLogParams` to boolean. */
export const confirmPublicLog = 'weighbridge/confirmPublicLog';

export interface PublicLogParams {
  /** What the log will keep, a line each. */
  notice: string;
}

// ---- Datasets --------------------------------------------------------------------------------------------------

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
  complianceReport: 'weighbridge.server.complianceReport',
  runVerb: 'weighbridge.server.runVerb',
  describe: 'weighbridge.server.describe',
  showRule: 'weighbridge.server.showRule',
  signModel: 'weighbridge.server.signModel',
  verifyModel: 'weighbridge.server.verifyModel',
  registerDataset: 'weighbridge.server.registerDataset',
  verifyDatasets: 'weighbridge.server.verifyDatasets',
  addKnownClean: 'weighbridge.server.addKnownClean',
  generateAibom: 'weighbridge.server.generateAibom',
  updateAibom: 'weighbridge.server.updateAibom',
  fillAibom: 'weighbridge.server.fillAibom',
  openSideFile: 'weighbridge.server.openSideFile',
  scanDataset: 'weighbridge.server.scanDataset',
  markRecords: 'weighbridge.server.markRecords',
  exportClean: 'weighbridge.server.exportClean',
  redactColumn: 'weighbridge.server.redactColumn',
  scanBackdoors: 'weighbridge.server.scanBackdoors',
  testRobustness: 'weighbridge.server.testRobustness',
  compareBehaviour: 'weighbridge.server.compareBehaviour',
} as const;

/** What a scan that runs a model needs: the model, and samples of it. */
export interface ModelScanArguments {
  uri: string;
  samples: string;
  /** What black and white are for the model; null: as a preprocessor_config.json says, or the samples themselves. */
  range: [low: number, high: number] | null;
}

/** A candidate (`uri`) is compared with the model that it is to replace. */
export interface CompareBehaviourArguments extends ModelScanArguments {
  production: string;
}

/** What a scan that ran a model found. */
export interface ModelScanReport {
  kind: 'backdoor' | 'robustness' | 'regression';
  uri: string;
  name: string;
  title: string;
  /** The content of a page, in which everything that comes from files is escaped. */
  content: string;
  /** For export: the page by itself, and the result. */
  html: string;
  json: string;
  /** Where the result is kept for gates. */
  evidence: string;
}

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

/** Of the client's command `weighbridge.pin`, which asks for a commit or a digest and puts it into the changes. */
export interface PinArguments {
  uri: string;
  wanted: 'commit' | 'digest';
  /** Whose: for a person. */
  of: string;
  /** What stands in `newText` where the answer goes. */
  mark: string;
  /** Places as LSP has them. */
  changes: {
    range: { start: { line: number; character: number }; end: { line: number; character: number } };
    newText: string;
  }[];
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

/** The report of each workspace folder, in every form. */
export interface ComplianceReportOutcome {
  reports: { name: string; html: string; markdown: string; json: string }[];
}

/** A verb of the command line, with its arguments. */
export interface VerbArguments {
  verb: 'impact' | 'incident' | 'drift' | 'redteam';
  args: string[];
  /** Of the workspace folder in which it runs. */
  uri: string;
}

export interface VerbOutcome {
  /** What the command line would print. */
  text: string;
  exitCode: number;
}

export interface DescribeArguments {
  uri: string;
}

/** What a model file is, one fact a line, with digests of its tensors: for comparing two of them. */
export interface DescribeOutcome {
  text: string;
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

export interface ShowRuleArguments {
  ruleId: string;
}

/** How to sign. Files are paths on the machine of the server; nothing of it is kept. */
export type SignWith =
  | { method: 'key'; key: string; passphrase?: string }
  | { method: 'certificate'; key: string; passphrase?: string; certificate: string; chain?: string[] }
  /** `browser`: on the machine of the server. `code`: on any device. */
  | { method: 'sigstore'; signIn: 'browser' | 'code' };

export interface SignModelArguments {
  /** Of a folder, or of the one file that is the model. */
  uri: string;
  with: SignWith;
  /** Replaces a signature that is there. */
  replace?: boolean;
}

export type SignModelOutcome =
  | {
      state: 'signed';
      uri: string;
      signatureUri: string;
      signer: string | null;
      files: number;
      ignored: string[];
      warnings: string[];
    }
  /** The private key is encrypted: ask, and come again. `wrong`: with another passphrase. */
  | { state: 'needs-passphrase'; wrong: boolean }
  /** There is a signature: ask, and come again with `replace`. */
  | { state: 'exists'; signatureUri: string; text: string }
  /** The person did not agree to what the public log keeps. */
  | { state: 'declined' };

/** Whom to trust for this once. */
export type TrustGiven =
  | { method: 'key'; key: string }
  | { method: 'certificate'; roots: string }
  | { method: 'sigstore'; identity: string; issuer: string };

export interface VerifyModelArguments {
  /** Of a folder or a file; what covers it is verified. */
  uri: string;
  /** Default: the trust policy of weighbridge.yaml. */
  trust?: TrustGiven;
}

export interface AibomArguments {
  /** Of a bill of materials, of a model's folder, or of a file in it. */
  uri: string;
}

/** What writing a bill of materials came to. */
export interface AibomOutcome {
  state: 'generated' | 'updated' | 'filled' | 'unchanged';
  /** Of the bill of materials. */
  uri: string;
  /** One or two sentences. */
  text: string;
  /** What could not be read, or contradicts itself. */
  notes: string[];
}

export interface SideFileOutcome {
  uri: string;
  isNew: boolean;
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

/** What a scan came to. */
export interface ScanOutcome {
  artifacts: number;
  counts: Record<Severity, number>;
  cancelled: boolean;
}
