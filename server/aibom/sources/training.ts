import { FileSource } from '../../files/fileSource.ts';
import { openEntry } from '../../formats/inspect.ts';
import { disassemble } from '../../formats/pickle/disassemble.ts';
import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import type { Origin } from '../record.ts';
import { at, listAt, numberAt, textAt, type Value } from '../values.ts';
import { takeSettings, readTrainingConfig } from './trainingConfigs.ts';

/** Opcodes of a pickle of training arguments that are looked at: real ones have some two thousand. */
const mostOpcodes = 20_000;

/** How the model was trained, by what trainers leave beside it. */
export function readTraining(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.matching(/^training_args\.json$/)) takeSettings(folder.json(path), draft, path, /^$/);
  for (const path of folder.matching(/^training_args\.bin$/)) readTrainingArguments(folder, path, draft);
  for (const path of folder.matching(/^(?:[^/]+\/)?[\w.-]+\.ya?ml$/)) {
    if (!/(?:^|\/)(?:conda|python_env|dvc|mlmodel)\b/i.test(path)) readTrainingConfig(folder.yaml(path), path, draft);
  }
  const states = folder.matching(/(?:^|\/)trainer_state\.json$/);
  const last = states.find((path) => path === 'trainer_state.json') ?? states.at(-1);
  if (last !== undefined) readTrainerState(folder.json(last), last, draft);
}

function readTrainerState(state: Value | undefined, path: string, draft: Draft): void {
  const from = (at: string): Origin => ({ file: path, at, technique: 'manifest-analysis' });
  for (const key of [
    'global_step',
    'max_steps',
    'epoch',
    'num_train_epochs',
    'total_flos',
    'train_batch_size',
    'best_metric',
  ]) {
    draft.training(key, numberAt(state, key), from(key));
  }
  draft.training(
    'best_model_checkpoint',
    textAt(state, 'best_model_checkpoint')?.split('/').at(-1),
    from('best_model_checkpoint'),
  );
  const log = listAt(state, 'log_history');
  for (let index = log.length - 1; index >= 0; index--) {
    const loss = numberAt(log[index], 'eval_loss');
    if (loss === undefined) continue;
    draft.metric({ type: 'loss', value: String(loss), slice: 'eval' }, from(`log_history[${index}]`));
    break;
  }
  const runtime = log.map((entry) => numberAt(entry, 'train_runtime')).find((each) => each !== undefined);
  draft.training('train_runtime', runtime, from('log_history'));
  const final = [...log].reverse().find((entry) => at(entry, 'train_loss') !== undefined);
  draft.training('train_loss', numberAt(final, 'train_loss'), from('log_history'));
}

/**
 * training_args.bin is a pickle. It is never loaded: its opcodes are listed, and where the name of a training argument is
 * followed by a constant, that is its value. What the pickle would compute is left out.
 */
function readTrainingArguments(folder: ModelFolder, path: string, draft: Draft): void {
  let source: FileSource;
  try {
    source = new FileSource(folder.absolute(path));
  } catch {
    return;
  }
  try {
    const pickle = ['archive/data.pkl', 'training_args/data.pkl']
      .map((entry) => openEntry(source, path, entry))
      .find((each) => each !== null);
    const { rows } = disassemble(pickle ?? source, 0, mostOpcodes);
    const from: Origin = { file: path, at: 'pickle opcodes, not executed', technique: 'binary-analysis' };
    let name: string | null = null;
    for (const { opcode, argument } of rows) {
      if (/^(?:MEMOIZE|BINPUT|LONG_BINPUT|PUT|FRAME)$/.test(opcode)) continue;
      const constant = constantOf(opcode, argument);
      if (name !== null && constant !== undefined) {
        draft.hyperparameter(name, constant, from);
        name = null;
      } else {
        name = typeof constant === 'string' && trainingArguments.has(constant) ? constant : null;
      }
    }
  } finally {
    source.close();
  }
}

function constantOf(opcode: string, argument: string): string | number | boolean | undefined {
  if (opcode === 'NEWTRUE') return true;
  if (opcode === 'NEWFALSE') return false;
  if (/^(?:BININT1?|BININT2|LONG1|BINFLOAT|FLOAT|INT)$/.test(opcode)) {
    const number = Number(argument);
    return Number.isFinite(number) ? number : undefined;
  }
  if (!/^(?:SHORT_BINUNICODE|BINUNICODE)$/.test(opcode)) return undefined;
  return /^(['"])(.*)\1$/s.exec(argument)?.[2] ?? argument;
}

/** Fields of transformers.TrainingArguments that say how a model was trained. */
const trainingArguments = new Set([
  'learning_rate',
  'per_device_train_batch_size',
  'per_device_eval_batch_size',
  'gradient_accumulation_steps',
  'num_train_epochs',
  'max_steps',
  'weight_decay',
  'adam_beta1',
  'adam_beta2',
  'adam_epsilon',
  'max_grad_norm',
  'warmup_ratio',
  'warmup_steps',
  'seed',
  'data_seed',
  'fp16',
  'bf16',
  'gradient_checkpointing',
  'label_smoothing_factor',
  'neftune_noise_alpha',
]);
