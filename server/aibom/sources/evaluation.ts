import type { Draft } from '../draft.ts';
import type { ModelFolder } from '../folder.ts';
import type { Origin } from '../record.ts';
import { at, entriesAt, listAt, textAt, type Value } from '../values.ts';

/** `model-index` of a card (https://github.com/huggingface/hub-docs/blob/main/modelcard.md). */
export function readModelIndex(front: Value, draft: Draft, origin: Origin): void {
  for (const model of listAt(front, 'model-index')) {
    for (const result of listAt(model, 'results')) {
      draft.set('task', textAt(result, 'task', 'type'), origin);
      const dataset = [
        textAt(result, 'dataset', 'name') ?? textAt(result, 'dataset', 'type'),
        textAt(result, 'dataset', 'config'),
        textAt(result, 'dataset', 'split'),
      ];
      const slice = dataset.filter((each) => each !== undefined).join(' / ');
      const named = textAt(result, 'dataset', 'type');
      if (named !== undefined && named !== 'unknown') draft.dataset(named, origin, { usage: ['test'] });
      for (const metric of listAt(result, 'metrics')) {
        const value = at(metric, 'value');
        const type = textAt(metric, 'type') ?? textAt(metric, 'name');
        if (type !== undefined && (typeof value === 'number' || typeof value === 'string'))
          draft.metric({ type, value: String(value), ...(slice ? { slice } : {}) }, origin);
      }
    }
  }
}

/** Result files of lm-evaluation-harness, and those that training scripts of transformers write. */
export function readEvaluations(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.matching(/(?:^|\/)results(?:_[\w.T:-]+)?\.json$/))
    readLmEval(folder.json(path), path, draft);
  for (const path of folder.matching(/^(?:eval|test|predict|all)_results\.json$/))
    readTrainerResults(folder.json(path), path, draft);
}

/** `results.<task>` holds `acc,none: 0.5` and `acc_stderr,none: 0.01`; older versions leave out the filter's name. */
function readLmEval(report: Value | undefined, path: string, draft: Draft): void {
  for (const [task, values] of entriesAt(report, 'results')) {
    const origin: Origin = { file: path, at: `results.${task}`, technique: 'manifest-analysis' };
    for (const [key, value] of entriesAt(values)) {
      const [metric = key, filter] = key.split(',');
      if (typeof value !== 'number' || metric.endsWith('_stderr')) continue;
      const error = at(values, filter === undefined ? `${metric}_stderr` : `${metric}_stderr,${filter}`);
      const interval =
        typeof error === 'number' && Number.isFinite(error)
          ? { lower: rounded(value - 1.96 * error), upper: rounded(value + 1.96 * error) }
          : {};
      draft.metric({ type: metric, value: String(value), slice: task, ...interval }, origin);
    }
  }
  const version = textAt(report, 'lm_eval_version');
  if (version !== undefined)
    draft.library({
      name: 'lm-eval',
      version,
      origin: { file: path, at: 'lm_eval_version', technique: 'manifest-analysis' },
    });
}

const rounded = (value: number): string => String(Math.round(value * 1e6) / 1e6);

function readTrainerResults(results: Value | undefined, path: string, draft: Draft): void {
  for (const [key, value] of entriesAt(results)) {
    if (typeof value !== 'number') continue;
    const origin: Origin = { file: path, at: key, technique: 'manifest-analysis' };
    const [, split, metric] = /^(eval|test|predict)_(.+)$/.exec(key) ?? [];
    if (metric !== undefined && !/runtime|per_second|samples|jit|mem_/.test(metric))
      draft.metric({ type: metric, value: String(value), slice: split ?? '' }, origin);
    else if (/^(?:train_runtime|total_flos|train_samples|train_loss)$/.test(key)) draft.training(key, value, origin);
  }
}
