import { percentEncoded, wellFormed } from '../../files/diskPath.ts';
import {
  ComponentType,
  ExternalReferenceType,
  HashAlgorithm,
  LicenseAcknowledgement,
  Vulnerability as VulnerabilityEnums,
} from '@cyclonedx/cyclonedx-library/Enums';
import * as Models from '@cyclonedx/cyclonedx-library/Models';

import { normalisedName } from '../draft.ts';
import type {
  BaseModel,
  DatasetRecord,
  FileRecord,
  LibraryRecord,
  Licence,
  NamedValue,
  Reference,
  Sourced,
  VulnerabilityRecord,
} from '../record.ts';
import { hubPurl } from '../sources/hub.ts';
import { MlComponent } from './mlComponent.ts';
import { sorted } from './modelCard.ts';
import { inWords } from './provenance.ts';

/** Properties in an order that is the same on every machine. */
export function addProperties(
  holder: { properties: Models.PropertyRepository },
  properties: readonly NamedValue[],
): void {
  for (const { name, value } of sorted([...properties])) holder.properties.add(new Models.Property(name, value));
}

export function licenceModel(licence: Licence, how: 'declared' | 'concluded'): Models.License {
  const acknowledgement = how === 'declared' ? LicenseAcknowledgement.Declared : LicenseAcknowledgement.Concluded;
  const options = { acknowledgement, ...(licence.url === undefined ? {} : { url: licence.url }) };
  return licence.id === null
    ? new Models.NamedLicense(licence.name, options)
    : new Models.SpdxLicense(licence.id, options);
}

const referenceTypes: Record<Reference['type'], ExternalReferenceType> = {
  distribution: ExternalReferenceType.Distribution,
  documentation: ExternalReferenceType.Documentation,
  license: ExternalReferenceType.License,
  'model-card': ExternalReferenceType.ModelCard,
  vcs: ExternalReferenceType.VCS,
  website: ExternalReferenceType.Website,
  'digital-signature': ExternalReferenceType.DigitalSignature,
  evidence: ExternalReferenceType.Evidence,
  'rfc-9116': ExternalReferenceType.RFC9116,
};

export function externalReference({ type, url, comment }: Reference): Models.ExternalReference {
  return new Models.ExternalReference(url, referenceTypes[type], comment === undefined ? {} : { comment });
}

/** A file of the model, below the model's own component. */
export function fileComponent(file: FileRecord, modelRef: string): Models.Component {
  const properties = [
    { name: 'weighbridge:size', value: String(file.size) },
    { name: 'weighbridge:role', value: file.role },
    ...(file.format === null ? [] : [{ name: 'weighbridge:format', value: file.format }]),
    ...(file.pointer ? [{ name: 'weighbridge:git-lfs-pointer', value: 'true' }] : []),
    ...file.properties,
  ];
  const component = new Models.Component(ComponentType.File, wellFormed(file.path), {
    bomRef: `${modelRef}#${percentEncoded(file.path)}`,
    hashes: new Models.HashDictionary(file.sha256 === null ? [] : [[HashAlgorithm['SHA-256'], file.sha256]]),
  });
  addProperties(component, properties);
  return component;
}

const isHubName = (name: string): boolean => /^[\w.-]+\/[\w.-]+$/.test(name) && !name.startsWith('.');

/** What the model was made from: a component that the model depends on. */
export function baseModelComponent({ value, origin }: Sourced<BaseModel>): Models.Component {
  const [group, name] = isHubName(value.name) ? value.name.split('/') : [undefined, value.name];
  const purl = isHubName(value.name) ? hubPurl(value.name, value.revision) : undefined;
  const component = new Models.Component(ComponentType.MachineLearningModel, name ?? value.name, {
    bomRef: purl ?? `base-model:${percentEncoded(value.name)}`,
    ...(group === undefined ? {} : { group }),
    ...(value.revision === undefined ? {} : { version: value.revision }),
    ...(purl === undefined ? {} : { purl }),
  });
  addProperties(component, [
    { name: 'weighbridge:source', value: inWords(origin) },
    ...(value.relation === undefined ? [] : [{ name: 'weighbridge:relation', value: value.relation }]),
  ]);
  if (purl !== undefined) {
    component.externalReferences.add(
      new Models.ExternalReference(`https://huggingface.co/${value.name}`, ExternalReferenceType.Distribution),
    );
  }
  return component;
}

