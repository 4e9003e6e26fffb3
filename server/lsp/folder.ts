import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { configurationFileName, defaultConfiguration, folderConfiguration } from '../engine/configuration.ts';
import type { Configuration } from '../engine/configuration.ts';
import type { FileResult, ScanProgress, ScanReport } from '../engine/report.ts';
import { usualName } from '../engine/signatureFiles.ts';
import { WorkspaceScanner, type ScanRun } from '../engine/workspaceScanner.ts';
import { isWithin, relativePath, uriOfPath } from './address.ts';
import { DirectoryFindings } from './directoryFindings.ts';
import type { Settings } from './protocol.ts';

/** Edits come in bursts (a branch switch, a save of everything): one update serves the burst. */
const settleMs = 50;

/**
 * A server lives beside an editor: it takes little of the machine, and gives back what it does not need. One worker scans, and one is for texts
 * that are being edited, which wait for no scan (docs/decisions/0015).
 */
const mostWorkers = 2;
const workers = { reserved: 1, idleMs: 10_000 };

/** What a folder tells the rest of the server. */
export interface FolderEvents {
  /** Results that are new, changed or gone. */
  results(folder: Folder, results: FileResult[]): void;
  /** Scanning started, went on, or ended. */
  activity(folder: Folder): void;
  failed(what: string, error: unknown): void;
  /** Files (absolute) changed on disk, and what is known of them is up to date again. */
  settled(folder: Folder, paths: readonly string[]): void;
}

export interface FolderOptions {
  path: string;
  /** A file that is open outside every workspace folder: only that file is looked at. */
  loose: boolean;
  trusted: () => boolean;
  settings: () => Settings;
}

