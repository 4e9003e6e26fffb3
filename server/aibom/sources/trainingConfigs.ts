import type { Draft } from '../draft.ts';
import type { Origin } from '../record.ts';
import { at, entriesAt, listAt, textAt, textsAt, type Value } from '../values.ts';
import { hubDataset } from './hub.ts';

/** Keys of training configurations that are credentials, or say nothing of the training. */
const neverTaken = /token|secret|password|api_?key|credential|wandb_|hub_|_dir$|^output_dir$|logging_dir|run_name/i;
const valueLength = 500;

/** Settings of a configuration, each a hyperparameter; nested ones with dotted names. */
export function takeSettings(
  config: Value | undefined,
  draft: Draft,
  file: string,
  leaveOut: RegExp,
  prefix = '',
  depth = 0,
): void {
  for (const [key, value] of entriesAt(config)) {
    const name = `${prefix}${key}`;
    if (neverTaken.test(key) || leaveOut.test(name)) continue;
    const origin: Origin = { file, at: name, technique: 'manifest-analysis' };
    if (value === null) continue;
    if (typeof value !== 'object')
      draft.hyperparameter(name, typeof value === 'string' ? value.slice(0, valueLength) : value, origin);
    else if (Array.isArray(value)) {
      const plain = value.filter((each) => typeof each === 'string' || typeof each === 'number');
      if (plain.length > 0 && plain.length === value.length)
        draft.hyperparameter(name, plain.join(', ').slice(0, valueLength), origin);
    } else if (depth < 3) takeSettings(value, draft, file, leaveOut, `${name}.`, depth + 1);
  }
}

/** https://docs.axolotl.ai/docs/config-reference.html */
export function readAxolotl(config: Value | undefined, file: string, draft: Draft): void {
  const origin = (key: string): Origin => ({ file, at: key, technique: 'manifest-analysis' });
  const base = textAt(config, 'base_model');
  const revision = textAt(config, 'revision_of_model');
  const adapter = textAt(config, 'adapter');
  if (base !== undefined) {
    draft.baseModel(
      { name: base, relation: adapter === undefined ? 'finetune' : 'adapter', ...(revision ? { revision } : {}) },
      origin('base_model'),
    );
  }
  for (const key of ['datasets', 'test_datasets', 'pretraining_dataset']) {
    const entries = listAt(config, key).concat(textsAt(config, key));
    for (const entry of entries) {
      const name = typeof entry === 'string' ? entry : textAt(entry, 'path');
      if (name === undefined) continue;
      const properties = ['name', 'type', 'split', 'data_files', 'ds_type'].flatMap((field) => {
        const value = textAt(entry, field);
        return value === undefined ? [] : [{ name: `weighbridge:dataset:${field}`, value }];
      });
      draft.dataset(name, origin(key), {
        usage: [key === 'test_datasets' ? 'test' : 'train'],
        ...hubDataset(name, textAt(entry, 'revision')),
        properties,
      });
    }
  }
  draft.library({
    name: 'axolotl',
    ...(textAt(config, 'axolotl_version') ? { version: textAt(config, 'axolotl_version') ?? '' } : {}),
    origin: origin('base_model'),
  });
  takeSettings(config, draft, file, /^(?:base_model|datasets|test_datasets|pretraining_dataset|revision_of_model)\b/);
}

/** https://github.com/hiyouga/LLaMA-Factory: training arguments in YAML. */
function readLlamaFactory(config: Value | undefined, file: string, draft: Draft): void {
  const origin = (key: string): Origin => ({ file, at: key, technique: 'manifest-analysis' });
  const base = textAt(config, 'model_name_or_path');
  const revision = textAt(config, 'model_revision');
  const lora = /lora|qlora/i.test(textAt(config, 'finetuning_type') ?? '');
  if (base !== undefined)
    draft.baseModel(
      { name: base, relation: lora ? 'adapter' : 'finetune', ...(revision ? { revision } : {}) },
      origin('model_name_or_path'),
    );
  for (const [key, usage] of [
    ['dataset', 'train'],
    ['eval_dataset', 'test'],
  ] as const) {
    for (const written of textsAt(config, key).flatMap((each) => each.split(','))) {
      const name = written.trim();
      draft.dataset(name, origin(key), { usage: [usage], ...(name.includes('/') ? hubDataset(name) : {}) });
    }
  }
  const stage = textAt(config, 'stage');
  if (stage === 'ppo' || stage === 'dpo' || stage === 'kto')
    draft.set('approach', 'reinforcement-learning', origin('stage'));
  else if (stage === 'sft' || stage === 'rm') draft.set('approach', 'supervised', origin('stage'));
  else if (stage === 'pt') draft.set('approach', 'self-supervised', origin('stage'));
  draft.library({ name: 'llamafactory', origin: origin('stage') });
  takeSettings(config, draft, file, /^(?:model_name_or_path|dataset|eval_dataset|model_revision)$/);
}

/** Reads a YAML or JSON file as the training configuration that its keys say it is; nothing where they say none. */
export function readTrainingConfig(config: Value | undefined, file: string, draft: Draft): void {
  const has = (...keys: string[]) => keys.every((key) => at(config, key) !== undefined);
  if (has('base_model', 'datasets')) readAxolotl(config, file, draft);
  else if (has('model_name_or_path', 'stage') || has('model_name_or_path', 'finetuning_type'))
    readLlamaFactory(config, file, draft);
  else if (has('learning_rate', 'output_dir') || has('per_device_train_batch_size'))
    takeSettings(config, draft, file, /^$/);
}
