import { percentEncoded } from '../../files/diskPath.ts';
import { ComponentType, LifecyclePhase } from '@cyclonedx/cyclonedx-library/Enums';
import * as Models from '@cyclonedx/cyclonedx-library/Models';
import { JsonSerializer } from '@cyclonedx/cyclonedx-library/Serialize';
import { Spec1dot6, Spec1dot7 } from '@cyclonedx/cyclonedx-library/Spec';
import type { ModelRecord } from '../collect.ts';
import type { NamedValue } from '../record.ts';
import { serialNumberOf } from '../serialNumber.ts';
import { type Plain, MlBom, MlComponent, MlFactory } from './mlComponent.ts';
import { cited, compact, modelCardOf, sorted } from './modelCard.ts';
import {
  baseModelComponent,
  datasetComponent,
  externalReference,
  fileComponent,
  libraryComponent,
  licenceModel,
  addProperties,
  vulnerability,
} from './parts.ts';
import { inWords, Provenance } from './provenance.ts';

export type SpecVersion = '1.6' | '1.7';

export interface WriteOptions {
  spec: SpecVersion;
  tool: { name: string; version: string };
  /** Who the bill of materials is from, when it is not only the tool. */
  author?: string;
}

const toolRef = 'tool:weighbridge';

/** Writes the record as CycloneDX JSON. The same record gives the same bytes. */
export function writeCycloneDx(record: ModelRecord, options: WriteOptions): string {
  const provenance = new Provenance();
  const timestamp = new Date(Math.floor(record.timestamp / 1000) * 1000);
  const bom = new MlBom({ version: 1 });
  const properties: NamedValue[] = [];
  const model = modelComponent(record, provenance, properties);
  bom.metadata = metadataOf(record, options, model, timestamp);
  addRest(bom, model, record, provenance);
  const refs = new Set(record.draft.files.map(({ path }) => path));
  const modelRef = model.bomRef.value ?? '';
  if (options.spec === '1.7') {
    const refOf = (file: string) => (refs.has(file) ? `${modelRef}#${percentEncoded(file)}` : toolRef);
    const citations = provenance.citations(timestamp.toISOString(), refOf);
    if (citations.length > 0) bom.more.citations = citations;
  } else {
    properties.push(...provenance.properties());
  }
  addProperties(model, properties);
  return serialised(bom, options.spec);
}

function serialised(bom: MlBom, spec: SpecVersion): string {
  const serializer = new JsonSerializer(new MlFactory(spec === '1.7' ? Spec1dot7 : Spec1dot6));
  // The lists are in order already; the library would sort them by the rules of the machine's language.
  const text = () => serializer.serialize(bom, { sortLists: false, space: 2 });
  bom.serialNumber = serialNumberOf(JSON.parse(text()));
  return `${text()}\n`;
}

function metadataOf(record: ModelRecord, options: WriteOptions, model: MlComponent, timestamp: Date): Models.Metadata {
  const metadata = new Models.Metadata({ component: model, timestamp });
  metadata.lifecycles.add(LifecyclePhase.PostBuild);
  metadata.tools.components.add(
    new Models.Component(ComponentType.Application, options.tool.name, {
      version: options.tool.version,
      bomRef: toolRef,
    }),
  );
  if (options.author !== undefined) metadata.authors.add(new Models.OrganizationalContact({ name: options.author }));
  addProperties(
    metadata,
    record.draft.notes.map((value) => ({ name: 'weighbridge:note', value })),
  );
  return metadata;
}

