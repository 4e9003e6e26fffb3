import { dirname, join, relative, resolve } from 'node:path';
import { statSync } from 'node:fs';
import type { Configuration } from '../engine/configuration.ts';
import { repositoryOf, verifyDatasets } from '../engine/verifyDatasets.ts';

export interface JobDataOptions {
  configuration: Configuration;
  mayUseCache: boolean;
  signal?: AbortSignal;
}

/**
 * Whether the registers of the repository know data that a job names, and it is what they say.
 * @param names as the job writes them; paths are relative to the job's folder or to the root of its repository.
 * @param job absolute path of the submission.
 * @returns by name; what is no file of the repository, or cannot be compared, is left out.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function registeredData(
  names: readonly string[],
  job: string,
  { configuration, mayUseCache, signal }: JobDataOptions,
): Promise<Map<string, boolean>> {
  const base = repositoryOf(dirname(job));
  const local = new Map<string, string>();
  for (const name of names) {
    const path = [dirname(job), base]
      .map((folder) => relative(base, resolve(folder, name)).replaceAll('\\', '/'))
      .find((each) => each !== '' && !each.startsWith('..') && statSync(join(base, each), { throwIfNoEntry: false }));
    if (path !== undefined) local.set(name, path);
  }
  const known = new Map<string, boolean>();
  if (local.size === 0) return known;
  const states = await verifyDatasets({
    paths: [...local.values()].map((path) => join(base, path)),
    base,
    configuration,
    mayUseCache,
    signal: signal ?? new AbortController().signal,
    onProgress: () => undefined,
  });
  for (const [name, path] of local) {
    const state = states.find((each) => each.path === path)?.state;
    if (state === undefined || state === 'unknown') continue;
    known.set(name, state !== 'unregistered' && state !== 'no-digest' && state !== 'mismatch');
  }
  return known;
}
