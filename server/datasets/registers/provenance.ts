import { entry } from './entry.ts';
import type { DatasetRegister, RegisteredData, RegisterRecord } from './facts.ts';
import type { ScalarTree } from './scalarTree.ts';
import type { RegisterSource } from './source.ts';
import type { DatasetAlgorithm } from '../hashing/algorithms.ts';

/** Weighbridge's own record beside the data: `provenance.schema.json`. */
export function readProvenance(source: RegisterSource): DatasetRegister | null {
  const { tree } = source;
  if (!tree.at('schemaVersion').exists || !tree.at('datasets').exists) return null;
  const datasets = tree.at('datasets').items();
  const data = datasets.map((dataset) => entryOf(source, dataset));
  const licence = datasets.find((dataset) => dataset.at('source', 'licence').text() === null);
  return {
    kind: 'provenance',
    version: String(tree.at('schemaVersion').scalar?.value ?? ''),
    name: null,
    place: tree.place(),
    data,
    records: datasets.map((dataset, index) => recordOf(dataset, data[index]?.name ?? source.name)),
    licence: {
      found: licence ? null : (datasets[0]?.at('source', 'licence').text() ?? null),
      place: licence?.at('source').exists === true ? licence.at('source').place() : (licence ?? tree).place(),
    },
  };
}

function entryOf(source: RegisterSource, dataset: ScalarTree): RegisteredData {
  const path = dataset.at('path').text();
  const hash = dataset.at('hash');
  const named = hash.at('algorithm').text()?.value ?? '';
  const algorithm: DatasetAlgorithm | null = named === 'sha256' || named === 'sha256-tree' ? named : null;
  const digest = source.digest(hash.at('digest'), algorithm, named);
  return entry(dataset.at('name').text()?.value ?? nameOf(path?.value, source.path), path?.range ?? dataset.place(), {
    path: path?.value ?? null,
    url: dataset.at('source', 'uri').text(),
    pin: dataset.at('source', 'version').text(),
    digests: digest ? [digest] : [],
    size: hash.at('size').number(),
    files: hash.at('files').number(),
    wantsDigest: true,
  });
}

function recordOf(dataset: ScalarTree, name: string): RegisterRecord {
  const [validated, ingested] = [dataset.at('validatedAt'), dataset.at('ingestedBy')];
  return {
    name,
    place: dataset.at('path').scalar?.range ?? dataset.place(),
    parts: {
      source: dataset.at('source', 'uri').text(),
      ingestedBy: ingested.at('agent').text(),
      validatedAt: validated.at('at').text(),
      transforms: dataset.at('transforms').first(),
      hash: dataset.at('hash', 'digest').text(),
    },
    validation: {
      at: validated.at('at').text(),
      until: validated.at('until').text(),
      result: validated.at('result').text(),
    },
    ingestedAt: ingested.at('at').text(),
    classification: dataset.at('classification', 'level').text(),
  };
}

/** What a person calls data that has no name of its own: its path, or the folder that the record stands in. */
function nameOf(path: string | undefined, record: string): string {
  if (path === '.') return record.split('/').at(-2) ?? 'this folder';
  return path ?? 'a dataset';
}
