import { isHashed } from './contentKey.ts';
import type { JobQueue, Priority, ScanJob } from './jobQueue.ts';
import { isConcerned, type RuleSet } from './ruleSet.ts';
import type { SourceListing } from './folderSource.ts';
import type { Place, ResultStore } from './store/resultStore.ts';

export interface EnqueueOptions {
  priority: Priority;
  /** Files a second; null for any number. */
  rate: number | null;
  /** Tries after which a file goes to the dead letters. */
  tries: number;
  /** Scans everything again. */
  all: boolean;
}

/** What became of the files of a source. */
export interface Enqueued {
  files: number;
  /** New, or changed since they were scanned. */
  fresh: number;
  /** Unchanged, and concerned by rules that changed. */
  again: number;
  /** Unchanged, and as they were judged. */
  unchanged: number;
  /** Known, and not there any more. */
  gone: number;
}

/** Adds the files of a source that have no result by these rules. Doing it twice does what doing it once does. */
export async function enqueue(
  { source, files, errors }: SourceListing,
  { queue, store, rules }: { queue: JobQueue; store: ResultStore; rules: RuleSet },
  { priority, rate, tries, all }: EnqueueOptions,
): Promise<Enqueued> {
  await store.saveRuleSet(rules);
  const known = new Map((await store.places(source)).map((place) => [place.path, place]));
  const earlier = new Map<string, RuleSet | null>();
  const counts: Enqueued = { files: files.length, fresh: 0, again: 0, unchanged: 0, gone: 0 };
  const jobs: ScanJob[] = [];
  const stands: Pick<Place, 'digest' | 'reading'>[] = [];
  const at = new Date().toISOString();
  for (const { stamp, ...job } of files) {
    const place = known.get(job.path);
    known.delete(job.path);
    const isEnough = place !== undefined && (job.remote?.hash !== true || isHashed(place.digest));
    const isSame = isEnough && stamp !== '' && place.stamp === stamp;
    if (isSame && !all) {
      const before = earlier.get(place.ruleSet) ?? (await store.ruleSet(place.ruleSet));
      earlier.set(place.ruleSet, before);
      if (!isConcerned(place.kinds, before, rules)) {
        counts.unchanged++;
        if (place.ruleSet !== rules.id) stands.push(place);
        continue;
      }
      counts.again++;
    } else counts.fresh++;
    jobs.push(job);
  }
  await store.judgedBy(rules.id, stands);
  // Of a source that could not be listed whole, what is missing may still be there.
  if (errors.length === 0) {
    counts.gone = known.size;
    await store.forget(source, [...known.keys()]);
  }
  await queue.setSource(source, { rate, files: jobs.length, at });
  await takeFromDead(queue, jobs);
  await queue.add(jobs, priority, tries);
  return counts;
}

/** What is enqueued again is no dead letter any more. */
async function takeFromDead(queue: JobQueue, jobs: readonly ScanJob[]): Promise<void> {
  const wanted = new Set(jobs.map(({ source, path }) => `${source}\0${path}`));
  for (const job of await queue.queue.getFailed()) {
    if (wanted.has(`${job.data.source}\0${job.data.path}`)) await job.remove();
  }
}
