import { reasonTold, type JobQueue } from './jobQueue.ts';
import type { ResultStore } from './store/resultStore.ts';

/** How a fleet stands. */
export interface FleetStatus {
  waiting: number;
  /** Put back: for a source's rate, for another worker that is at the same content, or before another try. */
  delayed: number;
  active: { uri: string; percent: number | null; attempt: number }[];
  /** How many dead letters there are. */
  deadLetters: number;
  /** As many of them as were asked for. */
  dead: { uri: string; reason: string; attempts: number }[];
  sources: { source: string; done: number; files: number; rate: number | null }[];
}

/** @param dead how many of the dead letters at most. */
export async function statusOf(queue: JobQueue, store: ResultStore, dead: number): Promise<FleetStatus> {
  const counts = await queue.queue.getJobCounts('waiting', 'prioritized', 'delayed', 'failed');
  const active = await queue.queue.getActive();
  const failed = await queue.queue.getFailed(0, dead - 1);
  const sources: FleetStatus['sources'] = [];
  for (const [source, { rate, files, at }] of await queue.sources()) {
    const done = Math.min(files, await store.done(source, at));
    sources.push({ source, done, files, rate });
  }
  return {
    waiting: (counts['waiting'] ?? 0) + (counts['prioritized'] ?? 0),
    delayed: counts['delayed'] ?? 0,
    active: active.filter(Boolean).map(({ data, progress, attemptsMade }) => {
      return { uri: data.uri, percent: typeof progress === 'number' ? progress : null, attempt: attemptsMade + 1 };
    }),
    deadLetters: counts['failed'] ?? 0,
    dead: failed
      .map(({ data, failedReason, attemptsMade }) => ({
        uri: data.uri,
        reason: reasonTold(failedReason),
        attempts: attemptsMade,
      }))
      .sort((a, b) => (a.uri < b.uri ? -1 : 1)),
    sources: sources.sort((a, b) => (a.source < b.source ? -1 : 1)),
  };
}

/** Gives every dead letter another set of tries. @returns how many there were. */
export async function retryDead(queue: JobQueue): Promise<number> {
  const failed = await queue.queue.getFailed();
  for (const job of failed) await job.retry('failed', { resetAttemptsMade: true });
  return failed.length;
}