function modelComponent(record: ModelRecord, provenance: Provenance, properties: NamedValue[]): MlComponent {
  const { draft, identity } = record;
  const { single } = draft;
  const ref = identity.purl?.replace(/@([\da-f]{7})[\da-f]{33}$/, '@$1') ?? `model:${percentEncoded(identity.name)}`;
  const model = new MlComponent(ComponentType.MachineLearningModel, identity.name, {
    bomRef: ref,
    version: identity.version ?? record.contentVersion,
    ...(identity.group === undefined ? {} : { group: identity.group }),
    ...(identity.purl === undefined ? {} : { purl: identity.purl }),
    ...(single.description === undefined ? {} : { description: single.description.value }),
  });
  const cite = (field: string, origins: readonly { origin: Parameters<Provenance['add']>[1] }[]) => {
    for (const { origin } of origins) provenance.add(`/metadata/component/${field}`, origin);
  };
  const given = <T>(value: T | undefined): T[] => (value === undefined ? [] : [value]);
  cite('description', given(single.description));
  if (single.supplier) {
    model.supplier = new Models.OrganizationalEntity({ name: single.supplier.value });
    cite('supplier', [single.supplier]);
  } else if (identity.group !== undefined) {
    model.supplier = new Models.OrganizationalEntity({ name: identity.group });
    cite('supplier', identity.claims.slice(0, 1));
  }
  if (single.copyright) {
    model.copyright = single.copyright.value;
    cite('copyright', [single.copyright]);
  }
  addLicences(model, record, cite, properties);
  for (const file of draft.files) model.components.add(fileComponent(file, ref));
  for (const reference of sorted([...draft.references])) {
    model.externalReferences.add(externalReference(reference));
    cite('externalReferences', [reference]);
  }
  properties.push({ name: 'weighbridge:digest', value: `sha256:${record.digest}` });
  const [weights, ...more] = draft.files.filter(({ role }) => role === 'weights');
  if (weights?.sha256 && more.length === 0) model.hashes.set('SHA-256' as never, weights.sha256);
  cite('authors', draft.authors);
  cite('tags', draft.tags);
  cite('releaseNotes/timestamp', given(single.released));
  cite('pedigree/ancestors', draft.baseModels);
  model.more = {
    ...(draft.authors.length > 0 ? { authors: draft.authors.map(({ value }) => ({ name: value })) } : {}),
    ...(draft.tags.length > 0 ? { tags: [...new Set(draft.tags.map(({ value }) => value))].sort() } : {}),
    ...(single.released ? { releaseNotes: { type: 'major', timestamp: single.released.value } } : {}),
    ...(draft.baseModels.length > 0 ? { pedigree: pedigreeOf(record) } : {}),
    evidence: evidenceOf(record),
    modelCard: modelCardOf(
      draft,
      draft.datasets.map(({ name }) => `dataset:${percentEncoded(name)}`).sort(),
      provenance,
    ),
  };
  return model;
}

function addLicences(
  model: MlComponent,
  { draft }: ModelRecord,
  cite: (field: string, origins: readonly { origin: Parameters<Provenance['add']>[1] }[]) => void,
  properties: NamedValue[],
): void {
  const declared = unique(draft.declaredLicences.map(({ value }) => value));
  for (const licence of declared) model.licenses.add(licenceModel(licence, 'declared'));
  const vague = declared.every(({ id, name }) => id === null && /^(?:other|custom|see .*)$/i.test(name));
  if (vague)
    for (const licence of unique(draft.foundLicences.map(({ value }) => value)))
      model.licenses.add(licenceModel(licence, 'concluded'));
  cite('licenses', [...draft.declaredLicences, ...draft.foundLicences]);
  for (const { value, origin } of draft.inheritedLicences) {
    properties.push({ name: 'weighbridge:licence:base-model', value: `${value.name} (${inWords(origin)})` });
  }
}

const unique = <T extends { id: string | null; name: string }>(licences: T[]): T[] => [
  ...new Map(licences.map((each) => [each.id ?? each.name, each])).values(),
];

/** The guide to ML-BOMs has the base model among the ancestors; it is a component of its own, too, that others can refer to. */
function pedigreeOf({ draft }: ModelRecord): Plain {
  const ancestors = draft.baseModels.map((base) => {
    const { group, name, version, purl } = baseModelComponent(base);
    return compact({ type: 'machine-learning-model', group, name, version, purl });
  });
  return { ancestors: sorted(ancestors) };
}