/** A dataset, as the guide to ML-BOMs wants it: a component of its own, which the model card refers to. */
export function datasetComponent(dataset: DatasetRecord): MlComponent {
  const component = new MlComponent(ComponentType.Data, dataset.name, {
    bomRef: `dataset:${percentEncoded(dataset.name)}`,
    ...(dataset.version === undefined ? {} : { version: dataset.version }),
    ...(dataset.description === undefined ? {} : { description: dataset.description }),
    hashes: new Models.HashDictionary(dataset.hashes.map(({ algorithm, value }) => [HashAlgorithm[algorithm], value])),
  });
  if (dataset.licence) component.licenses.add(licenceModel(dataset.licence, 'declared'));
  const properties = [
    ...dataset.properties,
    ...(dataset.usage.length > 0
      ? [{ name: 'weighbridge:dataset:usage', value: [...dataset.usage].sort().join(', ') }]
      : []),
    { name: 'weighbridge:source', value: inWords(dataset.origin) },
  ];
  addProperties(component, properties);
  if (dataset.url !== undefined)
    component.externalReferences.add(new Models.ExternalReference(dataset.url, ExternalReferenceType.Distribution));
  const owner =
    dataset.url?.startsWith('https://huggingface.co/') && isHubName(dataset.name)
      ? dataset.name.split('/')[0]
      : undefined;
  component.more.data = [
    {
      type: 'dataset',
      name: dataset.name,
      ...(dataset.url === undefined ? {} : { contents: { url: dataset.url } }),
      ...(dataset.classification === undefined ? {} : { classification: dataset.classification }),
      ...(dataset.sensitiveData === undefined ? {} : { sensitiveData: dataset.sensitiveData }),
      ...(owner === undefined ? {} : { governance: { owners: [{ organization: { name: owner } }] } }),
    },
  ];
  return component;
}

/** The address of a Python package: `pkg:pypi/torch@2.5.1`. */
export function packageAddress({ name, version }: Pick<LibraryRecord, 'name' | 'version'>): string {
  const pinned = version === undefined ? '' : `@${encodeURIComponent(version)}`;
  return `pkg:pypi/${encodeURIComponent(normalisedName(name))}${pinned}`;
}

/** A vulnerability of packages that are components of the document; of others nothing is said. */
export function vulnerability(
  record: VulnerabilityRecord,
  refs: ReadonlyMap<string, Models.BomRef>,
): Models.Vulnerability.Vulnerability {
  const { id, aliases, source, severity, summary, affects } = record;
  const from = new Models.Vulnerability.Source({
    name: source.name,
    ...(source.url === undefined ? {} : { url: source.url }),
  });
  const made = new Models.Vulnerability.Vulnerability({
    id,
    source: from,
    ...(summary === undefined ? {} : { description: summary }),
  });
  if (severity !== undefined)
    made.ratings.add(new Models.Vulnerability.Rating({ source: from, severity: severities[severity] }));
  for (const alias of [...aliases].sort()) made.references.add(new Models.Vulnerability.Reference(alias, from));
  for (const address of [...new Set(affects)].sort()) {
    const ref = refs.get(address);
    if (ref) made.affects.add(new Models.Vulnerability.Affect(ref));
  }
  return made;
}

const severities = {
  critical: VulnerabilityEnums.Severity.Critical,
  high: VulnerabilityEnums.Severity.High,
  medium: VulnerabilityEnums.Severity.Medium,
  low: VulnerabilityEnums.Severity.Low,
};

/** A Python package of the model's environment. */
export function libraryComponent(library: LibraryRecord): Models.Component {
  const name = normalisedName(library.name);
  const purl = packageAddress(library);
  const component = new Models.Component(
    frameworks.has(name) ? ComponentType.Framework : ComponentType.Library,
    library.name,
    {
      bomRef: purl,
      purl,
      ...(library.version === undefined ? {} : { version: library.version }),
    },
  );
  // A lock names every distribution of a version; which of them was installed is not known, so none is the component's hash.
  addProperties(component, [
    { name: 'weighbridge:source', value: inWords(library.origin) },
    ...(library.hashes ?? []).map((value) => ({ name: 'weighbridge:distribution-hash', value })),
  ]);
  return component;
}

const frameworks = new Set([
  'torch',
  'tensorflow',
  'jax',
  'flax',
  'keras',
  'transformers',
  'diffusers',
  'peft',
  'scikit-learn',
  'xgboost',
  'lightgbm',
  'mlflow',
  'axolotl',
  'llamafactory',
  'trl',
  'sentence-transformers',
]);
