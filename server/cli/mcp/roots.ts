import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, resolve, sep } from 'node:path';
import { WeighbridgeError } from '../../errors.ts';

/** The folders that an assistant may look into. */
export class Roots {
  /** Where links lead in the end. */
  readonly #folders: string[];

  private constructor(folders: string[]) {
    this.#folders = folders;
  }

  /** @throws {WeighbridgeError} `not-found` for one that is no folder. */
  static of(folders: readonly string[]): Roots {
    return new Roots(
      folders.map((folder) => {
        if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync.native(folder);
        throw new WeighbridgeError('not-found', `there is no folder ${folder} to look into`);
      }),
    );
  }

  /** The first: where relative paths begin, and where `weighbridge.yaml` is looked for. */
  get first(): string {
    return this.#folders[0] ?? '/';
  }

  all(): readonly string[] {
    return this.#folders;
  }

  /** Whether a path (absolute) lies in one of them, links on the way resolved. */
  holds(path: string): boolean {
    try {
      const real = realpathSync.native(path);
      return this.#folders.some(
        (folder) => real === folder || real.startsWith(folder.endsWith(sep) ? folder : folder + sep),
      );
    } catch {
      return false;
    }
  }

  /**
   * The absolute path that an assistant names.
   * @throws {WeighbridgeError} `refused`. What lies outside and what is not there are told in the same words.
   */
  resolve(path: string): string {
    const absolute = isAbsolute(path) ? path : resolve(this.first, path);
    if (path !== '' && !path.includes('\0') && this.holds(absolute)) return absolute;
    throw new WeighbridgeError('refused', `there is nothing of that name in ${this.#folders.join(', ')}`);
  }
}
