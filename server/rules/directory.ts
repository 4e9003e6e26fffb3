import type { FormatId } from '../formats/facts.ts';

/** A directory that holds model files, as a rule sees it. */
export interface DirectorySubject {
  /** Relative to the scan's base, with `/`; `.` for the base itself. */
  path: string;
  /** Names of all files that stand directly in it. */
  files: string[];
  /** The artifacts among them. */
  artifacts: { name: string; format: FormatId }[];
}
