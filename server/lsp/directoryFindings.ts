import { posix } from 'node:path';
import type { FileResult } from '../engine/report.ts';
import type { Finding } from '../rules/finding.ts';

/**
 * An editor shows findings at files and cannot open a directory: what is said of a directory of models is shown at the
 * first model in it.
 */
export class DirectoryFindings {
  /** Directory to the model that stands for it. */
  readonly #hosts = new Map<string, string>();
  readonly #isDirectory: (path: string) => boolean;

  constructor(isDirectory: (path: string) => boolean) {
    this.#isDirectory = isDirectory;
  }

  /**
   * Takes note of new results.
   * @returns the models whose findings are not what they were.
   */
  note(results: readonly FileResult[], all: ReadonlyMap<string, FileResult>): Set<string> {
    const touched = new Set<string>();
    const move = (directory: string) => {
      const before = this.#hosts.get(directory);
      const host = all.get(directory)?.findings.length ? firstModel(directory, all) : undefined;
      if (host === undefined) this.#hosts.delete(directory);
      else this.#hosts.set(directory, host);
      for (const path of [before, host]) if (path !== undefined) touched.add(path);
    };
    for (const { path, artifact, findings } of results) {
      if (this.#hosts.has(path) || (!artifact && findings.length > 0 && this.#isDirectory(path))) move(path);
      const around = posix.dirname(path);
      const host = this.#hosts.get(around);
      if (host !== undefined && (artifact ? path < host : path === host)) move(around);
    }
    return touched;
  }

  /** True for a path whose findings are shown at a model. */
  has(directory: string): boolean {
    return this.#hosts.has(directory);
  }

  /** What is shown at a model on behalf of its directory. */
  at(path: string, all: ReadonlyMap<string, FileResult>): Finding[] {
    const directory = posix.dirname(path);
    return this.#hosts.get(directory) === path ? (all.get(directory)?.findings ?? []) : [];
  }
}

function firstModel(directory: string, all: ReadonlyMap<string, FileResult>): string | undefined {
  let first: string | undefined;
  for (const [path, { artifact }] of all) {
    if (artifact && posix.dirname(path) === directory && (first === undefined || path < first)) first = path;
  }
  return first;
}
