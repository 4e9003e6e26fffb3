import { isAbsolute, join, posix } from 'node:path';
import { WeighbridgeError } from '../errors.ts';
import type { CheckedSignature } from '../rules/directory.ts';
import type { Endpoint } from '../posture/facts.ts';
import type { Finding } from '../rules/finding.ts';
import type { Trust } from '../signing/contract.ts';
import { Baseline } from './baseline.ts';
import { BufferJudge } from './bufferJudge.ts';
import { build, version } from './build.ts';
import { ResultCache, cacheFile, cacheKey } from './cache.ts';
import type { Configuration } from './configuration.ts';
import type { DatasetState, FoundRegister } from './datasetStates.ts';
import { directoriesOf } from './directories.ts';
import { discover, Selection, type Skipped } from './discover.ts';
import { companionSummary, type ExamineSettings } from './examine.ts';
import { FileWork } from './fileWork.ts';
import { WorkerPool, type PoolOptions } from './pool.ts';
import type { FileResult, ScanReport } from './report.ts';
import { ResultTable } from './resultTable.ts';
import { type PhaseSetting, relativePath, ScanPhases, type ScanRun, statOf, textRun } from './scanPhases.ts';
import type { Shard, ShardWork } from './shard.ts';
import { Signatures } from './signatures.ts';
import type { JudgedText } from './textFile.ts';

export interface ScannerOptions {
  /** Absolute path of the folder that results are relative to. */
  base: string;
  configuration: Configuration;
  /** False: neither read nor written. Default: what the configuration says. */
  cache?: boolean;
  /** How many workers at most. Default: the number of processors, at most 8. */
  jobs?: number;
  /** The rest of what the pool of workers is told. */
  workers?: Pick<PoolOptions, 'idleMs' | 'reserved'>;
  /** True: everything runs in workers, so that this thread stays free (the language server). Default: small jobs run here. */
  isolate?: boolean;
  /** Whether remarks in texts accept findings: not those of a workspace that nobody trusts. Default: they do. */
  honoursRemarks?: () => boolean;
  /** Fetches whole what lies at or below a path (absolute): called before files of a mounted source are hashed. */
  fill?: (path: string) => Promise<void>;
  /** The workers; only tests give their own. */
  pool?: WorkerPool;
}

export type { ScanRun };

/** Scans a workspace and keeps its results up to date. Both doors use it. */
export class WorkspaceScanner {
  readonly base: string;
  /** What is done with one file, whatever is known of the others. */
  readonly files: FileWork;
  readonly #options: ScannerOptions;
  readonly #table: ResultTable;
  #configuration: Configuration;
  #pool: WorkerPool | null;
  #cache: ResultCache | null = null;
  #selection: Promise<Selection> | null = null;
  /** Folders that were scanned as a whole: rules of directories speak of what lies in them. */
  readonly #roots = new Set<string>();
  readonly #errors = new Map<string, string>();
  readonly #signatures: Signatures;
  readonly #buffers = new BufferJudge();
  /** When each path was last brought up to date by itself; a scan that began before must not undo that. */
  readonly #updated = new Map<string, number>();
  #clock = 0;

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.base = options.base;
    this.#configuration = options.configuration;
    this.#table = new ResultTable(options.base, options.configuration);
    this.#signatures = new Signatures(options.base);
    this.#pool = options.pool ?? null;
    this.files = new FileWork({
      ...{ base: options.base, isolate: options.isolate === true },
      configuration: () => this.#configuration,
      settings: () => this.#settings(),
      workers: () => this.#workers(),
    });
    this.#openCache();
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** What follows applies from the next scan or update on. */
  setConfiguration(configuration: Configuration): void {
    this.#cache?.save();
    this.#configuration = configuration;
    this.#table.configuration = configuration;
    this.#selection = null;
    this.#openCache();
  }

