import { statSync } from 'node:fs';
import { onDisk } from '../files/diskPath.ts';
import { digestAll } from '../signing/hashing/digestAll.ts';
import { DigestCache } from '../signing/hashing/digestCache.ts';
import { stampOf } from '../signing/hashing/digestFile.ts';
import type { DigestTask } from '../signing/hashing/digestTask.ts';
import type { ModelFolder } from './folder.ts';

/** A cache of digests, which verification of signatures shares. */
export interface KeptDigests {
  /** Absolute path. */
  file: string;
  /** False: every byte is hashed, and the cache is only written. */
  mayRead: boolean;
}

interface HashOptions {
  signal?: AbortSignal;
  digestCache?: KeptDigests;
  /** In bytes. */
  onHashing?: (done: number, total: number) => void;
}

const algorithm = 'sha256';

/**
 * SHA-256 of all files of a model, hex, by their paths: large models over worker threads. A file that cannot be read, or
 * that changes meanwhile, has none, and the folder's problems say so.
 * @throws `AbortError`.
 */
export async function fileHashes(folder: ModelFolder, options: HashOptions = {}): Promise<Map<string, string>> {
  const { signal, digestCache, onHashing } = options;
  const cache = digestCache ? new DigestCache(digestCache.file) : null;
  const hashes = new Map<string, string>();
  const tasks: DigestTask[] = [];
  const open: { path: string; stat: Parameters<DigestCache['set']>[1] }[] = [];
  let total = 0;
  for (const { path } of folder.files) {
    const absolute = folder.absolute(path);
    const stat = statSync(onDisk(absolute), { bigint: true, throwIfNoEntry: false });
    if (!stat) continue;
    const known = digestCache?.mayRead ? cache?.get(absolute, stat, algorithm)?.[0] : undefined;
    if (known !== undefined) {
      hashes.set(path, known);
      continue;
    }
    open.push({ path, stat });
    total += Number(stat.size);
    // Links to files are followed: the cache of the Hugging Face Hub consists of them.
    tasks.push({
      path: absolute,
      algorithm,
      shardSize: null,
      size: Number(stat.size),
      stamp: stampOf(stat),
      followLink: true,
    });
  }
  const outcomes = await digestAll(tasks, { signal, onProgress: (bytes) => onHashing?.(bytes, total) });
  signal?.throwIfAborted();
  for (const [index, outcome] of outcomes.entries()) {
    const file = open[index];
    if (!file) continue;
    if ('digests' in outcome) {
      hashes.set(file.path, outcome.digests[0] ?? '');
      cache?.set(folder.absolute(file.path), file.stat, algorithm, outcome.digests);
    } else
      folder.problems.push(
        `${file.path} could not be hashed: ${outcome.failure === 'unreadable' ? outcome.message : 'it changed while it was being read'}.`,
      );
  }
  cache?.save();
  return hashes;
}
