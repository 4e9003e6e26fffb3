import { annexXi } from '../coverage/annexXi.ts';
import type { Coverage } from '../coverage/coverage.ts';
import { g7 } from '../coverage/g7.ts';
import { tasksOfTheHub } from '../cyclonedx/modalities.ts';
import { spdxIds } from '../licence/spdxIds.ts';
import { learningApproaches, knownSideFileKeys } from '../sources/sideFile.ts';
import { at, entriesAt, yamlValue } from '../values.ts';

/** A key of `aibom.enrich.yaml`, for completion. */
export interface SideFileKey {
  key: string;
  /** What it fills, by the lists of coverage. */
  title: string;
  /** Whether the bill of materials lacks what it fills. */
  missing: boolean;
  /** What to insert, with an example of a value, as a snippet of the Language Server Protocol. */
  snippet: string;
}

const snippets: Record<string, string> = {
  supplier: 'supplier: ${1:Acme}',
  description: 'description: ${1:What it is, in a sentence}',
  version: 'version: ${1:1.0.0}',
  name: 'name: ${1:my-model}',
  group: 'group: ${1:my-organisation}',
  authors: 'authors:\n  - ${1:Name}',
  license: 'license: ${1:apache-2.0}',
  release_date: 'release_date: ${1:2025-01-31}',
  usage_policy: 'usage_policy: ${1:https://acme.example/use-policy}',
  copyright_policy: 'copyright_policy: ${1:https://acme.example/copyright}',
  training_summary: 'training_summary: ${1:https://acme.example/training-content}',
  security_policy: 'security_policy: ${1:https://acme.example/.well-known/security.txt}',
  users: 'users:\n  - ${1:Who uses it}',
  intended_uses: 'intended_uses:\n  - ${1:What it is for}',
  limitations: 'limitations:\n  - ${1:What it cannot do}',
  tradeoffs: 'tradeoffs:\n  - ${1:What was given up for what}',
  ethical_considerations: 'ethical_considerations:\n  - ${1:Whom it may harm, and how}',
  pipeline_tag: 'pipeline_tag: ${1:text-classification}',
  approach: 'approach: ${1:supervised}',
  architecture: 'architecture: ${1:BertForSequenceClassification}',
  architecture_family: 'architecture_family: ${1:bert}',
  language: 'language: [${1:en}]',
  base_model: 'base_model: ${1:organisation/name}',
  base_model_revision: 'base_model_revision: ${1:commit}',
  datasets:
    'datasets:\n  - name: ${1:letters-2024}\n    url: ${2:https://data.acme.example/letters-2024}\n    sha256: ${3:64 hexadecimal digits}\n    license: ${4:cc-by-4.0}\n    description: ${5:What is in it}\n    size: ${6:10,000 letters}\n    classification: ${7:internal}\n    sensitive_data: [${8:none}]',
  hardware: 'hardware: ${1:8 x H100}',
  training_compute_flops: 'training_compute_flops: ${1:1.0e21}',
  training_hours: 'training_hours: ${1:12}',
  energy_kwh: 'energy_kwh: ${1:100}',
  co2_eq_emissions: 'co2_eq_emissions:\n  emissions: ${1:1000}',
  'model-index':
    'model-index:\n  - name: ${1:my-model}\n    results:\n      - task:\n          type: ${2:text-classification}\n        dataset:\n          name: ${3:letters-2024}\n          type: ${4:letters-2024}\n        metrics:\n          - type: ${5:accuracy}\n            value: ${6:0.9}',
};

/**
 * Keys that the side file does not have yet; those that fill something missing come first.
 * @param coverage of the model's bill of materials, when there is one.
 */
export function sideFileKeys(text: string, coverage: readonly Coverage[] = []): SideFileKey[] {
  const written = yamlValue(text);
  const lacking = new Set(
    coverage.flatMap(({ elements }) => elements.filter(({ present }) => !present).map(({ fill }) => fill)),
  );
  return Object.entries(snippets)
    .filter(([key]) => at(written, key) === undefined)
    .map(([key, snippet]) => ({ key, title: titleOf(key), missing: lacking.has(key), snippet }))
    .sort((a, b) => Number(b.missing) - Number(a.missing));
}

function titleOf(key: string): string {
  const titles = [...g7, ...annexXi].filter(({ fill }) => fill === key).map(({ title }) => title);
  return [...new Set(titles)].slice(0, 3).join('; ');
}

/** Values that a key can have; empty where there is no list of them. */
export function sideFileValues(key: string): string[] {
  switch (key) {
    case 'license':
      return [...spdxIds().values()];
    case 'pipeline_tag':
      return tasksOfTheHub;
    case 'approach':
      return [...learningApproaches];
    default:
      return [];
  }
}

/** A side file to begin with: every key that would fill something, as a comment to take the mark off. */
export function sideFileFor(coverage: readonly Coverage[]): string {
  const keys = sideFileKeys('', coverage);
  const missing = keys.filter((each) => each.missing);
  const lines = (missing.length > 0 ? missing : keys).flatMap(({ snippet, title }) => [
    ...(title === '' ? [] : [`# ${title}:`]),
    ...snippet
      .replace(/\$\{\d+:([^}]*)\}/g, '$1')
      .split('\n')
      .map((line) => `# ${line}`),
    '',
  ]);
  return [
    '# What no file of the model says, for its AI bill of materials. Take the mark off a line and fill it in;',
    '# then update the bill of materials: what stands here wins over every other source.',
    '',
    ...lines,
  ].join('\n');
}

/** A key of a side file that nothing reads: mostly a slip of the pen. 1-based line. */
export interface UnknownKey {
  key: string;
  line: number;
}

export function unknownKeys(text: string): UnknownKey[] {
  const lines = text.split('\n');
  return entriesAt(yamlValue(text))
    .map(([key]) => key)
    .filter((key) => !knownSideFileKeys.has(key))
    .map((key) => ({
      key,
      line: lines.findIndex((line) => line.replace(/^['"]/, '').startsWith(key)) + 1 || 1,
    }));
}
