import { createHash } from 'node:crypto';
import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import type { Origin } from '../record.ts';
import { at, listAt, numberAt, textAt, textsAt, type Value } from '../values.ts';

/** Reads config.json and its siblings, as transformers, diffusers and PEFT write them. */
export function readConfigs(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.matching(/^(?:[^/]+\/)?adapter_config\.json$/)) readAdapter(folder.json(path), path, draft);
  for (const path of folder.matching(/^config\.json$/)) readConfig(folder.json(path), path, folder, draft);
  for (const path of folder.matching(/^model_index\.json$/)) readPipeline(folder.json(path), path, draft);
  for (const path of folder.matching(/^(?:tokenizer_config\.json|chat_template\.(?:json|jinja))$/))
    readTokenizer(path, folder, draft);
  for (const path of folder.matching(/^(?:quantize_config|quantization_config)\.json$/))
    readQuantisation(folder.json(path), path, draft);
  for (const path of folder.matching(/^config_sentence_transformers\.json$/)) {
    for (const name of ['sentence_transformers', 'transformers', 'pytorch']) {
      const version = textAt(folder.json(path), '__version__', name);
      if (version !== undefined)
        draft.library({
          name: name === 'pytorch' ? 'torch' : name.replace('_', '-'),
          version,
          origin: origin(path, '__version__'),
        });
    }
  }
}

const origin = (file: string, at: string): Origin => ({ file, at, technique: 'manifest-analysis' });

function readConfig(config: Value | undefined, path: string, folder: ModelFolder, draft: Draft): void {
  if (config === undefined) return;
  const from = (key: string) => origin(path, key);
  draft.set('family', textAt(config, 'model_type'), from('model_type'));
  draft.set('architecture', textsAt(config, 'architectures').join(', '), from('architectures'));
  const transformers = textAt(config, 'transformers_version');
  if (transformers !== undefined)
    draft.library({ name: 'transformers', version: transformers, origin: from('transformers_version') });
  const dtype = textAt(config, 'torch_dtype') ?? textAt(config, 'dtype');
  draft.fact('weighbridge:config:dtype', dtype, from('torch_dtype'));
  for (const key of ['max_position_embeddings', 'n_positions', 'n_ctx', 'max_seq_len', 'model_max_length']) {
    const length = numberAt(config, key) ?? numberAt(config, 'text_config', key);
    if (length !== undefined) draft.fact('weighbridge:context-length', length, from(key));
  }
  for (const key of [
    'vocab_size',
    'hidden_size',
    'num_hidden_layers',
    'num_attention_heads',
    'num_key_value_heads',
    'intermediate_size',
    'num_local_experts',
  ]) {
    draft.fact(`weighbridge:config:${key}`, numberAt(config, key) ?? numberAt(config, 'text_config', key), from(key));
  }
  readQuantisation(at(config, 'quantization_config'), path, draft, 'quantization_config.');
  const code = at(config, 'auto_map');
  if (code !== undefined && code !== null) draft.fact('weighbridge:custom-code', 'auto_map', from('auto_map'));
  // What the model was loaded from: its own name on the Hub, its base, or a path of the machine that trained it.
  const loaded = textAt(config, '_name_or_path');
  if (loaded !== undefined) readLoadedFrom(loaded, folder, draft, from('_name_or_path'));
  const [, head] = /For([A-Z]\w+)$/.exec(textsAt(config, 'architectures')[0] ?? '') ?? [];
  draft.set('task', taskOf(head, textAt(config, 'model_type') ?? ''), from('architectures'));
  const labels = at(config, 'id2label');
  if (labels !== null && typeof labels === 'object' && /Classification$/.test(head ?? ''))
    draft.set('approach', 'supervised', from('architectures'));
}

/**
 * `_name_or_path` is what `from_pretrained` was given before the model was saved. In a fine-tuned model that is the base
 * model, and taking it for the model's own name is how bills of materials come to describe another model.
 */
function readLoadedFrom(loaded: string, folder: ModelFolder, draft: Draft, from: Origin): void {
  if (!/^[\w.-]+\/[\w.-]+$/.test(loaded) || loaded.startsWith('./') || loaded.startsWith('../')) {
    if (/^[\w.-]+$/.test(loaded) && loaded.toLowerCase() !== folder.name.toLowerCase())
      draft.baseModel({ name: loaded }, from);
    return;
  }
  const own = loaded.split('/')[1]?.toLowerCase() === folder.name.toLowerCase();
  const isBase = draft.baseModels.some(({ value }) => value.name === loaded);
  if (own && !isBase)
    draft.names.push({
      group: loaded.split('/')[0] ?? '',
      name: loaded.split('/')[1] ?? '',
      registry: true,
      confidence: 0.7,
      origin: from,
    });
  else draft.baseModel({ name: loaded }, from);
}

