import type { Element } from './coverage.ts';
import {
  anyComponent,
  both,
  card,
  either,
  everyDataset,
  has,
  model,
  property,
  reference,
  root,
  workflow,
} from './presence.ts';

/**
 * Regulation (EU) 2024/1689, Article 53(1) and Annex XI, by the mapping of the CycloneDX guide to ML-BOMs. Whether a model
 * is a general-purpose AI model, whether an exemption holds (Article 53(2)), and whether what stands there is enough, is for
 * people to say: this counts only what has something in its place.
 */
export const annexXi: readonly Element[] = [
  {
    id: 'XI-1.1a',
    title: 'Tasks, and systems that it can be integrated in',
    present: both(card('modelParameters', 'task'), card('considerations', 'useCases')),
    fill: 'intended_uses',
  },
  {
    id: 'XI-1.1b',
    title: 'Acceptable use policies',
    present: reference(['documentation'], /usage policy/i),
    fill: 'usage_policy',
  },
  { id: 'XI-1.1c-date', title: 'Date of release', present: model('releaseNotes', 'timestamp'), fill: 'release_date' },
  {
    id: 'XI-1.1c-distribution',
    title: 'Methods of distribution',
    present: reference(['distribution', 'distribution-intake', 'source-distribution']),
  },
  {
    id: 'XI-1.1d-architecture',
    title: 'Architecture',
    present: either(card('modelParameters', 'architectureFamily'), card('modelParameters', 'modelArchitecture')),
    fill: 'architecture',
  },
  { id: 'XI-1.1d-parameters', title: 'Number of parameters', present: property('weighbridge:parameters') },
  {
    id: 'XI-1.1e',
    title: 'Modality and format of inputs and outputs',
    present: both(card('modelParameters', 'inputs'), card('modelParameters', 'outputs')),
    fill: 'pipeline_tag',
  },
  { id: 'XI-1.1f', title: 'Licence', present: model('licenses'), fill: 'license' },
  {
    id: 'XI-1.2a',
    title: 'Technical means of integration',
    present: either(anyComponent('library', 'framework'), reference(['documentation'])),
    fill: 'requirements.txt',
  },
  {
    id: 'XI-1.2b',
    title: 'Training methods, key design choices and assumptions',
    present: either(card('modelParameters', 'approach'), property('weighbridge:hyperparameter:'), root('formulation')),
  },
  {
    id: 'XI-1.2c-data',
    title: 'Data used for training, testing and validation',
    present: card('modelParameters', 'datasets'),
    fill: 'datasets',
  },
  {
    id: 'XI-1.2c-provenance',
    title: 'Provenance of the data',
    present: everyDataset((each) => has('externalReferences')(each) || has('hashes')(each)),
    fill: 'datasets',
  },
  {
    id: 'XI-1.2d-compute',
    title: 'Computational resources',
    present: workflow('resourceReferences', 'weighbridge:training:total_flos', 'weighbridge:training:training-compute'),
    fill: 'training_compute_flops',
  },
  {
    id: 'XI-1.2d-time',
    title: 'Training time',
    present: workflow('timeEnd', 'weighbridge:training:train_runtime', 'weighbridge:training:training-hours'),
    fill: 'training_hours',
  },
  {
    id: 'XI-1.2e',
    title: 'Energy consumption',
    present: either(
      card('considerations', 'environmentalConsiderations'),
      workflow('-', 'weighbridge:training:energy'),
    ),
    fill: 'co2_eq_emissions',
  },
  {
    id: 'XI-2.1',
    title: 'Evaluation strategies and results (models with systemic risk)',
    present: card('quantitativeAnalysis'),
    fill: 'model-index',
  },
  {
    id: 'XI-2.2',
    title: 'Adversarial testing, alignment and fine-tuning (models with systemic risk)',
    present: either(
      root('declarations'),
      card('considerations', 'fairnessAssessments'),
      reference(['adversary-model', 'pentest-report']),
    ),
  },
  {
    id: 'XI-2.3',
    title: 'System architecture (models with systemic risk)',
    present: both(root('dependencies'), root('compositions')),
  },
  {
    id: '53-1c',
    title: 'Policy to comply with copyright law',
    present: reference(['documentation', 'license'], /copyright/i),
    fill: 'copyright_policy',
  },
  {
    id: '53-1d',
    title: 'Public summary of the training content',
    present: reference(['documentation', 'evidence'], /training (?:content|data)/i),
    fill: 'training_summary',
  },
];
