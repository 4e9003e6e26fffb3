import type { ScanReport } from '../engine/report.ts';
import type { Finding } from '../rules/finding.ts';

/** A finding in a binary file's entry, with every optional field left out. */
export const inEntry: Finding = {
  ruleId: 'pickle/dangerous-import',
  severity: 'error',
  message: "Loading it calls os.system('true').",
  path: 'models/a b/pytorch_model.bin',
  location: { entry: 'archive/data.pkl', byteOffset: 41, line: null, column: null },
  evidence: { module: 'os', name: 'system', opcode: 'STACK_GLOBAL' },
  fixes: ['convert-to-safetensors'],
};

/** A finding at a byte of the file itself. */
export const atByte: Finding = {
  ...inEntry,
  path: 'x.pkl',
  location: { entry: null, byteOffset: 0, line: null, column: null },
};

/** A finding in a text, with an edit and a related place. */
export const inText: Finding = {
  ruleId: 'load/trust-remote-code',
  severity: 'warning',
  message: 'Loads code from the hub.',
  path: 'train.yaml',
  location: { entry: null, byteOffset: null, line: 3, column: 5, endLine: 3, endColumn: 9 },
  evidence: { key: 'trust_remote_code' },
  fixes: ['set-trust-remote-code-false'],
  edits: [
    {
      fix: 'set-trust-remote-code-false',
      kind: 'fix',
      title: 'Set it to false',
      changes: [{ line: 3, column: 5, endLine: 3, endColumn: 9, newText: 'false' }],
    },
  ],
  related: [
    { path: 'models/a b/pytorch_model.bin', message: 'what it loads', entry: 'archive/data.pkl', byteOffset: 41 },
    { path: 'train.py', message: 'who reads it', line: 7 },
  ],
};

/** Some bytes were not seen. */
export const unseen: Finding = {
  ...inEntry,
  ruleId: 'file/incomplete',
  severity: 'warning',
  message: 'Could not be fully inspected: the stream ends inside a string.',
  path: 'x.pkl',
  location: { entry: null, byteOffset: 9, line: null, column: null },
  evidence: {},
  fixes: [],
};

export const report: ScanReport = {
  files: 9,
  artifacts: [
    { path: 'models/a b/pytorch_model.bin', format: 'torch-zip', size: 123, complete: true },
    { path: 'train.yaml', format: 'text', size: 40, complete: true },
    { path: 'x.pkl', format: 'pickle', size: 10, complete: false },
  ],
  findings: [inEntry, inText, atByte, unseen],
  accepted: 1,
  acceptedFindings: [],
  counts: { error: 2, warning: 2, info: 0 },
  suppressed: 0,
  posture: [],
  errors: [{ path: 'locked', message: 'permission denied' }],
  skipped: { ignored: 3, excluded: 4 },
};
