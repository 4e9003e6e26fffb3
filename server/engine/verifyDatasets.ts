import { statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import { onDisk } from '../files/diskPath.ts';
import { textLanguage } from '../formats/text/parse.ts';
import type { Configuration } from './configuration.ts';
import { computeDigests } from './datasetDigests.ts';
import { datasetStates, loadParsers, type DatasetState, type FoundRegister } from './datasetStates.ts';
import { discover } from './discover.ts';
import { relativePath } from './scanPhases.ts';
import { WorkspaceTable } from './workspaceFacts.ts';

export interface VerifyDatasetsJob {
  /** Absolute: registers, data, or folders that hold some. */
  paths: readonly string[];
  /** Absolute: what paths are shown from, and the folder that nothing is looked for above. */
  base: string;
  configuration: Configuration;
  mayUseCache: boolean;
  signal: AbortSignal;
  onProgress: (done: number, total: number, path: string) => void;
}

/**
 * Compares data with all that is recorded of it: what the registers below the paths speak of, and what the registers beside and
 * above speak of the paths themselves.
 * @throws {WeighbridgeError} `not-found`, `cancelled`.
 */
export async function verifyDatasets(job: VerifyDatasetsJob): Promise<DatasetState[]> {
  const { base, paths, configuration, signal } = job;
  for (const path of paths) {
    if (!statSync(onDisk(path), { throwIfNoEntry: false }))
      throw new WeighbridgeError('not-found', `there is no ${path}`);
  }
  const table = new WorkspaceTable(base);
  const { datasets } = table;
  await loadParsers(datasets);
  const { files } = await discover([...paths], configuration, signal);
  const registers = new Map<string, FoundRegister[1]>();
  for (const file of files) {
    const path = relativePath(base, file);
    if (textLanguage(path) === null) continue;
    const register = datasets.register(path);
    if (register) registers.set(path, register);
  }
  const scopes = paths.map((path) => relativePath(base, path));
  const uncovered: { path: string; isFolder: boolean }[] = [];
  for (const scope of scopes) {
    const data = datasets.find(`./${scope}`, 'base', 'beside');
    if (!data || registers.has(scope)) continue;
    const known = datasets.coverage(data.path, data.isFolder).filter(({ relation }) => relation !== 'inside');
    for (const { path, register } of known) registers.set(path, register);
    if (known.length === 0 && !data.isFolder) uncovered.push(data);
    if (known.length === 0 && data.isFolder && registers.size === 0 && scope !== '.') uncovered.push(data);
  }
  const about = (state: DatasetState) =>
    scopes.some(
      (scope) =>
        scope === '.' ||
        isWithin(scope, state.path) ||
        isWithin(state.path, scope) ||
        state.records.some(({ path }) => path === scope),
    );
  const states = () => datasetStates(registers, uncovered, datasets).filter(about);
  states();
  const wanted = datasets.takeWanted();
  if (wanted.length > 0) {
    await computeDigests(wanted, {
      base,
      datasets,
      mayUseCache: job.mayUseCache,
      isolate: false,
      signal,
      onProgress: job.onProgress,
    });
  }
  return states();
}

function isWithin(folder: string, path: string): boolean {
  return folder === path || path.startsWith(`${folder}/`);
}

/** The folder of the repository that a path lies in; its own folder where there is none. */
export function repositoryOf(path: string): string {
  const start = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true ? path : posix.dirname(path);
  for (let at = start; ; at = posix.dirname(at)) {
    if (['.git', '.dvc', 'weighbridge.yaml'].some((name) => statSync(join(at, name), { throwIfNoEntry: false })))
      return at;
    if (posix.dirname(at) === at) return start;
  }
}