const heads: Record<string, string> = {
  CausalLM: 'text-generation',
  MaskedLM: 'fill-mask',
  SequenceClassification: 'text-classification',
  TokenClassification: 'token-classification',
  QuestionAnswering: 'question-answering',
  ConditionalGeneration: 'text2text-generation',
  ImageClassification: 'image-classification',
  ObjectDetection: 'object-detection',
  SemanticSegmentation: 'image-segmentation',
  AudioClassification: 'audio-classification',
  CTC: 'automatic-speech-recognition',
  SpeechSeq2Seq: 'automatic-speech-recognition',
};

/** Models that generate text from something else share a head with those that generate it from text. */
function taskOf(head: string | undefined, type: string): string | undefined {
  if (head === 'ConditionalGeneration' && /whisper|speech|wav2vec/.test(type)) return 'automatic-speech-recognition';
  if (head === 'ConditionalGeneration' && /vision|blip|llava|vl$|_vl|git|paligemma|pix2struct|idefics|image/.test(type))
    return 'image-text-to-text';
  return head === undefined ? undefined : heads[head];
}

function readAdapter(config: Value | undefined, path: string, draft: Draft): void {
  if (config === undefined) return;
  const from = (key: string) => origin(path, key);
  const base = textAt(config, 'base_model_name_or_path');
  const revision = textAt(config, 'revision');
  if (base !== undefined)
    draft.baseModel(
      { name: base, relation: 'adapter', ...(revision ? { revision } : {}) },
      from('base_model_name_or_path'),
    );
  draft.set('task', adapterTasks[textAt(config, 'task_type') ?? ''], from('task_type'));
  draft.fact('weighbridge:adapter:type', textAt(config, 'peft_type'), from('peft_type'));
  for (const key of ['r', 'lora_alpha', 'lora_dropout'])
    draft.hyperparameter(`peft.${key}`, numberAt(config, key), from(key));
  draft.hyperparameter(
    'peft.target_modules',
    textsAt(config, 'target_modules').sort().join(', '),
    from('target_modules'),
  );
  draft.library({
    name: 'peft',
    ...(textAt(config, 'peft_version') ? { version: textAt(config, 'peft_version') ?? '' } : {}),
    origin: from('peft_type'),
  });
}

/** PEFT's names of tasks (peft/utils/peft_types.py). */
const adapterTasks: Record<string, string> = {
  CAUSAL_LM: 'text-generation',
  SEQ_CLS: 'text-classification',
  SEQ_2_SEQ_LM: 'text2text-generation',
  TOKEN_CLS: 'token-classification',
  QUESTION_ANS: 'question-answering',
  FEATURE_EXTRACTION: 'feature-extraction',
};

function readPipeline(index: Value | undefined, path: string, draft: Draft): void {
  draft.set('architecture', textAt(index, '_class_name'), origin(path, '_class_name'));
  const version = textAt(index, '_diffusers_version');
  if (version !== undefined) draft.library({ name: 'diffusers', version, origin: origin(path, '_diffusers_version') });
}

function readTokenizer(path: string, folder: ModelFolder, draft: Draft): void {
  const text = folder.text(path);
  const config = path.endsWith('.json') ? folder.json(path) : undefined;
  const template = path.endsWith('.jinja') ? text : chatTemplate(config);
  draft.fact('cdx:ai-ml:model:tokenizer', textAt(config, 'tokenizer_class'), origin(path, 'tokenizer_class'));
  if (template !== undefined) {
    const digest = createHash('sha256').update(template).digest('hex');
    draft.fact('cdx:ai-ml:model:template:chat', `sha256:${digest}`, origin(path, 'chat_template'));
  }
}

function chatTemplate(config: Value | undefined): string | undefined {
  const several = listAt(config, 'chat_template').map((each) => textAt(each, 'template') ?? '');
  return textAt(config, 'chat_template') ?? (several.length > 0 ? several.join('\n') : undefined);
}

function readQuantisation(config: Value | undefined, path: string, draft: Draft, prefix = ''): void {
  if (config === undefined || config === null) return;
  const from = (key: string) => origin(path, `${prefix}${key}`);
  draft.fact('weighbridge:quantisation:method', textAt(config, 'quant_method'), from('quant_method'));
  for (const key of ['bits', 'group_size'])
    draft.fact(`weighbridge:quantisation:${key}`, numberAt(config, key), from(key));
}
