import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { measure } from '../datasets/hashing/measure.ts';
import { DigestCache, digestCacheFile } from '../signing/hashing/digestCache.ts';
import type { DatasetFacts, WantedDigest } from './datasetFacts.ts';

export interface DigestRun {
  base: string;
  datasets: DatasetFacts;
  mayUseCache: boolean;
  isolate: boolean;
  signal?: AbortSignal | undefined;
  onProgress: (done: number, total: number, path: string) => void;
}

/** Computes the digests that texts asked for, in workers where this thread has to stay free. @throws {WeighbridgeError} `cancelled`. */
export async function computeDigests(wanted: readonly WantedDigest[], run: DigestRun): Promise<void> {
  const { base, datasets, mayUseCache, isolate, signal, onProgress } = run;
  const measured = await measure(
    wanted.map(({ path, algorithm }) => ({ path: join(base, path), algorithm })),
    {
      root: base,
      cache: mayUseCache ? new DigestCache(datasetCacheFile(base)) : null,
      inWorkers: isolate,
      signal,
      onProgress,
    },
  );
  wanted.forEach((each, index) => datasets.setMeasured(each, measured[index] ?? null));
}

/** Where the digests of a folder's datasets are kept: another file than those of models, which forget what is no part of the model. */
export function datasetCacheFile(base: string): string {
  return digestCacheFile(`${realpathSync.native(base)}\0datasets`);
}
