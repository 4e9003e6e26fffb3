/** What the server and its clients say to one another about policies and gates, beside the Language Server Protocol. */

/** Request: the models of the workspace and their gates, as far as they were evaluated. No parameters, to `ModelGates[]`. */
export const gates = 'weighbridge/gates';

/** Notification, server to client: `gates` has a new answer. */
export const gatesChanged = 'weighbridge/gatesChanged';

/** Request: evaluates a gate, without progress and without anything being recorded. `GateParams` to `GateState`. */
export const evaluateGate = 'weighbridge/evaluateGate';

export interface GateParams {
  /** Of the model: a folder, or one file. */
  uri: string;
  gate: string;
}

export interface ModelGates {
  uri: string;
  label: string;
  gates: GateState[];
}

export interface GateState {
  gate: string;
  /** The model. */
  uri: string;
  state: 'not-evaluated' | 'allow' | 'deny' | 'failed';
  /** One sentence. */
  text: string;
  rows: GateRow[];
  /** What has to follow when this is allowed. */
  obligations: { text: string; due: string }[];
}

/** One rule of a gate. */
export interface GateRow {
  id: string;
  title: string;
  state: 'met' | 'not-met' | 'no-evidence' | 'excepted' | 'warned';
  /** What the rule says, a sentence each. */
  messages: string[];
  /** The line of the policy, 1-based. */
  policyUri: string;
  line: number;
  /** What produces the evidence that is missing; MODEL is replaced by the path of the model. */
  missing: { field: string; command: string }[];
  /** The file that the rule judges, where there is one. */
  evidenceUri: string | null;
}

/** Request: the tests in Rego files. `PolicyFilesParams` to `PolicyTest[]`. */
export const policyTests = 'weighbridge/policyTests';

export interface PolicyFilesParams {
  /** Of `.rego` files. */
  uris: string[];
}

export interface PolicyTest {
  uri: string;
  package: string;
  name: string;
  /** 1-based. */
  line: number;
  endLine: number;
}

/** Request: runs tests. `RunPolicyTestsParams` to `PolicyTestRun`. */
export const runPolicyTests = 'weighbridge/runPolicyTests';

export interface RunPolicyTestsParams extends PolicyFilesParams {
  /** Those to run; all of the files when left out. */
  tests?: { uri: string; package: string; name: string }[];
}

export interface PolicyTestRun {
  results: {
    uri: string;
    package: string;
    name: string;
    outcome: 'passed' | 'failed' | 'skipped' | 'error';
    message: string;
    output: string;
    /** 1-based: where it failed. */
    line: number;
    durationMs: number;
  }[];
  /** Files whose tests could not be run, and why. */
  problems: { uri: string; line: number; message: string }[];
  /** Lines, 1-based, both ends included. */
  coverage: { uri: string; covered: [number, number][]; notCovered: [number, number][] }[];
}

/** Request: who may submit a job. `JobParams` to `JobAnswer[]`. */
export const whoMaySubmit = 'weighbridge/whoMaySubmit';

export interface JobParams {
  /** Of the submission. */
  uri: string;
}

export interface JobAnswer {
  /** A person, or a role where no file of roles is configured. */
  subject: string;
  roles: string[];
  decision: 'allow' | 'deny';
  reasons: { rule: string; message: string; policyUri: string; line: number }[];
}

/** Request: the log of decisions, as text for a person. `AuditLogParams` to `AuditLogText[]`. */
export const auditLogs = 'weighbridge/auditLogs';

export interface AuditLogText {
  /** Of the log. */
  uri: string;
  intact: boolean;
  text: string;
}

/** Commands of `workspace/executeCommand`; each takes one object. */
export const policyCommands = {
  evaluateGate: 'weighbridge.server.evaluateGate',
  recordDecision: 'weighbridge.server.recordDecision',
  evaluatePolicy: 'weighbridge.server.evaluatePolicy',
} as const;

export interface EvaluatePolicyArguments {
  /** Of the `.rego` file. */
  uri: string;
  /** Of the model; default: the one that was chosen last, or else the first. */
  model?: string;
}

/** What the policies of a file say of a model; the results stand beside the rules as inlay hints. */
export interface EvaluatePolicyOutcome {
  model: string;
  decision: 'allow' | 'deny';
  deny: string[];
  warn: string[];
}

export interface RecordOutcome {
  decision: 'allow' | 'deny';
  log: string;
  sequence: number;
  hash: string;
}
