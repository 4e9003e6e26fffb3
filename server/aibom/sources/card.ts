import { percentEncoded } from '../../files/diskPath.ts';
import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import { licenceOfCard } from '../licence/licenceNames.ts';
import type { Origin } from '../record.ts';
import { at, entriesAt, listAt, numberAt, textAt, textsAt, type Value, yamlValue } from '../values.ts';
import { readAxolotl } from './trainingConfigs.ts';
import { readCardSections } from './cardSections.ts';
import { cardText, fencedBlocks } from './cardText.ts';
import { readModelIndex } from './evaluation.ts';
import { hubDataset } from './hub.ts';

/** README.md as the Hugging Face Hub reads it, or MODEL_CARD.md. */
const cardName = /^(?:readme|model[-_]?card)\.(?:md|markdown)$/i;

/** Reads the model card: front matter first, because people keep it for machines; then the sections. */
export function readCard(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.matching(cardName)) {
    const text = folder.text(path);
    if (text === undefined) continue;
    const card = cardText(text);
    const front = card.frontMatter.trim() === '' ? undefined : yamlValue(card.frontMatter);
    if (front === undefined && card.frontMatter.trim() !== '')
      draft.note(`The front matter of ${path} is not YAML that can be read.`);
    const from = (key: string): Origin => ({ file: path, at: `front matter: ${key}`, technique: 'manifest-analysis' });
    if (front !== undefined) readFrontMatter(front, draft, from);
    readCardSections(path, card.sections, draft);
    for (const block of card.sections.flatMap(({ text: own }) => fencedBlocks(own, /^ya?ml$/i))) {
      const config = yamlValue(block);
      if (at(config, 'base_model') !== undefined && at(config, 'datasets') !== undefined)
        readAxolotl(config, path, draft);
    }
    draft.reference({
      type: 'model-card',
      url: percentEncoded(path),
      origin: { file: path, technique: 'filename' },
    });
  }
}

/** https://huggingface.co/docs/hub/model-cards#model-card-metadata */
export function readFrontMatter(front: Value, draft: Draft, from: (key: string) => Origin): void {
  const name = textAt(front, 'model_name') ?? textAt(front, 'model-index', 0, 'name');
  if (name !== undefined) draft.names.push({ name, confidence: 0.5, origin: from('model-index') });
  for (const licence of licenceOfCard(front)) draft.declaredLicences.push({ value: licence, origin: from('license') });
  readBaseModels(front, draft, from);
  for (const dataset of listAt(front, 'datasets').concat(single(front, 'datasets'))) {
    const written = typeof dataset === 'string' ? dataset : textAt(dataset, 'name');
    if (written !== undefined) {
      draft.dataset(written, from('datasets'), {
        usage: ['train'],
        ...hubDataset(written, textAt(dataset, 'revision')),
      });
    }
  }
  draft.set('task', textAt(front, 'pipeline_tag'), from('pipeline_tag'));
  draft.fact('cdx:ai-ml:model:languages', textsAt(front, 'language').join(', '), from('language'));
  const library = textAt(front, 'library_name');
  if (library !== undefined) draft.library({ name: library, origin: from('library_name') });
  for (const tag of textsAt(front, 'tags')) readTag(tag, draft, from('tags'));
  readEmissions(front, draft, from('co2_eq_emissions'));
  readModelIndex(front, draft, from('model-index'));
}

const single = (front: Value, key: string): Value[] => {
  const value = at(front, key);
  return typeof value === 'string' ? [value] : [];
};

function readBaseModels(front: Value, draft: Draft, from: (key: string) => Origin): void {
  const relation = textAt(front, 'base_model_relation');
  const revision = textAt(front, 'base_model_revision');
  for (const written of textsAt(front, 'base_model')) {
    draft.baseModel(
      { name: written, ...(relation ? { relation } : {}), ...(revision ? { revision } : {}) },
      from('base_model'),
    );
  }
}

function readTag(tag: string, draft: Draft, origin: Origin): void {
  const base = /^base_model:(?:(finetune|adapter|quantized|merge):)?(.+\/.+)$/.exec(tag);
  const dataset = /^dataset:(.+)$/.exec(tag)?.[1];
  const paper = /^arxiv:(\d{4}\.\d{4,5})$/.exec(tag)?.[1];
  if (base) draft.baseModel({ name: base[2] ?? '', ...(base[1] ? { relation: base[1] } : {}) }, origin);
  else if (dataset !== undefined) draft.dataset(dataset, origin, { usage: ['train'], ...hubDataset(dataset) });
  else if (paper !== undefined)
    draft.reference({ type: 'documentation', url: `https://arxiv.org/abs/${paper}`, comment: 'Paper', origin });
  else draft.tags.push({ value: tag, origin });
  if (/^reinforcement-learning$|^deep-reinforcement-learning$/.test(tag))
    draft.set('approach', 'reinforcement-learning', origin);
}

/** Grams, or a mapping (https://huggingface.co/docs/hub/model-cards-co2). CycloneDX' own field wants an energy provider, too. */
function readEmissions(front: Value, draft: Draft, origin: Origin): void {
  const grams = numberAt(front, 'co2_eq_emissions') ?? numberAt(front, 'co2_eq_emissions', 'emissions');
  const add = (name: string, value: string) => draft.environment.push({ value: { name, value }, origin });
  if (grams !== undefined) add('co2-equivalent', `${grams / 1e6} tCO2eq`);
  for (const [key, value] of entriesAt(front, 'co2_eq_emissions')) {
    if (key !== 'emissions' && (typeof value === 'string' || typeof value === 'number'))
      add(key.replace(/_/g, '-'), String(value));
  }
}
