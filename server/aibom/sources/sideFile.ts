import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import { licenceNamed } from '../licence/licenceNames.ts';
import { sideFileName } from '../names.ts';
import type { Consideration, Origin } from '../record.ts';
import { listAt, numberAt, textAt, textsAt, type Value } from '../values.ts';
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
  for (const author of textsAt(values, 'authors')) draft.authors.push({ value: author, origin: from('authors') });
  for (const [key, group] of considerations)
    for (const text of textsAt(values, key)) draft.consider(group, text, from(key));
  const policy = textAt(values, 'usage_policy');
  if (policy !== undefined)
    draft.reference({ type: 'documentation', url: policy, comment: 'Usage policy', origin: from('usage_policy') });
  const copyright = textAt(values, 'copyright_policy');
  if (copyright !== undefined)
    draft.reference({
      type: 'documentation',
      url: copyright,
      comment: 'Copyright policy',
      origin: from('copyright_policy'),
    });
  for (const key of ['training_compute_flops', 'training_hours', 'energy_kwh'])
    draft.training(key.replace(/_/g, '-'), numberAt(values, key), from(key));
  for (const entry of listAt(values, 'datasets')) readDataset(entry, draft, from('datasets'));
  readFrontMatter(values, draft, from);
}

const considerations: [string, Consideration][] = [
  ['users', 'users'],
  ['intended_uses', 'useCases'],
  ['limitations', 'technicalLimitations'],
  ['tradeoffs', 'performanceTradeoffs'],
  ['ethical_considerations', 'ethicalConsiderations'],
];

function readNames(values: Value, draft: Draft, from: (key: string) => Origin): void {
  const name = textAt(values, 'name');
  const version = textAt(values, 'version') ?? numberAt(values, 'version')?.toString();
  const group = textAt(values, 'group');
  if (name !== undefined)
    draft.names.push({
      name,
      ...(group ? { group } : {}),
      ...(version ? { version } : {}),
      confidence: 1,
      origin: from('name'),
    });
}

/** `- name: ..., url: ..., sha256: ..., license: ..., description: ...`. */
function readDataset(entry: Value, draft: Draft, origin: Origin): void {
  const name = textAt(entry, 'name');
  if (name === undefined) return;
  const sha256 = textAt(entry, 'sha256')?.toLowerCase();
  const licence = textAt(entry, 'license');
  const url = textAt(entry, 'url');
  const description = textAt(entry, 'description');
  const version = textAt(entry, 'version') ?? numberAt(entry, 'version')?.toString();
  draft.dataset(name, origin, {
    usage: textsAt(entry, 'usage'),
    ...(sha256 !== undefined && /^[\da-f]{64}$/.test(sha256)
      ? { hashes: [{ algorithm: 'SHA-256' as const, value: sha256 }] }
      : {}),
    ...(licence === undefined ? {} : { licence: licenceNamed(licence) }),
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    ...(version === undefined ? {} : { version }),
  });
}
