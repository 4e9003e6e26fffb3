import { type BigIntStats, statSync } from 'node:fs';
import { posix, relative, resolve } from 'node:path';
import { onDisk } from '../files/diskPath.ts';
import { stamped, type ResultCache, type Stamped } from './cache.ts';
import type { Configuration } from './configuration.ts';
import type { WantedDigest } from './datasetFacts.ts';
import { directoriesOf, judgeDirectories } from './directories.ts';
import { isArtifact, type Examined, type ExamineSettings } from './examine.ts';
import { examineAll, type SizedTask } from './examineAll.ts';
import { slashes, within } from './gitignore.ts';
import { judgeTexts, type TextRun } from './judgeTexts.ts';
import { owedAudits } from './owedAudits.ts';
import type { WorkerPool } from './pool.ts';
import { reasonOf } from '../files/reason.ts';
import type { FileResult, ScanProgress } from './report.ts';
import { recordedScans } from './recordedScans.ts';
import type { ResultTable } from './resultTable.ts';
import type { Shard } from './shard.ts';
import { maySign } from './signatureFiles.ts';
import type { Signatures } from './signatures.ts';
import type { JudgedText } from './textFile.ts';
import { compare } from './verdicts.ts';

/** What a scan or an update is told and tells. */
export interface ScanRun {
  signal?: AbortSignal;
  onProgress?: (progress: ScanProgress) => void;
  onResult?: (result: FileResult) => void;
  /** Called before the cache is written: who is ended in the middle of that leaves half a file behind. */
  onSaving?: () => void;
  /** Bytes of a signed model that is being verified. */
  onVerifying?: (model: string, done: number, total: number) => void;
  /** Every byte of a signed model is hashed, whatever the cache knows. */
  fullHash?: boolean;
  /** Only this part of what is found. A scan for a part is a scanner's only one. */
  shard?: Shard;
}

/** What the phases work with. */
export interface PhaseSetting {
  base: string;
  table: ResultTable;
  settings: ExamineSettings;
  cache: ResultCache | null;
  pool: () => WorkerPool;
  isolate: boolean;
  /** Fetches what is about to be hashed, where it does not lie on this machine. */
  fill?: ((path: string) => Promise<void>) | undefined;
  /** The baseline, relative to the base: it names every dangerous file, and uses none. */
  baseline: string | null;
  configuration: Configuration;
  signatures: Signatures;
  /** Whether signed files that look unchanged are not hashed again. */
  mayUseDigestCache: boolean;
  /** Folders that were scanned as a whole, relative to the base. */
  roots: ReadonlySet<string>;
  /** Paths that could not be read, with the reason. */
  errors: Map<string, string>;
  /** True for a path that was brought up to date after this work began. */
  isNewer: (path: string) => boolean;
  /** The folders that are judged; null for all. */
  folders: ReadonlySet<string> | null;
}

/** The three phases of a scan, each of which changes the table: what files are, what texts name, what directories hold. */
export class ScanPhases {
  readonly #setting: PhaseSetting;
  readonly #run: ScanRun;
  /** Paths whose results may have changed. */
  readonly touched = new Set<string>();
  #progress = { done: 0, total: 0 };

  constructor(setting: PhaseSetting, run: ScanRun) {
    this.#setting = setting;
    this.#run = run;
  }

  /** All three, for the files (absolute) and for what was touched before. */
  async perform(files: readonly string[]): Promise<void> {
    const { table } = this.#setting;
    await this.#examine(files, (path) => table.isReferenced(path), this.#run);
    for (const path of table.dependents(this.touched)) this.touched.add(path);
    await this.#judgeTexts();
    await this.#judgeDirectories(await this.#verifySignatures());
    this.#settle(this.touched, this.#run);
  }

