import { defaultLimits } from '../formats/limits.ts';
import type { Json } from '../formats/facts.ts';
import { datasetsField } from './datasetsTable.ts';
import { policyField } from './policyTable.ts';
import { preprocessingField } from './preprocessingTable.ts';
import { signingField } from './signingTable.ts';

/** What a value in `weighbridge.yaml` may be. Checker and published schema are both made from this. */
export type Shape =
  | { kind: 'choice'; values: readonly (string | number)[] }
  | { kind: 'boolean' }
  | { kind: 'integer'; minimum: number }
  | { kind: 'number' }
  /** Bytes: a whole number, or a number with a unit. */
  | { kind: 'size' }
  | { kind: 'string'; pattern?: RegExp; what: string }
  | { kind: 'list'; items: Shape }
  /** `oneOf`: at least one of these keys must be there. */
  | { kind: 'record'; fields: Record<string, Field>; oneOf?: readonly string[] }
  /** One value a rule; the keys are rule ids or `<area>/*`. */
  | { kind: 'rules'; value: Shape }
  /** A scalar written short, or the record that it stands for. */
  | { kind: 'either'; short: Shape; long: Shape & { kind: 'record' } };

export interface Field {
  shape: Shape;
  description: string;
  default?: Json;
  examples?: Json[];
  required?: boolean;
  /** What to write where a required key is missing. */
  hint?: string;
}

export const sizePattern = /^(\d+(?:\.\d+)?)\s*(B|[KMGT]i?B)$/;

const globs: Shape = { kind: 'list', items: { kind: 'string', what: 'a glob, as in .gitignore' } };

const imports: Shape = {
  kind: 'list',
  items: {
    kind: 'string',
    pattern: /^[^\s.*]+(\.[^\s.*]+)*\.(\*|[^\s.*]+)$/,
    what: 'an import (module.name) or all of a module (module.*)',
  },
};

const severities = ['error', 'warning', 'info', 'off'] as const;

const ruleRecord: Shape & { kind: 'record' } = {
  kind: 'record',
  fields: {
    severity: {
      shape: { kind: 'choice', values: severities },
      description: 'How much a finding of this rule weighs; "off" silences the rule.',
    },
    allow: {
      shape: imports,
      description: 'Imports that this rule accepts: module.name, or module.* for all of a module.',
      examples: [['mylab.layers.RMSNorm', 'mylab.data.*']],
    },
  },
};

/** What a rule's id is followed by. */
export const ruleSettingShape: Shape = {
  kind: 'either',
  short: { kind: 'choice', values: severities },
  long: ruleRecord,
};

function limit(minimum: number, value: number, description: string): Field {
  return { shape: { kind: 'integer', minimum }, description, default: value };
}

function sizeLimit(value: number | null, description: string, examples: Json[]): Field {
  return { shape: { kind: 'size' }, description, examples, ...(value === null ? {} : { default: value }) };
}

/** Every key of `weighbridge.yaml`. */
export const configurationShape: Shape & { kind: 'record' } = {
  kind: 'record',
  fields: {
    version: {
      shape: { kind: 'choice', values: [1] },
      description: 'Version of this file format.',
      required: true,
      hint: 'write "version: 1" at the top',
    },
    include: {
      shape: globs,
      description:
        'Globs of files that are scanned although .gitignore or a default (node_modules, .venv) leaves them out.',
      default: [],
      examples: [['models/**', 'checkpoints/*.pt']],
    },
    exclude: {
      shape: globs,
      description:
        'Globs of files and folders that are not scanned, beside what .gitignore names. Wins over "include".',
      default: [],
      examples: [['third_party/', '*.log']],
    },
    'fail-on': {
      shape: { kind: 'choice', values: ['error', 'warning', 'info', 'never'] },
      description: 'The severity from which on "weighbridge scan" ends with exit code 1.',
      default: 'error',
    },
    rules: {
      shape: { kind: 'rules', value: ruleSettingShape },
      description:
        'Severity and allow-list of a rule, or of all rules of an area (pickle/*). The rule wins over its area. A rule that is off by default (pin/image-digest) wants its own name.',
      default: {},
      examples: [{ 'pickle/unknown-import': { severity: 'error', allow: ['mylab.*'] }, 'model/*': 'off' }],
    },
    'allow-imports': {
      shape: imports,
      description: 'Imports in pickles that you vouch for: module.name, or module.* for all of a module.',
      default: [],
      examples: [['mylab.layers.RMSNorm', 'mylab.data.*']],
    },
    baseline: {
      shape: { kind: 'string', what: 'a path relative to this file' },
      description: 'File of accepted findings, relative to this file. "weighbridge scan --update-baseline" writes it.',
      examples: ['weighbridge-baseline.json'],
    },
    limits: {
      shape: {
        kind: 'record',
        fields: {
          depth: limit(1, defaultLimits.depth, 'Containers inside containers.'),
          entries: limit(1, defaultLimits.entries, 'Entries of all containers of one artifact together.'),
          'expanded-bytes': sizeLimit(
            defaultLimits.expandedBytes,
            'Bytes that decompression may produce for one artifact: a number, or one with a unit (1 GiB).',
            [1073741824, '1 GiB'],
          ),
          ratio: limit(2, defaultLimits.ratio, 'Expanded to compressed size of an entry.'),
          opcodes: limit(1, defaultLimits.opcodes, 'Pickle opcodes of one artifact.'),
          'time-ms': limit(1, defaultLimits.timeMs, 'Milliseconds for one artifact.'),
          'max-file-size': sizeLimit(
            null,
            'Longer files are not read, and a finding says so. No limit by default: tensors are skipped, not read.',
            ['50 GB'],
          ),
        },
      },
      description: 'What one artifact may cost. Reaching a limit is a finding.',
      default: {},
    },
    signing: signingField,
    policy: policyField,
    datasets: datasetsField,
    preprocessing: preprocessingField,
    vulnerabilities: {
      shape: {
        kind: 'record',
        fields: {
          osv: {
            shape: { kind: 'string', what: 'a folder or a ZIP file, relative to this file' },
            description:
              'A local OSV export of PyPI: a folder of JSON records, or the ZIP of them. Nothing is fetched.',
            examples: ['.weighbridge/osv-pypi.zip'],
          },
        },
      },
      description: 'Where known vulnerabilities of Python packages are looked up.',
      default: {},
    },
    cache: {
      shape: { kind: 'boolean' },
      description: "Whether results are kept in the user's cache folder, so that unchanged files are not read again.",
      default: true,
    },
  },
};
