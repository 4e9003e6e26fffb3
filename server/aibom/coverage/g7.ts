import type { Element } from './coverage.ts';
import {
  anyComponent,
  both,
  card,
  dataField,
  datasetProperty,
  either,
  everyDataset,
  has,
  hashed,
  model,
  property,
  reference,
  root,
  workflow,
} from './presence.ts';

/**
 * The 50 elements in seven clusters of "SBOM for AI - Minimum Elements" (G7 Cybersecurity Working Group, May 2026), with
 * the place in CycloneDX for each. None is required by the publication, so this is a meter.
 */
export const g7: readonly Element[] = [
  {
    id: 'metadata-author',
    title: 'SBOM author',
    present: either(root('metadata', 'authors'), root('metadata', 'manufacturer'), root('metadata', 'supplier')),
    fill: '--author',
  },
  { id: 'metadata-version', title: 'SBOM version', present: root('version') },
  { id: 'metadata-format', title: 'Data format name', present: root('bomFormat') },
  { id: 'metadata-format-version', title: 'Data format version', present: root('specVersion') },
  {
    id: 'metadata-signature',
    title: 'Author signature',
    present: either(root('signature'), reference(['digital-signature', 'electronic-signature'])),
    fill: 'weighbridge aibom sign',
  },
  { id: 'metadata-tool', title: 'Tool name', present: root('metadata', 'tools') },
  {
    id: 'metadata-tool-version',
    title: 'Tool version',
    present: ({ root: bom }) =>
      JSON.stringify((bom['metadata'] as Record<string, unknown> | undefined)?.['tools'] ?? '').includes('"version"'),
  },
  { id: 'metadata-context', title: 'Generation context', present: root('metadata', 'lifecycles') },
  { id: 'metadata-timestamp', title: 'Timestamp', present: root('metadata', 'timestamp') },
  { id: 'metadata-dependencies', title: 'Dependency relationship', present: root('dependencies') },

  { id: 'system-name', title: 'System name', present: model('name') },
  { id: 'system-components', title: 'System components', present: either(root('components'), model('components')) },
  {
    id: 'system-producer',
    title: 'System producer',
    present: either(model('supplier'), model('manufacturer'), model('authors')),
    fill: 'supplier',
  },
  { id: 'system-version', title: 'System version', present: model('version'), fill: 'version' },
  {
    id: 'system-timestamp',
    title: 'System timestamp',
    present: model('releaseNotes', 'timestamp'),
    fill: 'release_date',
  },
  { id: 'system-data-flow', title: 'Data flow', present: either(root('formulation'), root('services')) },
  {
    id: 'system-data-usage',
    title: 'Data usage',
    present: everyDataset(datasetProperty('weighbridge:dataset:usage')),
    fill: 'datasets',
  },
  {
    id: 'system-io',
    title: 'Input and output properties',
    present: both(card('modelParameters', 'inputs'), card('modelParameters', 'outputs')),
    fill: 'pipeline_tag',
  },
  {
    id: 'system-application',
    title: 'Intended application area',
    present: card('considerations', 'useCases'),
    fill: 'intended_uses',
  },

  { id: 'model-name', title: 'Model name', present: model('name') },
  {
    id: 'model-identifier',
    title: 'Model identifier',
    present: either(model('purl'), model('cpe'), model('swhid'), property('weighbridge:digest')),
  },
  { id: 'model-version', title: 'Model version', present: model('version'), fill: 'version' },
  {
    id: 'model-timestamp',
    title: 'Model timestamp',
    present: either(model('releaseNotes', 'timestamp'), workflow('timeEnd')),
    fill: 'release_date',
  },
  {
    id: 'model-producer',
    title: 'Model producer',
    present: either(model('supplier'), model('manufacturer'), model('authors')),
    fill: 'supplier',
  },
  { id: 'model-description', title: 'Model description', present: model('description'), fill: 'description' },
  { id: 'model-hash', title: 'Model hash value', present: hashed },
  { id: 'model-hash-algorithm', title: 'Model hash algorithm', present: hashed },
  {
    id: 'model-properties',
    title: 'Model properties',
    present: either(card('modelParameters', 'architectureFamily'), card('modelParameters', 'modelArchitecture')),
    fill: 'architecture',
  },
  {
    id: 'model-io',
    title: 'Model input and output properties',
    present: both(card('modelParameters', 'inputs'), card('modelParameters', 'outputs')),
    fill: 'pipeline_tag',
  },
  {
    id: 'model-training',
    title: 'Training properties',
    present: either(property('weighbridge:hyperparameter:'), root('formulation'), card('modelParameters', 'approach')),
  },
  { id: 'model-licence', title: 'Model license', present: model('licenses'), fill: 'license' },
  { id: 'model-references', title: 'External references', present: model('externalReferences') },

  { id: 'data-name', title: 'Dataset name', present: everyDataset(has('name')), fill: 'datasets' },
  {
    id: 'data-description',
    title: 'Dataset description',
    present: everyDataset(dataField('description')),
    fill: 'datasets',
  },
  { id: 'data-content', title: 'Dataset content', present: everyDataset(dataField('contents')), fill: 'datasets' },
  {
    id: 'data-identifier',
    title: 'Dataset identifier',
    present: everyDataset((each) => has('bom-ref')(each) || has('purl')(each)),
    fill: 'datasets',
  },
  { id: 'data-hash', title: 'Dataset hash', present: everyDataset(has('hashes')), fill: 'datasets' },
  {
    id: 'data-provenance',
    title: 'Dataset provenance',
    present: everyDataset(
      (each) => has('externalReferences')(each) || dataField('governance')(each) || has('pedigree')(each),
    ),
    fill: 'datasets',
  },
  {
    id: 'data-statistics',
    title: 'Statistical properties',
    present: everyDataset((each) => datasetProperty('weighbridge:dataset:size')(each) || dataField('graphics')(each)),
    fill: 'datasets',
  },
  {
    id: 'data-sensitivity',
    title: 'Dataset sensitivity',
    present: everyDataset((each) => dataField('sensitiveData')(each) || dataField('classification')(each)),
    fill: 'datasets',
  },
  {
    id: 'data-dependency',
    title: 'Dependency relationship of datasets',
    present: both(card('modelParameters', 'datasets'), root('dependencies')),
    fill: 'datasets',
  },
  { id: 'data-licence', title: 'Dataset license', present: everyDataset(has('licenses')), fill: 'datasets' },

  {
    id: 'infrastructure-software',
    title: 'Software',
    present: anyComponent('library', 'framework', 'operating-system', 'container'),
    fill: 'requirements.txt',
  },
  {
    id: 'infrastructure-hardware',
    title: 'Hardware',
    present: either(anyComponent('device', 'platform'), card('considerations', 'environmentalConsiderations')),
    fill: 'hardware',
  },

  {
    id: 'security-controls',
    title: 'Security controls',
    present: either(root('declarations'), ({ files }) =>
      files.some(({ value }) => JSON.stringify(value['properties'] ?? '').includes('weighbridge:finding:')),
    ),
  },
  { id: 'security-compliance', title: 'Compliance', present: either(root('declarations'), root('definitions')) },
  {
    id: 'security-policy',
    title: 'Cybersecurity policy information',
    present: reference(['rfc-9116', 'security-contact']),
    fill: 'security_policy',
  },
  {
    id: 'security-vulnerabilities',
    title: 'Vulnerability referencing',
    present: either(
      root('vulnerabilities'),
      reference(['vulnerability-assertion', 'exploitability-statement', 'advisories']),
    ),
  },

  {
    id: 'kpi-security',
    title: 'Security metrics',
    present: reference(['pentest-report', 'dynamic-analysis-report', 'adversary-model', 'static-analysis-report']),
  },
  {
    id: 'kpi-performance',
    title: 'Operational performance',
    present: card('quantitativeAnalysis'),
    fill: 'model-index',
  },
];
