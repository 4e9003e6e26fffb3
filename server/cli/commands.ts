import type { Command } from './io.ts';

/** A subcommand; its code is loaded when it is called. */
export interface CommandEntry {
  summary: string;
  load: () => Promise<Command>;
}

/** Every subcommand, in the order in which help lists them. */
export const commands: Record<string, CommandEntry> = {
  scan: {
    summary: 'Find, inspect and judge models, configs and manifests',
    load: async () => (await import('./scan.ts')).scan,
  },
  merge: {
    summary: 'Join the reports of the parts of a scan (scan --shard)',
    load: async () => (await import('./merge.ts')).merge,
  },
  diff: {
    summary: 'Say what a scan found that an older one did not: for pull requests',
    load: async () => (await import('./diff.ts')).diff,
  },
  inspect: {
    summary: 'Show what a file is: format, tensors, imports',
    load: async () => (await import('./inspect.ts')).inspect,
  },
  convert: {
    summary: 'Turn pickle checkpoints into safetensors, without executing them',
    load: async () => (await import('./convert.ts')).convert,
  },
  sign: {
    summary: 'Sign a model: with a key, a certificate, hardware, or keyless',
    load: async () => (await import('./sign.ts')).sign,
  },
  verify: {
    summary: 'Verify that a model is what somebody you trust has signed',
    load: async () => (await import('./verify.ts')).verify,
  },
  digest: {
    summary: 'Print the digest by which signatures know a model',
    load: async () => (await import('./digest.ts')).digest,
  },
  'oms-adapter': {
    summary: 'Speak the protocol of the conformance suite of OpenSSF Model Signing',
    load: async () => (await import('./omsAdapter.ts')).omsAdapter,
  },
  aibom: {
    summary: 'Write, check and compare bills of materials of models (CycloneDX)',
    load: async () => (await import('./aibom.ts')).aibom,
  },
  gate: {
    summary: 'Decide whether a model may be promoted, and say why not',
    load: async () => (await import('./gate.ts')).gate,
  },
  authorize: {
    summary: 'Say who may submit which training job',
    load: async () => (await import('./authorize.ts')).authorize,
  },
  policy: {
    summary: 'Evaluate, check, test and build policies in Rego',
    load: async () => (await import('./policy.ts')).policy,
  },
  dataset: {
    summary: 'Register and verify training data, and look for poisoned rows',
    load: async () => (await import('./dataset.ts')).dataset,
  },
  drift: {
    summary: 'Say whether a deployed model still answers as it did',
    load: async () => (await import('./drift.ts')).drift,
  },
  redteam: {
    summary: 'Try attacks on a deployed language model, against its baseline',
    load: async () => (await import('./redteam.ts')).redteam,
  },
  impact: {
    summary: 'Say which models a dataset, base model, library, signer or file reaches',
    load: async () => (await import('./impact.ts')).impact,
  },
  incident: {
    summary: 'Write a runbook for an incident, filled with what is reached',
    load: async () => (await import('./incident.ts')).incident,
  },
  backdoor: {
    summary: 'Look for a backdoor in an ONNX classifier',
    load: async () => (await import('./backdoor.ts')).backdoor,
  },
  robustness: {
    summary: 'Measure an ONNX classifier under adversarial attacks',
    load: async () => (await import('./robustness.ts')).robustness,
  },
  regress: {
    summary: 'Compare how two ONNX classifiers behave',
    load: async () => (await import('./regress.ts')).regress,
  },
  report: {
    summary: 'Write a compliance report of a workspace: twelve controls, and what shows them',
    load: async () => (await import('./report.ts')).report,
  },
  fleet: {
    summary: 'Scan the models of an organisation with many workers, by a queue',
    load: async () => (await import('./fleet.ts')).fleet,
  },
  serve: {
    summary: 'Answer whether a model may be loaded or promoted, over HTTPS and to Kubernetes',
    load: async () => (await import('./serve.ts')).serve,
  },
  lsp: {
    summary: 'Run the language server, for any editor',
    load: async () => (await import('./lsp.ts')).lsp,
  },
  mcp: {
    summary: 'Serve assistants by the Model Context Protocol, read-only',
    load: async () => (await import('./mcp.ts')).mcp,
  },
  version: {
    summary: 'Print the version',
    load: async () => (await import('./version.ts')).versionCommand,
  },
};

/** What `weighbridge --help` prints. */
export function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Weighbridge: security for machine-learning repositories

Usage: weighbridge COMMAND [ARGUMENT...]

${lines.join('\n')}

"weighbridge COMMAND --help" tells more, with examples.

Exit codes: 0 nothing at or above the threshold, 1 findings, 2 wrong usage or an error.
`;
}
