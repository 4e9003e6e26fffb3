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
      for (let around = posix.dirname(path); ; around = posix.dirname(around)) {
        const host = this.#hosts.get(around);
        if (host !== undefined && (artifact ? standsBefore(path, host, around) : path === host)) move(around);
        if (around === '.' || around === '/' || around.endsWith('..')) break;
      }
    }
    return touched;
  }

  /** True for a path whose findings are shown at a model. */
  has(directory: string): boolean {
    return this.#hosts.has(directory);
  }

  /** What is shown at a model on behalf of its directory. */
  at(path: string, all: ReadonlyMap<string, FileResult>): Finding[] {
    const findings: Finding[] = [];
    for (let directory = posix.dirname(path); ; directory = posix.dirname(directory)) {
      if (this.#hosts.get(directory) === path) findings.push(...(all.get(directory)?.findings ?? []));
      if (directory === '.' || directory === '/' || directory.endsWith('..')) return findings;
    }
  }
}

/** Models in the directory itself come before those below it. */
function standsBefore(path: string, host: string, directory: string): boolean {
  const direct = posix.dirname(path) === directory;
  return direct === (posix.dirname(host) === directory) ? path < host : direct;
}

/** The first model in a directory; where it has none itself, as with a signature over folders, the first one below. */
function firstModel(directory: string, all: ReadonlyMap<string, FileResult>): string | undefined {
  const inside = directory === '.' ? '' : `${directory}/`;
  let first: string | undefined;
  for (const [path, { artifact }] of all) {
    if (!artifact || !path.startsWith(inside)) continue;
    if (first === undefined || standsBefore(path, first, directory)) first = path;
  }
  return first;
}
