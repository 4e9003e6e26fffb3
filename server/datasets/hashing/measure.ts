import { lstatSync, statSync, type BigIntStats } from 'node:fs';
import { WeighbridgeError } from '../../errors.ts';
import { onDisk } from '../../files/diskPath.ts';
import type { DigestCache } from '../../signing/hashing/digestCache.ts';
import { digestAll } from '../../signing/hashing/digestAll.ts';
import { stampOf } from '../../signing/hashing/digestFile.ts';
import type { DigestTask } from '../../signing/hashing/digestTask.ts';
import {
  type DatasetAlgorithm,
  type FileAlgorithm,
  filesHashedBy,
  isFolderAlgorithm,
  type Measured,
} from './algorithms.ts';
import { folderDigest, listFolder, type ListedFile } from './folderListing.ts';

/** A file or folder to measure. */
export interface MeasureRequest {
  /** Absolute. */
  path: string;
  algorithm: DatasetAlgorithm;
}

export interface MeasureOptions {
  /** Absolute: links that lead out of it are not followed. */
  root: string;
  /** Where digests of files that look unchanged are kept; null reads every byte. */
  cache: DigestCache | null;
  jobs?: number | undefined;
  /** True: this thread stays free. */
  inWorkers?: boolean;
  signal?: AbortSignal | undefined;
  /** Bytes hashed so far of all, and a file that was worked on. */
  onProgress?: ((done: number, total: number, path: string) => void) | undefined;
}

interface Plan {
  request: MeasureRequest;
  /** Null for what has no digest by this algorithm. */
  files: ListedFile[] | null;
  by: FileAlgorithm;
}

/**
 * Digests, sizes and counts of files and folders, in the order of the requests: over worker threads, each file once, from the
 * cache where it looks unchanged. Null for what is not there, cannot be read, changes meanwhile, or is not what the algorithm hashes.
 * @throws {WeighbridgeError} `cancelled`.
 */
export async function measure(
  requests: readonly MeasureRequest[],
  options: MeasureOptions,
): Promise<(Measured | null)[]> {
  const plans: Plan[] = [];
  for (const request of requests) plans.push(await plan(request, options));
  const digests = new Map<string, string>();
  const open = new Map<string, { file: ListedFile; by: FileAlgorithm }>();
  let total = 0;
  let known = 0;
  for (const { files, by } of plans) {
    for (const file of files ?? []) {
      const key = keyOf(file, by);
      if (digests.has(key) || open.has(key)) continue;
      total += Number(file.stat.size);
      const [cached] = options.cache?.get(key, file.stat, by) ?? [];
      if (cached === undefined) open.set(key, { file, by });
      else {
        digests.set(key, cached);
        known += Number(file.stat.size);
      }
    }
  }
  const work = [...open];
  const tasks = work.map(([, { file, by }]): DigestTask => ({
    path: file.absolute,
    algorithm: by,
    shardSize: null,
    size: Number(file.stat.size),
    stamp: stampOf(file.stat),
    followLink: file.isLink,
  }));
  const outcomes =
    tasks.length === 0
      ? []
      : await digestAll(tasks, {
          jobs: options.jobs,
          signal: options.signal,
          alwaysInWorkers: options.inWorkers,
          onProgress: (bytes, last) => options.onProgress?.(known + bytes, total, work[last]?.[1].file.absolute ?? ''),
        });
  for (const [index, outcome] of outcomes.entries()) {
    const [key, task] = work[index] ?? [];
    if (key === undefined || task === undefined) continue;
    if ('failure' in outcome) {
      if (outcome.failure === 'cancelled') throw new WeighbridgeError('cancelled', 'the work was cancelled');
      continue;
    }
    const [digest = ''] = outcome.digests;
    digests.set(key, digest);
    options.cache?.set(key, task.file.stat, task.by, outcome.digests);
  }
  options.cache?.save();
  return plans.map((each) => resultOf(each, digests));
}

async function plan(request: MeasureRequest, { root, signal }: MeasureOptions): Promise<Plan> {
  const { path, algorithm } = request;
  const by = isFolderAlgorithm(algorithm) ? filesHashedBy[algorithm] : algorithm;
  try {
    const stat = statSync(onDisk(path), { bigint: true, throwIfNoEntry: false });
    if (!stat) return { request, by, files: null };
    if (isFolderAlgorithm(algorithm)) {
      return { request, by, files: stat.isDirectory() ? await listFolder(path, algorithm, root, signal) : null };
    }
    return { request, by, files: stat.isFile() ? [{ path: '.', absolute: path, stat, isLink: isLink(path) }] : null };
  } catch (error) {
    if (error instanceof WeighbridgeError) throw error;
    return { request, by, files: null };
  }
}

function resultOf({ request: { algorithm }, files, by }: Plan, known: ReadonlyMap<string, string>): Measured | null {
  if (files === null) return null;
  const digests = files.map((file) => known.get(keyOf(file, by)));
  if (digests.some((digest) => digest === undefined)) return null;
  const size = files.reduce((sum, file) => sum + Number(file.stat.size), 0);
  const [first] = digests;
  if (!isFolderAlgorithm(algorithm)) return first === undefined ? null : { digest: first, size, files: 1 };
  const digest = folderDigest(
    algorithm,
    files.map(({ path }) => path),
    digests as string[],
  );
  return { digest, size, files: files.length };
}

/** One file may be hashed by several algorithms. */
function keyOf({ absolute }: { absolute: string; stat: BigIntStats }, by: FileAlgorithm): string {
  return `${by} ${absolute}`;
}

function isLink(path: string): boolean {
  return lstatSync(onDisk(path)).isSymbolicLink();
}
