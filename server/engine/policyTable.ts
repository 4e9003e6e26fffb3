import type { Field, Shape } from './configurationTable.ts';

const path = (what: string): Shape => ({ kind: 'string', what });

/** The key `policy` of `weighbridge.yaml`. */
export const policyField: Field = {
  shape: {
    kind: 'record',
    fields: {
      folder: {
        shape: path('a folder, relative to this file'),
        description: "Folder of the repository's own policies (.rego), which gates evaluate beside the shipped ones.",
        examples: ['policies'],
      },
      exceptions: {
        shape: path('a file, relative to this file'),
        description: 'Exceptions from gate rules, each with owner, reason, scope and expiry.',
        examples: ['policies/exceptions.yaml'],
      },
      approvals: {
        shape: path('a folder, relative to this file'),
        description: 'Folder of recorded approvals, one YAML or JSON file each.',
        examples: ['approvals'],
      },
      evidence: {
        shape: path('a folder, relative to this file'),
        description:
          'Folder of recorded evidence, one JSON file each: results of scans and tests, by digest of the model.',
        examples: ['evidence'],
      },
      roles: {
        shape: path('a file, relative to this file'),
        description: 'Who is a data scientist, an ML engineer or in ML ops, for "weighbridge authorize" and approvals.',
        examples: ['policies/roles.yaml'],
      },
      'audit-log': {
        shape: path('a file, relative to this file'),
        description: 'The log that the decisions of gates are appended to.',
        default: '.weighbridge/decisions.jsonl',
        examples: ['audit/decisions.jsonl'],
      },
    },
  },
  description: 'Policies, and what gates decide by.',
};
