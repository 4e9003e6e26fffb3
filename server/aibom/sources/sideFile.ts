import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import { licenceNamed } from '../licence/licenceNames.ts';
import { sideFileName } from '../names.ts';
import type { Consideration, Origin, Reference } from '../record.ts';
import { entriesAt, listAt, numberAt, textAt, textsAt, type Value } from '../values.ts';
import { isoDate } from './cardSections.ts';
import { readFrontMatter } from './card.ts';

/**
 * `aibom.enrich.yaml`: what a person knows and no other file says. It takes the keys of a model card's front matter, and
 * those below; what it says comes before everything else.
 */
export function readSideFile(folder: ModelFolder, draft: Draft): void {
  const values = folder.yaml(sideFileName);
  if (values === undefined) return;
  const from = (key: string): Origin => ({ file: sideFileName, at: key, technique: 'attestation' });
  readNames(values, draft, from);
  draft.set('description', textAt(values, 'description'), from('description'));
  draft.set('supplier', textAt(values, 'supplier'), from('supplier'));
  draft.set('released', isoDate(textAt(values, 'release_date') ?? ''), from('release_date'));
  draft.set('family', textAt(values, 'architecture_family'), from('architecture_family'));
  draft.set('architecture', textAt(values, 'architecture'), from('architecture'));
  const approach = textAt(values, 'approach');
  draft.set(
    'approach',
    learningApproaches.find((each) => each === approach),
    from('approach'),
  );
  for (const author of textsAt(values, 'authors')) draft.authors.push({ value: author, origin: from('authors') });
  for (const [key, group] of considerations)
    for (const text of textsAt(values, key)) draft.consider(group, text, from(key));
  for (const [key, type, comment] of policies) {
    const url = textAt(values, key);
    if (url !== undefined) draft.reference({ type, url, comment, origin: from(key) });
  }
  const hardware = textAt(values, 'hardware');
  if (hardware !== undefined)
    draft.environment.push({ value: { name: 'hardware', value: hardware }, origin: from('hardware') });
  for (const key of ['training_compute_flops', 'training_hours', 'energy_kwh'])
    draft.training(key.replace(/_/g, '-'), numberAt(values, key), from(key));
  for (const entry of listAt(values, 'datasets')) readDataset(entry, draft, from('datasets'));
  readFrontMatter(values, draft, from);
  const unknown = entriesAt(values)
    .map(([key]) => key)
    .filter((key) => !knownSideFileKeys.has(key));
  if (unknown.length > 0)
    draft.note(`${sideFileName} has keys that nothing reads: ${unknown.slice(0, 10).join(', ')}.`);
}

const policies: [key: string, type: Reference['type'], comment: string][] = [
  ['usage_policy', 'documentation', 'Usage policy'],
  ['copyright_policy', 'documentation', 'Copyright policy'],
  ['training_summary', 'documentation', 'Public summary of the training content'],
  ['security_policy', 'rfc-9116', 'Security policy'],
];

/** CycloneDX' own words for how a model learns. */
export const learningApproaches = [
  'supervised',
  'unsupervised',
  'reinforcement-learning',
  'semi-supervised',
  'self-supervised',
] as const;

const considerations: [string, Consideration][] = [
  ['users', 'users'],
  ['intended_uses', 'useCases'],
  ['limitations', 'technicalLimitations'],
  ['tradeoffs', 'performanceTradeoffs'],
  ['ethical_considerations', 'ethicalConsiderations'],
];

/** Every key that is read: those of a model card's front matter, and those of this file alone. */
export const knownSideFileKeys: ReadonlySet<string> = new Set([
  ...['name', 'group', 'version', 'description', 'supplier', 'authors', 'release_date', 'architecture'],
  ...['architecture_family', 'approach', 'hardware', 'training_compute_flops', 'training_hours', 'energy_kwh'],
  ...considerations.map(([key]) => key),
  ...policies.map(([key]) => key),
  ...['license', 'license_name', 'license_link', 'base_model', 'base_model_relation', 'base_model_revision'],
  ...['datasets', 'pipeline_tag', 'language', 'library_name', 'tags', 'co2_eq_emissions', 'model-index', 'model_name'],
]);

function readNames(values: Value, draft: Draft, from: (key: string) => Origin): void {
  const name = textAt(values, 'name');
  const version = textAt(values, 'version') ?? numberAt(values, 'version')?.toString();
  const group = textAt(values, 'group');
  if (name === undefined && version !== undefined) draft.set('version', version, from('version'));
  if (name !== undefined)
    draft.names.push({
      name,
      ...(group ? { group } : {}),
      ...(version ? { version } : {}),
      confidence: 1,
      origin: from('name'),
    });
}

/** `- name: ..., url: ..., sha256: ..., license: ..., description: ..., size: ..., classification: ..., sensitive_data: [...]`. */
function readDataset(entry: Value, draft: Draft, origin: Origin): void {
  const name = textAt(entry, 'name');
  if (name === undefined) return;
  const sha256 = textAt(entry, 'sha256')?.toLowerCase();
  const licence = textAt(entry, 'license');
  const url = textAt(entry, 'url');
  const description = textAt(entry, 'description');
  const version = textAt(entry, 'version') ?? numberAt(entry, 'version')?.toString();
  const classification = textAt(entry, 'classification');
  const sensitive = textsAt(entry, 'sensitive_data');
  const size = textAt(entry, 'size') ?? numberAt(entry, 'size')?.toString();
  draft.dataset(name, origin, {
    usage: textsAt(entry, 'usage'),
    ...(sha256 !== undefined && /^[\da-f]{64}$/.test(sha256)
      ? { hashes: [{ algorithm: 'SHA-256' as const, value: sha256 }] }
      : {}),
    ...(licence === undefined ? {} : { licence: licenceNamed(licence) }),
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(version === undefined ? {} : { version }),
    ...(classification === undefined ? {} : { classification }),
    ...(sensitive.length === 0 ? {} : { sensitiveData: sensitive }),
    properties: size === undefined ? [] : [{ name: 'weighbridge:dataset:size', value: size }],
  });
}
