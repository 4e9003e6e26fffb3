/** What the server and its clients say to one another about commands (`workspace/executeCommand`), beside the Language Server Protocol. */
import type { RuleSetting, Severity } from '../../rules/finding.ts';

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

export interface ShowRuleArguments {
  ruleId: string;
}

/** What a scan came to. */
export interface ScanOutcome {
  artifacts: number;
  counts: Record<Severity, number>;
  cancelled: boolean;
}