  /** Results are told as they come, and told again when other files change them. */
  async #examine(files: readonly string[], isReferenced: (path: string) => boolean, run: ScanRun): Promise<void> {
    const { base, table, cache, errors, isNewer } = this.#setting;
    const total = files.length;
    let done = 0;
    const finish = (path: string, examined: Examined | null) => {
      done++;
      if (!isNewer(path)) {
        if (examined) table.store(path, examined, isReferenced(path));
        else table.remove(path);
        this.touched.add(path);
        if (examined && run.onResult && isArtifact(examined.summary.format)) this.#settle([path], run);
      }
      this.#progress = { done, total };
      run.onProgress?.({ done, total, path });
    };
    const stamps = new Map<string, Stamped>();
    const tasks: SizedTask[] = [];
    for (const file of files) {
      const path = relativePath(base, file);
      const stat = statOf(file);
      const stamp = cache && stat ? stamped(stat) : null;
      const known = stamp && cache?.get(path, stamp);
      if (known) {
        finish(path, known);
        continue;
      }
      if (stamp) stamps.set(path, stamp);
      tasks.push({ file, path, size: Number(stat?.size ?? 0) });
    }
    await examineAll(tasks, {
      ...this.#setting,
      signal: run.signal,
      onExamined: ({ path }, examined) => {
        errors.delete(path);
        const stamp = stamps.get(path);
        if (stamp) cache?.set(path, stamp, examined);
        finish(path, examined);
      },
      onError: ({ path }, message) => {
        errors.set(path, message);
        finish(path, null);
      },
    });
  }

  /** Files that texts name and nobody scanned are read for what they are; then those texts are judged once more. */
  async #judgeTexts(): Promise<void> {
    const { base, table, baseline, errors } = this.#setting;
    let texts = [...this.touched].filter((path) => path !== baseline && table.isText(path));
    const wanted = new Map<string, WantedDigest[]>();
    // A file that is read now may be the reason to ask for the one beside it, which another shard has.
    for (let round = 0; round < 3 && texts.length > 0; round++) {
      const unknown = new Set<string>();
      const askers = new Set<string>();
      const onJudged = (judged: JudgedText) => {
        table.storeText(judged);
        if (judged.wanted) wanted.set(judged.path, judged.wanted);
        else wanted.delete(judged.path);
        const named = judged.named.filter((path) => !table.has(path) && statOf(resolve(base, path))?.isFile());
        for (const path of named) unknown.add(path);
        if (named.length > 0) askers.add(judged.path);
      };
      const files = texts.map((path) => ({ file: resolve(base, path), path, size: table.size(path) }));
      const onError = ({ path }: { path: string }, message: string) => void errors.set(path, message);
      await judgeTexts(files, { ...textRun(this.#setting, this.#run.signal), onJudged, onError });
      const referenced = [...unknown].map((path) => resolve(base, path));
      await this.#examine(referenced, () => true, this.#run.signal ? { signal: this.#run.signal } : {});
      texts = [...askers];
    }
    await this.#judgeData(wanted);
  }

  /** Digests that texts asked for are computed, and those texts judged once more. */
  async #judgeData(wanted: Map<string, WantedDigest[]>): Promise<void> {
    const { base, table, isolate, mayUseDigestCache, errors } = this.#setting;
    const { signal, onProgress, fullHash } = this.#run;
    // What is learned of one digest may be the reason to ask for another.
    for (let round = 0; round < 2 && wanted.size > 0; round++) {
      const all = new Map([...wanted.values()].flat().map((each) => [`${each.algorithm} ${each.path}`, each]));
      const { computeDigests } = await import('./datasetDigests.ts');
      await computeDigests(await this.#filled([...all.values()]), {
        base,
        datasets: table.facts.datasets,
        mayUseCache: mayUseDigestCache && fullHash !== true,
        isolate,
        signal,
        onProgress: (done, whole, path) =>
          onProgress?.({ ...this.#progress, path: `${relativePath(base, path)}: hashing, ${percent(done, whole)} %` }),
      });
      const texts = [...wanted.keys()].filter((path) => table.isText(path));
      wanted = new Map();
      const files = texts.map((path) => ({ file: resolve(base, path), path, size: table.size(path) }));
      const onJudged = (judged: JudgedText) => {
        table.storeText(judged);
        if (judged.wanted) wanted.set(judged.path, judged.wanted);
      };
      const onError = ({ path }: { path: string }, message: string) => void errors.set(path, message);
      await judgeTexts(files, { ...textRun(this.#setting, signal), onJudged, onError });
    }
  }

  /** Those whose bytes are on this machine now; the others cannot be compared, which is an error of theirs. */
  async #filled(wanted: WantedDigest[]): Promise<WantedDigest[]> {
    const { base, fill, errors } = this.#setting;
    if (!fill) return wanted;
    const ready: WantedDigest[] = [];
    for (const each of wanted) {
      try {
        await fill(resolve(base, each.path));
        ready.push(each);
      } catch (cause) {
        errors.set(each.path, reasonOf(cause));
      }
    }
    return ready;
  }

  /** @returns the models of which something else may be said now. */
  async #verifySignatures(): Promise<Set<string>> {
    const { table, signatures, configuration, pool, fill, mayUseDigestCache, errors } = this.#setting;
    const artifacts = table.summaries().filter(({ format }) => isArtifact(format));
    const held = new Set(artifacts.map(({ path }) => path));
    const near = [...this.touched].filter((path) => maySign(path) || held.has(path));
    const { onProgress, onVerifying, signal } = this.#run;
    return signatures.update(directoriesOf(near).filter(this.#isScanned), this.touched, artifacts, {
      configuration,
      pool,
      mayUseCache: mayUseDigestCache && this.#run.fullHash !== true,
      fill,
      signal,
      onProgress: (model, done, total) => {
        onProgress?.({ ...this.#progress, path: verifying(model, done, total) });
        onVerifying?.(model, done, total);
      },
      onError: (path, message) => void errors.set(path, message),
    });
  }

  async #judgeDirectories(verified: ReadonlySet<string>): Promise<void> {
    const { base, table, signatures, configuration, isolate, mayUseDigestCache, errors } = this.#setting;
    const summaries = table.summaries();
    const isBelow = (path: string) => [...verified].some((model) => model === '.' || path.startsWith(`${model}/`));
    const covered = verified.size === 0 ? [] : directoriesOf(summaries.map(({ path }) => path).filter(isBelow));
    const folders = new Set([
      ...directoriesOf(this.touched).filter(this.#isScanned),
      ...covered,
      ...verified,
      ...(this.#touchedEvidence() ? directoriesOf(summaries.map(({ path }) => path)).filter(this.#isScanned) : []),
    ]);
    const signingOf = await signatures.teller(configuration);
    const auditsOf = owedAudits(base, configuration, Date.now(), (path, message) => void errors.set(path, message));
    const inFolders = summaries.filter(({ path, format }) => isArtifact(format) && folders.has(posix.dirname(path)));
    const scansOf = await recordedScans(
      base,
      configuration,
      inFolders.map(({ path }) => path),
      { mayUseCache: mayUseDigestCache && this.#run.fullHash !== true, isolate, signal: this.#run.signal },
    );
    const ordered = [...folders].sort(compare);
    for (const [folder, findings] of judgeDirectories(base, ordered, summaries, signingOf, auditsOf, scansOf)) {
      for (const path of table.storeDirectory(folder, findings)) this.touched.add(path);
    }
  }

  /** Whether a record may have changed that stands in the folder for evidence, and is about a model anywhere. */
  #touchedEvidence(): boolean {
    const { evidence } = this.#setting.configuration.policy;
    if (evidence === null) return false;
    const folder = relativePath(this.#setting.base, evidence);
    return [...this.touched].some((path) => path === folder || path.startsWith(`${folder}/`));
  }

  readonly #isScanned = (folder: string): boolean =>
    this.#setting.folders?.has(folder) !== false &&
    [...this.#setting.roots].some((root) => root === '.' || folder === root || folder.startsWith(`${root}/`));

  #settle(paths: Iterable<string>, run: ScanRun): void {
    for (const result of this.#setting.table.settle(paths)) run.onResult?.(result);
  }
}

/** `models/a: verifying, 34 %` */
function verifying(model: string, done: number, total: number): string {
  return `${model}: verifying, ${percent(done, total)} %`;
}

function percent(done: number, total: number): number {
  return total === 0 ? 100 : Math.floor((100 * done) / total);
}

/** What judging texts needs of the setting. */
export function textRun(setting: PhaseSetting, signal?: AbortSignal): Omit<TextRun, 'onJudged' | 'onError'> {
  const { base, settings, table, pool, isolate } = setting;
  return { base, settings, facts: table.facts, pool, isolate, signal };
}

/** A path as results carry it: relative to the base, with `/`; `.` for the base itself. */
export function relativePath(base: string, path: string): string {
  // Nearly all lie below the base, and `relative` takes both apart.
  return within(base, path) ?? (slashes(relative(base, path)) || '.');
}

/** Null where there is nothing, or nothing that may be seen. */
export function statOf(file: string): BigIntStats | null {
  try {
    return statSync(onDisk(file), { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