function evidenceOf({ identity, draft, contentVersion }: ModelRecord): Plain {
  const methods = identity.claims.map(({ origin, confidence, group, name }) => ({
    technique: origin.technique,
    confidence,
    value: `${group === undefined ? '' : `${group}/`}${name} (${inWords(origin)})`,
  }));
  const [best] = identity.claims;
  const fields: Plain[] = [{ field: 'name', confidence: best?.confidence ?? 0, methods }];
  if (identity.version === undefined) {
    const method = {
      technique: 'hash-comparison',
      confidence: 1,
      value: 'the first 12 digits of the digest of all files',
    };
    fields.push({ field: 'version', confidence: 1, concludedValue: contentVersion, methods: [method] });
  } else if (identity.versionOrigin) {
    const { technique } = identity.versionOrigin;
    const method = { technique, confidence: 1, value: `${identity.version} (${inWords(identity.versionOrigin)})` };
    fields.push({ field: 'version', confidence: 1, concludedValue: identity.version, methods: [method] });
  }
  const licences = unique(draft.foundLicences.map(({ value }) => value)).map(({ id, name }) => ({
    license: id === null ? { name } : { id },
  }));
  return { identity: fields, ...(licences.length > 0 ? { licenses: sorted(licences) } : {}) };
}

/** What stands beside the model, and how it all hangs together. */
function addRest(bom: MlBom, model: MlComponent, record: ModelRecord, provenance: Provenance): void {
  const { draft } = record;
  const modelRef = model.bomRef.value ?? '';
  const add = (component: Models.Component) => {
    bom.components.add(component);
    model.dependencies.add(component.bomRef);
  };
  const components = [
    ...draft.datasets.map(datasetComponent),
    ...draft.baseModels.map(baseModelComponent),
    ...draft.libraries.map(libraryComponent),
  ];
  const ref = (component: Models.Component) => component.bomRef.value ?? '';
  for (const component of components.sort((a, b) => (ref(a) < ref(b) ? -1 : 1))) add(component);
  const refs = new Map(components.map((component) => [ref(component), component.bomRef]));
  for (const record of [...draft.vulnerabilities].sort((a, b) => (a.id < b.id ? -1 : 1)))
    bom.vulnerabilities.add(vulnerability(record, refs));
  bom.more.compositions = [
    { aggregate: record.complete ? 'complete' : 'incomplete', assemblies: [modelRef] },
    { aggregate: 'unknown', dependencies: [modelRef] },
  ];
  const formulation = formulationOf(record, modelRef, provenance);
  if (formulation) bom.more.formulation = [formulation];
}

/** The training run, as a workflow from base models and datasets to the model. */
function formulationOf({ draft }: ModelRecord, modelRef: string, provenance: Provenance): Plain | null {
  const { trainingStart, trainingEnd } = draft.single;
  if (draft.trainingFacts.length === 0 && !trainingStart) return null;
  const at = '/formulation/0/workflows/0';
  if (trainingStart) provenance.add(`${at}/timeStart`, trainingStart.origin);
  if (trainingEnd) provenance.add(`${at}/timeEnd`, trainingEnd.origin);
  const facts = draft.trainingFacts.map(({ value, origin }) => {
    const name = `weighbridge:training:${value.name}`;
    return { entry: { name, value: value.value }, name, origin };
  });
  const inputs = [
    ...draft.datasets
      .filter(({ usage }) => usage.includes('train'))
      .map(({ name }) => `dataset:${percentEncoded(name)}`),
    ...draft.baseModels.map((base) => baseModelComponent(base).bomRef.value ?? ''),
  ].sort();
  const workflow = compact({
    'bom-ref': 'workflow:training',
    uid: 'training',
    name: 'Training',
    taskTypes: ['build'],
    inputs: inputs.map((ref) => ({ resource: { ref } })),
    outputs: [{ type: 'artifact', resource: { ref: modelRef } }],
    timeStart: trainingStart?.value,
    timeEnd: trainingEnd?.value,
    properties: cited(facts, `${at}/properties`, provenance),
  });
  return { 'bom-ref': 'formula:training', workflows: [workflow] };
}