/** One workspace folder: its configuration, its scanner, and the order in which work on it is done. */
export class Folder {
  readonly path: string;
  readonly loose: boolean;
  readonly scanner: WorkspaceScanner;
  /** Why the configuration could not be read; the defaults hold meanwhile. */
  configurationError: string | null = null;
  /** Set while a scan or an update runs. */
  progress: ScanProgress | null = null;
  /** Why the last scan failed, or null. */
  failure: string | null = null;
  unreadable = 0;
  readonly #options: FolderOptions;
  readonly #events: FolderEvents;
  readonly #pending = new Set<string>();
  /** Everything that changed since the last update, of whatever kind. */
  #changes = new Set<string>();
  readonly #directories = new DirectoryFindings(
    (path) => statSync(this.absolute(path), { throwIfNoEntry: false })?.isDirectory() === true,
  );
  #rescan = false;
  #timer: NodeJS.Timeout | undefined;
  #queue: Promise<unknown>;
  #disposed = false;

  constructor(options: FolderOptions, events: FolderEvents) {
    this.#options = options;
    this.#events = events;
    this.path = options.path;
    this.loose = options.loose;
    this.scanner = new WorkspaceScanner({
      base: options.path,
      configuration: defaultConfiguration(options.path),
      isolate: true,
      jobs: Math.min(mostWorkers, availableParallelism()),
      workers,
      honoursRemarks: options.trusted,
    });
    this.#queue = this.#configure();
  }

  /** Settles when what was asked for before is done. */
  async settled(): Promise<void> {
    await this.#queue;
  }

  /** Reads the configuration again; what changed is scanned anew. */
  reconfigure(): Promise<void> {
    return this.#enqueue(() => this.#configure());
  }

  /** Scans everything, or what lies at and below some paths (absolute). */
  scan(
    paths: string[] | undefined,
    run: { signal?: AbortSignal; onProgress?: (progress: ScanProgress) => void },
  ): Promise<ScanReport> {
    return this.#enqueue(async () => {
      // A change of the configuration that has not settled yet counts for who asks now.
      if (this.#rescan) await this.#configure();
      const before = new Map(this.scanner.results());
      this.failure = null;
      this.#activity({ done: 0, total: 0, path: '' });
      try {
        const report = await this.scanner.scan(paths, {
          ...(run.signal && { signal: run.signal }),
          onProgress: (progress) => {
            this.#activity(progress);
            run.onProgress?.(progress);
          },
          onResult: (result) => {
            before.delete(result.path);
            this.#tell([result]);
          },
        });
        this.unreadable = report.errors.length;
        // What a finished scan knows counts: results may have changed after they were first told (cross-file facts).
        const gone = [...before.keys()].filter((known) => !this.scanner.results().has(known));
        this.#tell([
          ...this.scanner.results().values(),
          ...gone.map((known) => ({ path: known, artifact: null, findings: [] })),
        ]);
        return report;
      } catch (error) {
        if (run.signal?.aborted !== true) this.failure = error instanceof Error ? error.message : String(error);
        throw error;
      } finally {
        this.#activity(null);
      }
    });
  }

  /** Something changed on disk (absolute paths). The work starts once changes have settled. */
  changed(paths: string[]): void {
    for (const changed of paths) {
      const relative = relativePath(this.path, changed);
      if (/(^|\/)(\.git|node_modules)(\/|$)/.test(relative)) continue;
      this.#changes.add(changed);
      if (relative === configurationFileName || changed === this.scanner.configuration.baseline) this.#rescan = true;
      else if (/(^|\/)\.gitignore$/.test(relative)) this.#rescan = true;
      else this.#pending.add(changed);
    }
    if (this.#pending.size === 0 && !this.#rescan) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.flush(), settleMs);
  }

  /** Does now what `changed` has put off. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    const paths = [...this.#pending];
    const rescan = this.#rescan;
    const changes = [...this.#changes];
    this.#changes = new Set();
    this.#pending.clear();
    this.#rescan = false;
    try {
      if (rescan) {
        await this.reconfigure();
        if (!this.loose) await this.scan(undefined, {});
      } else if (paths.length > 0) {
        await this.#enqueue(async () => {
          const results = await this.scanner.update(paths);
          this.#tell(results);
        });
        this.#events.activity(this);
      }
    } catch (error) {
      this.#events.failed(`Could not bring ${this.path} up to date`, error);
    }
    if (changes.length > 0 && !this.#disposed) this.#events.settled(this, changes);
  }

  /** Work with the scanner while nothing else uses it. */
  exclusively<T>(work: (scanner: WorkspaceScanner) => Promise<T>): Promise<T> {
    return this.#enqueue(async () => {
      if (this.#rescan) await this.#configure();
      return work(this.scanner);
    });
  }

  /** Verifies the signature over a file or a folder (absolute) anew: every byte of what it covers. */
  verify(file: string, run: Pick<ScanRun, 'signal' | 'onVerifying'>): Promise<void> {
    return this.#enqueue(async () => {
      // Whom the file trusts now, and not when the editor last told of it: somebody may just have been struck out.
      await this.#configure();
      const known = this.scanner.signatureOver(file);
      const paths = known ? [this.absolute(known.file)] : [path.join(file, usualName)];
      this.#tell(await this.scanner.update(paths, { ...run, fullHash: true }));
      this.#events.activity(this);
    });
  }

  /** Compares every dataset with its records anew. */
  verifyDatasets(run: Pick<ScanRun, 'signal' | 'onProgress'>): Promise<void> {
    return this.#enqueue(async () => {
      this.#tell(await this.scanner.verifyDatasets(run));
      this.#events.activity(this);
    });
  }

  contains(absolute: string): boolean {
    return isWithin(this.path, absolute);
  }

  absolute(relative: string): string {
    return path.join(this.path, relative);
  }

  uri(relative: string): string {
    return uriOfPath(this.absolute(relative));
  }

  /** What is known of a file (absolute), with what is said of its directory where this file stands for it. */
  result(absolute: string): FileResult | undefined {
    return this.#resultAt(relativePath(this.path, absolute));
  }

  /** The artifacts that are known below a directory (absolute), at any depth. */
  artifactsBelow(directory: string): FileResult[] {
    const prefix = `${relativePath(this.path, directory)}/`;
    return [...this.scanner.results().values()].filter(({ path, artifact }) => artifact && path.startsWith(prefix));
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearTimeout(this.#timer);
    await this.scanner.dispose();
  }

  #resultAt(relative: string): FileResult | undefined {
    const all = this.scanner.results();
    const own = all.get(relative);
    if (!own) return undefined;
    const ofDirectory = this.#directories.at(relative, all);
    return ofDirectory.length === 0 ? own : { ...own, findings: [...own.findings, ...ofDirectory] };
  }

  #tell(results: FileResult[]): void {
    const hosts = this.#directories.note(results, this.scanner.results());
    const files = new Set(results.map(({ path }) => path).filter((path) => !this.#directories.has(path)));
    for (const host of hosts) files.add(host);
    const gone = (path: string): FileResult => ({ path, artifact: null, findings: [] });
    this.#events.results(
      this,
      [...files].map((path) => this.#resultAt(path) ?? gone(path)),
    );
  }

  async #configure(): Promise<void> {
    let configuration = defaultConfiguration(this.path);
    this.configurationError = null;
    // An untrusted workspace must not be able to silence its own findings.
    if (this.#options.trusted()) {
      try {
        configuration = await folderConfiguration(this.path);
      } catch (error) {
        this.configurationError = error instanceof Error ? error.message : String(error);
        this.#events.failed(`Could not read the configuration of ${this.path}`, error);
      }
    }
    this.scanner.setConfiguration(withSettings(configuration, this.#options.settings()));
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(() => {
      if (this.#disposed) throw new Error('the folder was closed');
      return work();
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #activity(progress: ScanProgress | null): void {
    this.progress = progress;
    this.#events.activity(this);
  }
}

/** The editor's settings add to the file that a team shares; for a rule that both name, the file wins. */
function withSettings(configuration: Configuration, settings: Settings): Configuration {
  const rules = { ...configuration.rules };
  for (const [rule, severity] of Object.entries(settings.severity ?? {})) {
    rules[rule] = { allow: [], severity, ...rules[rule] };
  }
  return {
    ...configuration,
    rules,
    exclude: [...configuration.exclude, ...(settings.exclude ?? [])],
    maxFileSize: configuration.maxFileSize ?? (settings.maxFileSize ? settings.maxFileSize * 1e6 : null),
  };
}
