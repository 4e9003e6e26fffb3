import { existsSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { onDisk } from '../../files/diskPath.ts';
import type { Draft } from '../draft.ts';
import { type ModelFolder, sha256Of, textOf } from '../folder.ts';
import { licenceNamed } from '../licence/licenceNames.ts';
import type { DatasetRecord, Origin } from '../record.ts';
import { at, listAt, textAt, textsAt, yamlValue } from '../values.ts';

/** How far above the model the root of its project is looked for. */
const levels = 6;
/** Datasets that are hashed, and bytes of one of them. */
const mostHashed = 50;
const longestHashed = 8 * 2 ** 30;

/** Datasets that are files of the model's own project: their bytes are hashed; of those under DVC, its checksum is taken. */
export async function hashLocalDatasets(folder: ModelFolder, draft: Draft, signal?: AbortSignal): Promise<void> {
  const project = projectOf(folder.root);
  let hashed = 0;
  for (const dataset of draft.datasets) {
    if (dataset.hashes.length > 0 || !/[/.]/.test(dataset.name) || hashed >= mostHashed) continue;
    const path = [folder.root, project]
      .map((base) => resolve(base, dataset.name))
      .find((each) => each.startsWith(project + sep) && (isFile(each) || isFile(`${each}.dvc`)));
    if (path === undefined) continue;
    hashed++;
    const fact = (name: string, value: string) =>
      dataset.properties.push({ name: `weighbridge:dataset:${name}`, value });
    const md5 = textAt(yamlValue(textOf(`${path}.dvc`)?.slice(0, 100_000) ?? ''), 'outs', 0, 'md5');
    if (md5 !== undefined && /^[\da-f]{32}$/.test(md5)) dataset.hashes.push({ algorithm: 'MD5', value: md5 });
    else if (md5 !== undefined) fact('dvc-md5', md5);
    if (!isFile(path)) continue;
    const { size } = statSync(onDisk(path));
    if (size > longestHashed) continue;
    fact('size', String(size));
    try {
      dataset.hashes.push({ algorithm: 'SHA-256', value: await sha256Of(path, signal) });
    } catch (error) {
      if (signal?.aborted) throw error;
      draft.note(`The dataset ${dataset.name} could not be hashed: ${(error as Error).message}`);
    }
  }
}

/** The nearest folder above with a repository, or the model's own. */
function projectOf(root: string): string {
  let here = root;
  for (let level = 0; level < levels; level++) {
    if (existsSync(join(here, '.git')) || existsSync(join(here, '.dvc'))) return here;
    if (dirname(here) === here) break;
    here = dirname(here);
  }
  return root;
}

const isFile = (path: string): boolean => statSync(onDisk(path), { throwIfNoEntry: false })?.isFile() ?? false;

/** Croissant, the format of ML Commons for describing datasets (https://docs.mlcommons.org/croissant/). */
export function readCroissant(folder: ModelFolder, draft: Draft): void {
  for (const path of folder.matching(/(?:^|\/)(?:croissant|[\w.-]+\.croissant)\.json$/i)) {
    const value = folder.json(path);
    const name = textAt(value, 'name');
    if (
      name === undefined ||
      !/croissant|schema\.org\/Dataset|sc:Dataset/i.test(
        JSON.stringify(at(value, 'conformsTo') ?? at(value, '@type') ?? ''),
      )
    )
      continue;
    const origin: Origin = { file: path, at: 'distribution', technique: 'manifest-analysis' };
    const hashes: DatasetRecord['hashes'] = listAt(value, 'distribution').flatMap((file) => {
      const digest = textAt(file, 'sha256')?.toLowerCase();
      return digest !== undefined && /^[\da-f]{64}$/.test(digest)
        ? [{ algorithm: 'SHA-256' as const, value: digest }]
        : [];
    });
    const licence = textsAt(value, 'license')[0]?.replace(/^https?:\/\/spdx\.org\/licenses\//, '');
    const [url, version, description] = ['url', 'version', 'description'].map((key) => textAt(value, key));
    draft.dataset(name, origin, {
      // One file is the dataset; the hashes of several are told apart by nobody.
      hashes: hashes.length === 1 ? hashes : [],
      properties:
        hashes.length > 1 ? hashes.map((hash) => ({ name: 'weighbridge:dataset:file-sha256', value: hash.value })) : [],
      ...(url === undefined ? {} : { url }),
      ...(version === undefined ? {} : { version }),
      ...(description === undefined ? {} : { description }),
      ...(licence === undefined ? {} : { licence: licenceNamed(licence) }),
    });
  }
}
