import type { FormatId } from '../formats/facts.ts';
import type { ByteSource } from '../formats/source.ts';

/** A directory that holds model files, as a rule sees it. */
export interface DirectorySubject {
  /** Relative to the scan's base, with `/`; `.` for the base itself. */
  path: string;
  /** Names of all files that stand directly in it. */
  files: string[];
  /** The artifacts among them. */
  artifacts: { name: string; format: FormatId }[];
  /**
   * Hands a file in it or below it (relative, with `/`) to `use`, and gives what that gives; null when there is no such
   * file, or it cannot be read. Heads and indexes are read so, never tensors.
   */
  read<T>(name: string, use: (source: ByteSource) => T): T | null;
}
