import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Draft } from '../draft.ts';
import { type ModelFolder, textOf } from '../folder.ts';
import type { DatasetRecord, Origin } from '../record.ts';
import { entriesAt, listAt, numberAt, textAt, type Value, yamlValue } from '../values.ts';
import { takeSettings } from './trainingConfigs.ts';

/** How far above the model a project's DVC files are looked for. */
const levels = 6;
/** Characters of one lock file that are read. */
const longestLock = 500_000;

/** The DVC stage that produced this model: its data with checksums, and its parameters. */
export function readDvc(folder: ModelFolder, draft: Draft): void {
  let place = folder.root;
  for (let level = 0; level < levels; level++) {
    const text = textOf(join(place, 'dvc.lock'));
    if (text !== undefined && text.length <= longestLock) readLock(yamlValue(text), place, folder, draft);
    if (dirname(place) === place) return;
    place = dirname(place);
  }
}

function readLock(lock: Value | undefined, place: string, folder: ModelFolder, draft: Draft): void {
  const file = `${slashed(relative(folder.root, place))}/dvc.lock`.replace(/^\//, '');
  for (const [name, stage] of entriesAt(lock, 'stages')) {
    const makesModel = listAt(stage, 'outs').some((out) => {
      const path = textAt(out, 'path');
      return path !== undefined && touches(resolve(place, path), folder);
    });
    if (!makesModel) continue;
    const origin: Origin = { file, at: `stages.${name}`, technique: 'manifest-analysis' };
    draft.training('dvc-stage', name, origin);
    draft.training('command', textAt(stage, 'cmd')?.slice(0, 1_000), origin);
    for (const dependency of listAt(stage, 'deps')) {
      const path = textAt(dependency, 'path');
      if (path !== undefined && !/\.(?:py|sh|ipynb|ya?ml|toml|cfg)$/.test(path))
        draft.dataset(path, origin, dataOf(dependency));
    }
    for (const [file, values] of entriesAt(stage, 'params')) takeSettings(values, draft, file, /^$/);
  }
}

/** True where the output is the model, a part of it, or a folder around it. */
function touches(output: string, folder: ModelFolder): boolean {
  return (
    output === folder.root || output.startsWith(`${folder.root}${sep}`) || folder.root.startsWith(`${output}${sep}`)
  );
}

function dataOf(dependency: Value): Partial<DatasetRecord> {
  const digest = textAt(dependency, 'md5');
  const folder = digest?.endsWith('.dir') ?? false;
  const properties = [
    ['weighbridge:dataset:size', numberAt(dependency, 'size')],
    ['weighbridge:dataset:files', numberAt(dependency, 'nfiles')],
    // DVC's digest of a folder is that of a list of its files, and not of bytes that anybody could hash.
    ['weighbridge:dataset:dvc-md5', folder ? digest : undefined],
  ].flatMap(([name, value]) => (value === undefined ? [] : [{ name: String(name), value: String(value) }]));
  const plain = digest !== undefined && !folder && /^[\da-f]{32}$/.test(digest);
  return {
    usage: ['train'],
    ...(plain ? { hashes: [{ algorithm: 'MD5' as const, value: digest }] } : {}),
    properties,
  };
}

const slashed = (path: string): string => path.split(sep).join('/');
