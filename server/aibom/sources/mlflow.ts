import { basename, dirname, join } from 'node:path';
import { entriesOf } from '../../files/folderEntries.ts';
import type { Draft } from '../draft.ts';
import { type ModelFolder, textOf } from '../folder.ts';
import type { Origin } from '../record.ts';
import { at, entriesAt, textAt, type Value, yamlValue } from '../values.ts';

/** Parameters or metrics of one run that are read. */
const mostFiles = 1_000;

/** An MLflow model (`MLmodel`), and the run that logged it where the run's folder stands around it. */
export function readMlflow(folder: ModelFolder, draft: Draft): void {
  const model = folder.yaml('MLmodel');
  const from = (key: string): Origin => ({ file: 'MLmodel', at: key, technique: 'manifest-analysis' });
  if (model !== undefined) {
    draft.library({
      name: 'mlflow',
      ...(textAt(model, 'mlflow_version') ? { version: textAt(model, 'mlflow_version') ?? '' } : {}),
      origin: from('mlflow_version'),
    });
    draft.fact('weighbridge:mlflow:run', textAt(model, 'run_id'), from('run_id'));
    draft.fact('weighbridge:mlflow:model', textAt(model, 'model_uuid'), from('model_uuid'));
    draft.set('released', created(textAt(model, 'utc_time_created')), from('utc_time_created'));
    for (const side of ['inputs', 'outputs'] as const) {
      const signature = textAt(model, 'signature', side);
      if (signature !== undefined)
        draft.fact(`weighbridge:mlflow:${side}`, signature.slice(0, 2_000), from(`signature.${side}`));
    }
    for (const [flavour, settings] of entriesAt(model, 'flavors'))
      readFlavour(flavour, settings, draft, from(`flavors.${flavour}`));
  }
  const run = runFolder(folder);
  if (run !== null) readRun(run, draft);
}

function readFlavour(flavour: string, settings: Value, draft: Draft, origin: Origin): void {
  const packages: Record<string, string> = { sklearn: 'scikit-learn', pytorch: 'torch' };
  const version = textAt(settings, `${flavour}_version`) ?? textAt(settings, 'model_config', `${flavour}_version`);
  if (version !== undefined) draft.library({ name: packages[flavour] ?? flavour, version, origin });
  draft.fact('weighbridge:python-version', textAt(settings, 'python_version'), origin);
}

/** MLflow writes `2024-05-01 12:00:00.123456`, in UTC. */
function created(text: string | undefined): string | undefined {
  const found = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})/.exec(text ?? '');
  return found ? `${found[1]}T${found[2]}Z` : undefined;
}

/** `<experiment>/<run>/artifacts/<model>`: the folder of the run, when the model stands in one; or the model's folder is a run itself. */
function runFolder(folder: ModelFolder): { path: string; prefix: string } | null {
  for (const [path, prefix] of [
    [folder.root, ''],
    [dirname(folder.root), '../'],
    [dirname(dirname(folder.root)), '../../'],
  ] as const) {
    const meta = textOf(join(path, 'meta.yaml'));
    if (meta !== undefined && textAt(yamlValue(meta), 'run_id') === basename(path)) return { path, prefix };
  }
  return null;
}

function readRun({ path, prefix }: { path: string; prefix: string }, draft: Draft): void {
  const values = (kind: string) =>
    filesIn(join(path, kind)).map((name) => ({
      name,
      text: (textOf(join(path, kind, name)) ?? '').slice(0, 4_000).trim(),
    }));
  const from = (file: string): Origin => ({ file: `${prefix}${file}`, technique: 'manifest-analysis' });
  for (const { name, text } of values('params')) draft.hyperparameter(name, text, from(`params/${name}`));
  for (const { name, text } of values('metrics')) {
    const value = text.split('\n').at(-1)?.split(' ')[1];
    if (value !== undefined) draft.metric({ type: name, value }, from(`metrics/${name}`));
  }
  const meta = yamlValue(textOf(join(path, 'meta.yaml')) ?? '');
  for (const [key, field] of [
    ['start_time', 'trainingStart'],
    ['end_time', 'trainingEnd'],
  ] as const) {
    const time = at(meta, key);
    if (typeof time === 'number' && Number.isFinite(time) && Math.abs(time) < 8e15)
      draft.set(field, `${new Date(time).toISOString().slice(0, 19)}Z`, from('meta.yaml'));
  }
  for (const { name, text } of values('tags')) {
    if (name === 'mlflow.source.git.commit') draft.training('git-commit', text, from(`tags/${name}`));
    if (name === 'mlflow.source.git.repoURL' && /^https:\/\//.test(text))
      draft.reference({ type: 'vcs', url: text, origin: from(`tags/${name}`) });
  }
}

function filesIn(folder: string): string[] {
  try {
    return entriesOf(folder)
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
      .sort()
      .slice(0, mostFiles);
  } catch {
    return [];
  }
}
