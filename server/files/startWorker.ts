import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts a program in a thread. Bundled, it stands beside the chunk that starts it; unbundled, it is TypeScript, and a thread
 * does not inherit the loader of its process.
 * @param from `import.meta.url` of the caller.
 */
export function startWorker(
  from: string,
  program: { source: string; bundle: string },
  options: WorkerOptions = {},
): Worker {
  const isSource = from.endsWith('.ts');
  const target = new URL(isSource ? program.source : program.bundle, from);
  const loader = new URL('./unbundledWorker.mjs', import.meta.url);
  return new Worker(isSource ? loader : target, {
    ...options,
    workerData: { ...(options.workerData as object | undefined), program: target.href },
  });
}
