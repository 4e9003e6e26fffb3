import type { ConvertOptions, ConvertResult } from '../convert/convertCheckpoint.ts';
import type { ConvertIndexResult } from '../convert/convertIndexFile.ts';
import { WeighbridgeError } from '../errors.ts';
import { reasonOf } from '../files/reason.ts';
import type { Inspection } from '../formats/facts.ts';
import type { Finding } from '../rules/finding.ts';
import type { Configuration } from './configuration.ts';
import { examineFully, type ExamineSettings } from './examine.ts';
import { grace } from './examineAll.ts';
import type { WorkerPool } from './pool.ts';
import type { ArtifactSummary } from './report.ts';
import { relativePath, statOf } from './scanPhases.ts';
import type { DigestRun } from './tensorDigests.ts';
import { applyConfiguration, compareFindings } from './verdicts.ts';

/** All that is known of one file, for the inspector. */
export interface FileInspection {
  summary: ArtifactSummary;
  inspection: Inspection;
  findings: Finding[];
}

/** What the work is done with, which changes with the configuration. */
interface Means {
  base: string;
  /** Everything runs in workers. */
  isolate: boolean;
  configuration: () => Configuration;
  settings: () => ExamineSettings;
  workers: () => WorkerPool;
}

/** Work on one file of a workspace: nothing of it is kept. */
export class FileWork {
  readonly #means: Means;

  constructor(means: Means) {
    this.#means = means;
  }

  /**
   * Everything about one file, read anew. `path` is absolute.
   * @throws {WeighbridgeError} `not-found`, `unreadable`, or `worker-lost`.
   */
  async inspectFile(path: string, options: { signal?: AbortSignal } = {}): Promise<FileInspection> {
    const task = { file: path, path: relativePath(this.#means.base, path) };
    const settings = this.#means.settings();
    const stat = statOf(path);
    if (!stat?.isFile()) {
      const gone = stat === null;
      throw new WeighbridgeError(
        gone ? 'not-found' : 'unreadable',
        `${path}: ${gone ? reasonOf({ code: 'ENOENT' }) : 'is not a regular file'}`,
      );
    }
    try {
      const watchdogMs = settings.limits.timeMs + grace;
      const { examined, inspection } = this.#means.isolate
        ? await this.#means.workers().run('inspectFile', { ...task, settings }, { ...options, watchdogMs })
        : examineFully(task, settings);
      const findings = applyConfiguration(examined.findings, this.#means.configuration()).sort(compareFindings);
      return { summary: examined.summary, inspection, findings };
    } catch (cause) {
      if (cause instanceof WeighbridgeError) throw cause;
      throw new WeighbridgeError('unreadable', `cannot read ${path}: ${reasonOf(cause)}`, { cause });
    }
  }

  /**
   * The digests of a file's tensors in the order of its parts; null for those that do not stand in one piece. `path` is absolute.
   * @throws {WeighbridgeError} `cancelled`, `unreadable`, or `worker-lost`.
   */
  digestTensors(path: string, { parts }: Inspection, { signal, onProgress }: DigestRun): Promise<(string | null)[]> {
    const { limits } = this.#means.configuration();
    return this.#means
      .workers()
      .run(
        'digestTensors',
        { file: path, parts: parts.filter((part) => 'tensors' in part), limits },
        { ...(signal ? { signal } : {}), ...(onProgress ? { onPart: onProgress } : {}) },
      );
  }

  /**
   * Converts a checkpoint in a worker. `path` is absolute.
   * @throws {WeighbridgeError} what the conversion says, `cancelled`, or `worker-lost`.
   */
  convert(path: string, options: ConvertOptions): Promise<ConvertResult> {
    const { signal, onProgress, ...sent } = options;
    return this.#means
      .workers()
      .run(
        'convert',
        { file: path, options: sent },
        { ...(signal ? { signal } : {}), onPart: ({ done, total }) => onProgress?.(done, total) },
      );
  }

  /**
   * Converts all shards of a checkpoint by its index (`pytorch_model.bin.index.json`), or none.
   * @throws {WeighbridgeError} as `convert`.
   */
  convertIndex(path: string, options: ConvertOptions): Promise<ConvertIndexResult> {
    const { signal, onProgress, ...sent } = options;
    return this.#means
      .workers()
      .run(
        'convertIndex',
        { file: path, options: sent },
        { ...(signal ? { signal } : {}), onPart: ({ done, total }) => onProgress?.(done, total) },
      );
  }
}
