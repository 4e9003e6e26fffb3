import { WeighbridgeError } from '../../errors.ts';
import type { HashingOptions, HashType } from '../contract.ts';
import type { ModelFile } from '../modelFiles.ts';
import { digestAll } from './digestAll.ts';
import type { DigestTask } from './digestTask.ts';
import { DigestCache } from './digestCache.ts';
import { stampOf } from './digestFile.ts';

/** A file of the model that was not the same from beginning to end. */
export class ModelChanged extends WeighbridgeError {
  /** Relative to the model. */
  readonly path: string;

  constructor(path: string, what: string) {
    super(
      'bad-input',
      `The model changed while it was being read: ${path} ${what}. Try again when nothing writes to it.`,
    );
    this.path = path;
  }
}

export interface FileDigests {
  /** By path in the model: one digest, or one a shard. */
  digests: Map<string, string[]>;
  hashedBy: { full: number; cache: number };
}

/**
 * The digests of a model's files, from the cache where one is named and the file looks unchanged.
 * @throws {ModelChanged}; {WeighbridgeError} `unreadable`, `cancelled`.
 */
export async function digestFiles(
  files: readonly ModelFile[],
  how: { algorithm: HashType; shardSize: number | null },
  options: Pick<HashingOptions, 'digestCache' | 'jobs' | 'onProgress' | 'signal'>,
): Promise<FileDigests> {
  const { algorithm, shardSize } = how;
  const hashed = shardSize === null ? algorithm : `${algorithm} ${shardSize}`;
  const cache = options.digestCache ? new DigestCache(options.digestCache) : null;
  const digests = new Map<string, string[]>();
  const open: ModelFile[] = [];
  let total = 0;
  let known = 0;
  for (const file of files) {
    const size = Number(file.stat.size);
    const found = cache?.get(file.absolute, file.stat, hashed);
    total += size;
    if (found) {
      digests.set(file.path, found);
      known += size;
    } else open.push(file);
  }
  const tasks = open.map(({ absolute, stat, isLink }): DigestTask => ({
    path: absolute,
    algorithm,
    shardSize,
    stamp: stampOf(stat),
    followLink: isLink,
    size: Number(stat.size),
  }));
  const outcomes = await digestAll(tasks, {
    jobs: options.jobs,
    signal: options.signal,
    onProgress: (bytes, last) => options.onProgress?.({ done: known + bytes, total, path: open[last]?.path ?? '' }),
  });
  for (const [index, outcome] of outcomes.entries()) {
    const file = open[index];
    if (!file) continue;
    if ('failure' in outcome) throw errorOf(file.path, outcome);
    digests.set(file.path, outcome.digests);
    cache?.set(file.absolute, file.stat, hashed, outcome.digests);
  }
  cache?.prune(new Set(files.map(({ absolute }) => absolute)));
  cache?.save();
  options.onProgress?.({ done: total, total, path: files.at(-1)?.path ?? '' });
  return { digests, hashedBy: { full: open.length, cache: files.length - open.length } };
}

function errorOf(path: string, outcome: { failure: string; message?: string }): WeighbridgeError {
  if (outcome.failure === 'cancelled') return new WeighbridgeError('cancelled', 'the work was cancelled');
  if (outcome.failure === 'changed') return new ModelChanged(path, 'is not the file that it was');
  return new WeighbridgeError('unreadable', `The file ${path} cannot be read: ${outcome.message ?? ''}.`);
}
