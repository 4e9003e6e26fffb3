import type { ConvertOptions, ConvertResult } from '../convert/convertCheckpoint.ts';
import type { Inspection } from '../formats/facts.ts';
import type { Finding } from '../rules/finding.ts';
import type { Configuration } from './configuration.ts';
import type { ArtifactSummary, FileResult, ScanProgress, ScanReport } from './report.ts';

export interface ScannerOptions {
  /** Absolute path of the folder that results are relative to. */
  base: string;
  configuration: Configuration;
  /** False: neither read nor written. Default: what the configuration says. */
  cache?: boolean;
  /** How many workers at most. Default: the number of processors, at most 8. */
  jobs?: number;
  /** True: everything runs in workers, so that this thread stays free (the language server). Default: small jobs run here. */
  isolate?: boolean;
}

export interface ScanRun {
  signal?: AbortSignal;
  onProgress?: (progress: ScanProgress) => void;
  onResult?: (result: FileResult) => void;
}

/** All that is known of one file, for the inspector. */
export interface FileInspection {
  summary: ArtifactSummary;
  inspection: Inspection;
  findings: Finding[];
}

/** Scans a workspace and keeps its results up to date. Both doors use it. */
export class WorkspaceScanner {
  readonly #options: ScannerOptions;
  #configuration: Configuration;
  readonly #results = new Map<string, FileResult>();

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
  }

  /** The folder that results are relative to, absolute. */
  get base(): string {
    return this.#options.base;
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** What follows applies from the next scan or update on. */
  setConfiguration(configuration: Configuration): void {
    this.#configuration = configuration;
  }

  /**
   * Scans paths (absolute; default the base). Later calls replace the results below those paths.
   * @throws {WeighbridgeError} `not-found` for a path that is not there, `cancelled` when the signal is aborted.
   */
  scan(paths?: string[], run?: ScanRun): Promise<ScanReport> {
    void paths;
    void run;
    return Promise.reject(new Error('not built yet'));
  }

  /**
   * Inspects again the files that changed, appeared or went (absolute paths), and judges again whatever refers to them.
   * @returns every result that changed; a file that is gone comes with artifact null and no findings.
   */
  update(paths: string[], run?: ScanRun): Promise<FileResult[]> {
    void paths;
    void run;
    return Promise.reject(new Error('not built yet'));
  }

  /** Judges an unsaved text (an editor's buffer) with the workspace's facts. `path` is absolute. */
  judgeBuffer(path: string, text: string): Promise<Finding[]> {
    void path;
    void text;
    return Promise.reject(new Error('not built yet'));
  }

  /** By absolute path, or relative to the base. */
  result(path: string): FileResult | undefined {
    return this.#results.get(path);
  }

  /** By path relative to the base, with `/`. */
  results(): ReadonlyMap<string, FileResult> {
    return this.#results;
  }

  /** Everything about one file, read anew in a worker. `path` is absolute. */
  inspectFile(path: string, options?: { disassemble?: boolean }): Promise<FileInspection> {
    void path;
    void options;
    return Promise.reject(new Error('not built yet'));
  }

  /** Converts a checkpoint in a worker. `path` is absolute. */
  convert(path: string, options: ConvertOptions): Promise<ConvertResult> {
    void path;
    void options;
    return Promise.reject(new Error('not built yet'));
  }

  /** Ends the workers and writes the cache. */
  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
