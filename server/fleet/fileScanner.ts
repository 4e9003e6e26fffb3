import { DelayedError, UnrecoverableError, type Job } from 'bullmq';
import type { WorkerPool } from '../engine/pool.ts';
import { reasonOf } from '../files/reason.ts';
import type { RemoteFiles } from '../sources/remoteFiles.ts';
import { fileOf } from './folderSource.ts';
import type { JobFile } from './jobFile.ts';
import type { JobQueue, ScanJob } from './jobQueue.ts';
import { LocalFile } from './localFile.ts';
import { persist } from './persist.ts';
import { RemoteJobFile } from './remoteFile.ts';
import { isConcerned, readingOf, type RuleSet } from './ruleSet.ts';
import type { Place, StoredResult } from './store/resultStore.ts';
import type { WorkerSetting } from './worker.ts';

/** So long a file waits for another worker that is at the same content, in milliseconds. */
const waitForOther = 500;

type Scanning = Omit<WorkerSetting, 'queue'> & { queue: JobQueue; pool: WorkerPool; remote: RemoteFiles };

/** Does one job after the other. Everything that it does can be done twice. */
export class FileScanner {
  readonly #setting: Scanning;
  readonly #earlier = new Map<string, RuleSet | null>();
  #atWork = 0;

  constructor(setting: Scanning) {
    this.#setting = setting;
  }

  /** Whether files are read, judged or written down: to wait for the queue is no work. */
  get isBusy(): boolean {
    return this.#atWork > 0;
  }

  async perform(job: Job<ScanJob>, token: string): Promise<void> {
    await this.#waitForSlot(job, token);
    const file = this.#open(job.data);
    try {
      await this.#scan(job, token, file);
    } catch (cause) {
      if (cause instanceof DelayedError || cause instanceof UnrecoverableError) throw cause;
      throw new Error(reasonOf(cause), { cause });
    } finally {
      await file.close();
    }
  }

  /** @throws {UnrecoverableError} */
  #open({ path, uri, remote }: ScanJob): JobFile {
    if (remote) return new RemoteJobFile(remote, this.#setting.remote, this.#setting);
    const file = fileOf(uri);
    if (file === null) throw new UnrecoverableError(`this version cannot read ${uri}`);
    return new LocalFile(file, path, this.#setting);
  }

  async #scan(job: Job<ScanJob>, token: string, file: JobFile): Promise<void> {
    const { source, path, uri, size } = job.data;
    const { store, onEvent } = this.#setting;
    const before = await this.#persist(() => store.place(source, path));
    if (file.stamp !== '' && before?.stamp === file.stamp && file.accepts(before.digest)) {
      const known = await this.#judged(before);
      if (known) {
        await this.#persist(() => store.record({ ...before, uri }, null));
        return onEvent({ kind: 'unchanged', uri, digest: before.digest, findings: known.findings.length });
      }
    }
    const place = { source, path, uri, stamp: file.stamp, reading: readingOf(path) };
    for (const digest of file.knownBy) if (await this.#isSettled({ ...place, digest }, file)) return;
    const digest = await this.#busily(() => file.identify(progressOf(job, size)));
    await this.#settle(job, token, file, { ...place, digest });
  }

  /** Content that has a result needs only its place. */
  async #isSettled(place: Place, file: JobFile): Promise<boolean> {
    const known = await this.#judged(place);
    if (!known) return false;
    file.requireUnchanged();
    await this.#record('known', place, known);
    return true;
  }

  /** Other content is scanned, by one worker. */
  async #settle(job: Job<ScanJob>, token: string, file: JobFile, place: Place): Promise<void> {
    const { queue, leaseMs, rules } = this.#setting;
    const { digest, reading } = place;
    if (await this.#isSettled(place, file)) return;
    const content = `${digest}${reading}`;
    const owner = `${job.id ?? ''}`;
    if (!(await queue.claim(content, owner, leaseMs))) {
      await job.moveToDelayed(Date.now() + waitForOther, token);
      throw new DelayedError();
    }
    const renewal = setInterval(() => void queue.claim(content, owner, leaseMs).catch(() => undefined), leaseMs / 3);
    try {
      // Another one may have finished it between the two questions.
      if (await this.#isSettled(place, file)) return;
      await this.#busily(async () => {
        const result = { digest, reading, ruleSet: rules.id, ...(await file.examine()) };
        file.requireUnchanged();
        await this.#record('scanned', place, result);
      });
    } finally {
      clearInterval(renewal);
      await queue.release(content, owner).catch(() => undefined);
    }
  }

  async #record(kind: 'known' | 'scanned', place: Place, result: StoredResult): Promise<void> {
    const { store, onEvent } = this.#setting;
    await this.#persist(() => store.record(place, kind === 'known' ? null : result));
    onEvent({ kind, uri: place.uri, digest: place.digest, findings: result.findings.length });
  }

  /** What content came to by these rules, or by earlier ones that say the same of it; null where it has to be scanned. */
  async #judged(place: Pick<Place, 'digest' | 'reading'>): Promise<StoredResult | null> {
    const { store, rules } = this.#setting;
    const result = await this.#persist(() => store.result(place.digest, place.reading));
    if (!result || result.ruleSet === rules.id) return result;
    const { ruleSet } = result;
    if (!this.#earlier.has(ruleSet)) this.#earlier.set(ruleSet, await this.#persist(() => store.ruleSet(ruleSet)));
    return isConcerned(result.kinds, this.#earlier.get(ruleSet) ?? null, rules) ? null : result;
  }

  /** A source with a rate gives each try a time to begin at; what comes too early is put back until then. */
  async #waitForSlot(job: Job<ScanJob>, token: string): Promise<void> {
    const { queue } = this.#setting;
    const { source, slot } = job.data;
    if (slot?.attempt === job.attemptsMade) return;
    const rate = await queue.rateOf(source);
    if (rate === null) return;
    const { at, now } = await queue.reserve(source, rate);
    await job.updateData({ ...job.data, slot: { attempt: job.attemptsMade, at } });
    if (at <= now) return;
    await job.moveToDelayed(at, token);
    throw new DelayedError();
  }

  async #busily<T>(action: () => Promise<T>): Promise<T> {
    this.#atWork++;
    try {
      return await action();
    } finally {
      this.#atWork--;
    }
  }

  #persist<T>(action: () => Promise<T>): Promise<T> {
    return persist(action, this.#setting.signal, this.#setting.onEvent);
  }
}

function progressOf(job: Job<ScanJob>, size: number): (bytes: number) => void {
  let told = performance.now();
  return (bytes) => {
    if (performance.now() - told < 1_000) return;
    told = performance.now();
    void job.updateProgress(Math.floor((100 * bytes) / Math.max(1, size))).catch(() => undefined);
  };
}
