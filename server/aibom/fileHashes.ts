import { statSync } from 'node:fs';
import { onDisk } from '../files/diskPath.ts';
import { digestAll } from '../signing/hashing/digestAll.ts';
import { stampOf } from '../signing/hashing/digestFile.ts';
import type { DigestTask } from '../signing/hashing/digestTask.ts';
import type { ModelFolder } from './folder.ts';

/**
 * SHA-256 of all files of a model, hex, by their paths: large models over worker threads. A file that cannot be read, or
 * that changes meanwhile, has none, and the folder's problems say so.
 * @throws `AbortError`.
 */
export async function fileHashes(folder: ModelFolder, signal?: AbortSignal): Promise<Map<string, string>> {
  const hashes = new Map<string, string>();
  const tasks: DigestTask[] = [];
  const paths: string[] = [];
  for (const { path } of folder.files) {
    const absolute = folder.absolute(path);
    const stat = statSync(onDisk(absolute), { bigint: true, throwIfNoEntry: false });
    if (!stat) continue;
    paths.push(path);
    // Links to files are followed: the cache of the Hugging Face Hub consists of them.
    tasks.push({
      path: absolute,
      algorithm: 'sha256',
      shardSize: null,
      size: Number(stat.size),
      stamp: stampOf(stat),
      followLink: true,
    });
  }
  const outcomes = await digestAll(tasks, { signal });
  signal?.throwIfAborted();
  for (const [index, outcome] of outcomes.entries()) {
    const path = paths[index] ?? '';
    if ('digests' in outcome) hashes.set(path, outcome.digests[0] ?? '');
    else
      folder.problems.push(
        `${path} could not be hashed: ${outcome.failure === 'unreadable' ? outcome.message : 'it changed while it was being read'}.`,
      );
  }
  return hashes;
}