  /**
   * Scans paths (absolute; default the base). Later calls replace the results below those paths. A path that cannot be
   * read is an error in the report, and the others are scanned.
   * @throws {WeighbridgeError} `cancelled`, or `bad-input` for a damaged baseline.
   */
  async scan(paths: string[] = [this.base], run: ScanRun = {}): Promise<ScanReport> {
    const began = ++this.#clock;
    this.#readBaseline();
    const { osv } = this.#configuration;
    if (osv !== null && statOf(osv) === null)
      throw new WeighbridgeError(
        'not-found',
        `there is no OSV export ${osv}; fetch it, or change "vulnerabilities" in weighbridge.yaml`,
      );
    const discovery = await discover(paths, this.#configuration, run.signal);
    const found = new Set(discovery.files.map((file) => this.#relative(file)));
    const scope = paths.map((path) => this.#relative(path));
    const inScope = (path: string) => scope.some((top) => top === '.' || path === top || path.startsWith(`${top}/`));
    for (const path of this.#errors.keys()) if (inScope(path)) this.#errors.delete(path);
    for (const { path, message } of discovery.errors) this.#errors.set(this.#relative(path), message);
    for (const path of paths) if (statOf(path)?.isDirectory()) this.#roots.add(this.#relative(path));

    const work = run.shard ? await this.#workOf(found, run.shard) : null;
    const phases = new ScanPhases({ ...this.#setting(began), folders: work?.folders ?? null }, run);
    this.#table.facts.datasets.forget();
    for (const path of this.#table.paths()) {
      const isStale = this.#table.isReferenced(path) || (inScope(path) && !found.has(path));
      if (!isStale || this.#isNewer(path, began)) continue;
      this.#table.remove(path);
      phases.touched.add(path);
    }
    const own = work?.files;
    await phases.perform(own ? discovery.files.filter((file) => own.has(this.#relative(file))) : discovery.files);
    run.onSaving?.();
    if (scope.includes('.')) this.#cache?.prune((path) => found.has(path) || this.#table.has(path));
    this.#cache?.save();
    if (!run.shard || !work) return this.#report(inScope, found.size, discovery.skipped);
    const folders = new Set(directoriesOf(found));
    // A path that is neither belongs to nobody, such as a folder that cannot be read: all shards tell of it.
    const isOwn = (path: string) =>
      found.has(path) ? work.files.has(path) : folders.has(path) ? work.folders.has(path) : true;
    const report = this.#report((path) => inScope(path) && isOwn(path), work.files.size, discovery.skipped);
    return { shard: run.shard, ...report };
  }

  /** What this shard is to do; of files that it shares a folder with, it learns what they are. */
  async #workOf(found: ReadonlySet<string>, shard: Shard): Promise<ShardWork> {
    const { workOfShard } = await import('./shard.ts');
    const sized = [...found].map((path) => ({ path, size: Number(statOf(join(this.base, path))?.size ?? 0) }));
    const work = workOfShard(this.base, sized, shard);
    for (const path of work.companions) {
      const summary = companionSummary(join(this.base, path), path, this.#settings());
      if (summary) this.#table.storeCompanion(summary);
    }
    return work;
  }

  /**
   * Inspects again the files that changed, appeared or went (absolute paths), and judges again whatever refers to them.
   * @returns every result that changed; a file that is gone comes with artifact null and no findings.
   */
  async update(paths: string[], run: ScanRun = {}): Promise<FileResult[]> {
    const began = ++this.#clock;
    this.#readBaseline();
    const changed = new Map<string, FileResult>();
    const onResult = (result: FileResult) => {
      changed.set(result.path, result);
      run.onResult?.(result);
    };
    const phases = new ScanPhases(this.#setting(began), { ...run, onResult });
    this.#table.facts.datasets.forget(paths.map((path) => this.#relative(path)));
    const files = await this.#changedFiles(paths, phases.touched, run.signal);
    for (const file of files) this.#updated.set(this.#relative(file), began);
    await phases.perform(files);
    return [...changed.values()];
  }

  /** Judges an unsaved text (an editor's buffer) with the workspace's facts. `path` is absolute. */
  async judgeBuffer(path: string, text: string): Promise<Finding[]> {
    const { findings } = await this.#judgeBuffer(path, text, false);
    const own = this.#table.examinedFindings(this.#relative(path));
    return this.#table.judge([...own, ...findings]).open;
  }

  /** Judges the code cells of an unsaved notebook, joined to one text, whose lines the findings name. `path` is absolute. */
  async judgeCells(path: string, joined: string): Promise<Finding[]> {
    return this.#table.judge((await this.#judgeBuffer(path, joined, true)).findings).open;
  }

  /** The ways into models that an unsaved text opens. `path` is absolute. */
  async bufferPosture(path: string, text: string): Promise<Endpoint[]> {
    return (await this.#judgeBuffer(path, text, false)).endpoints ?? [];
  }

  #judgeBuffer(file: string, text: string, cells: boolean): Promise<JudgedText> {
    const run = { ...textRun(this.#setting(this.#clock)), clock: this.#clock };
    return this.#buffers.judge({ path: this.#relative(file), file, text, cells }, run);
  }

  /** By absolute path, or relative to the base. */
  result(path: string): FileResult | undefined {
    return this.#table.results.get(isAbsolute(path) ? this.#relative(path) : path);
  }

  /** By path relative to the base, with `/`. */
  results(): ReadonlyMap<string, FileResult> {
    return this.#table.results;
  }

  /** The signatures over models, as they were last verified. Paths are relative to the base. */
  signatures(): CheckedSignature[] {
    return this.#signatures.all();
  }

  /** The signature that counts for a folder of models, or for one model in it; paths are relative to the base. */
  signatureFor(folder: string, file?: string): CheckedSignature | undefined {
    return (file === undefined ? undefined : this.#signatures.of(file)) ?? this.#signatures.covering(folder);
  }

  /** The signature over a path (absolute): its own, or that of the nearest folder above that has one; of a signature, itself. */
  signatureOver(path: string): CheckedSignature | undefined {
    const named = this.#relative(path);
    const itself = this.#signatures.all().find(({ file }) => file === named);
    if (itself) return itself;
    for (let at = named; ; at = posix.dirname(at)) {
      const found = this.#signatures.of(at);
      if (found || at === '.' || at === '..' || at === '/') return found;
    }
  }

  /**
   * Verifies a model (absolute path), every byte of it, by whom a person trusts for this once. Nothing of it is kept.
   * @returns null where there is no model signature.
   * @throws {WeighbridgeError} `cancelled`, or what is wrong with the trust that is given.
   */
  verifyOnce(model: string, trust: Trust, run: ScanRun = {}): Promise<CheckedSignature | null> {
    return this.#signatures.verifyOnce(this.#relative(model), this.#table.summaries(), {
      configuration: this.#configuration,
      pool: () => this.#workers(),
      mayUseCache: false,
      signal: run.signal,
      onProgress: run.onVerifying,
      trust: [trust],
    });
  }

  /** The datasets of which registers or configs speak, as they were last compared; nothing is hashed for it. */
  async datasets(): Promise<DatasetState[]> {
    const { facts } = this.#table;
    const { datasetStates, loadParsers } = await import('./datasetStates.ts');
    await loadParsers(facts.datasets);
    const registers = this.#table.registers().flatMap((path): FoundRegister[] => {
      const register = facts.datasets.register(path);
      return register ? [[path, register]] : [];
    });
    const states = datasetStates(registers, this.#unregistered(), facts.datasets);
    // Nobody waits for what was asked for here.
    facts.datasets.takeWanted();
    return states;
  }

  /** Compares every dataset with its records anew, reading every byte. */
  verifyDatasets(run: ScanRun = {}): Promise<FileResult[]> {
    const registers = this.#table.registers().map((path) => join(this.base, path));
    return this.update(registers, { ...run, fullHash: true });
  }

  #unregistered(): { path: string; isFolder: boolean }[] {
    return [...this.#table.results.values()].flatMap(({ findings }) =>
      findings.flatMap(({ ruleId, evidence: { data } }) =>
        ruleId === 'dataset/unregistered' && typeof data === 'string'
          ? [{ path: data, isFolder: statOf(join(this.base, data))?.isDirectory() === true }]
          : [],
      ),
    );
  }

  /** Ends the workers and writes the cache. */
  async dispose(): Promise<void> {
    this.#cache?.save();
    await this.#pool?.close();
    this.#pool = null;
  }

  async #changedFiles(paths: readonly string[], touched: Set<string>, signal?: AbortSignal): Promise<string[]> {
    const selection = await (this.#selection ??= Selection.of(this.#configuration));
    const files = new Set<string>();
    const folders: string[] = [];
    for (const file of paths) {
      const path = this.#relative(file);
      const stat = statOf(file);
      touched.add(path);
      if (stat?.isDirectory()) folders.push(file);
      else if (stat?.isFile() && (this.#table.has(path) || (await selection.selects(file, this.base)))) files.add(file);
      else this.#forget(path, touched);
    }
    const discovery = await discover(folders, this.#configuration, signal);
    for (const file of discovery.files) files.add(file);
    return [...files];
  }

  /** A path that is gone, with everything below it. */
  #forget(gone: string, touched: Set<string>): void {
    for (const path of this.#table.paths()) {
      if (path !== gone && !path.startsWith(`${gone}/`)) continue;
      this.#table.remove(path);
      this.#updated.set(path, this.#clock);
      touched.add(path);
    }
    this.#cache?.delete(gone);
    this.#errors.delete(gone);
  }

  #report(inScope: (path: string) => boolean, files: number, skipped: Skipped): ScanReport {
    const errors = [...this.#errors].filter(([path]) => inScope(path)).map(([path, message]) => ({ path, message }));
    return this.#table.report(inScope, { files, errors, skipped });
  }

  #setting(began: number): PhaseSetting {
    const { baseline } = this.#configuration;
    return {
      base: this.base,
      table: this.#table,
      settings: this.#settings(),
      cache: this.#cache,
      pool: () => this.#workers(),
      isolate: this.#options.isolate === true,
      fill: this.#options.fill,
      baseline: baseline === null ? null : this.#relative(baseline),
      configuration: this.#configuration,
      signatures: this.#signatures,
      // In continuous integration and with `--no-cache` every byte is hashed.
      mayUseDigestCache: this.#cache !== null,
      roots: this.#roots,
      errors: this.#errors,
      isNewer: (path) => this.#isNewer(path, began),
      folders: null,
    };
  }

  #settings(): ExamineSettings {
    const { limits, maxFileSize, allowImports, osv } = this.#configuration;
    const ignoresRemarks = this.#options.honoursRemarks?.() === false;
    return {
      limits,
      maxFileSize,
      allowedImports: allowImports,
      ...(ignoresRemarks && { ignoresRemarks }),
      ...(osv !== null && { osv }),
    };
  }

  #openCache(): void {
    const wanted = this.#options.cache !== false && this.#configuration.cache && build !== null && !process.env['CI'];
    this.#cache = wanted ? new ResultCache(cacheFile(this.base), cacheKey([version, build, this.#settings()])) : null;
  }

  #readBaseline(): void {
    const { baseline } = this.#configuration;
    this.#table.baseline = baseline === null ? null : Baseline.read(baseline, true);
  }

  #workers(): WorkerPool {
    const { jobs, workers } = this.#options;
    return (this.#pool ??= new WorkerPool({ ...workers, ...(jobs !== undefined && { size: jobs }) }));
  }

  #isNewer(path: string, began: number): boolean {
    return (this.#updated.get(path) ?? 0) > began;
  }

  #relative(path: string): string {
    return relativePath(this.base, path);
  }
}
