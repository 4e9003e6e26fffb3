import type { BaselineDiff } from '../poisoning/baselineDiff.ts';
import type { Columns } from '../poisoning/columns.ts';
import type { RowProblem, RowSource } from '../rows/row.ts';

import type { HiddenCharacters } from '../poisoning/characters.ts';
import type { HiddenInstruction } from '../poisoning/instructions.ts';
import type { Sightings } from './textSightings.ts';

/** What a scan of one data file saw. Plain data; rules judge it. Lists are bounded, and say how many there were. */
export interface DatasetScan {
  /** Relative to the working directory, with `/`. */
  path: string;
  format: RowSource['format'];
  /** Bytes. */
  size: number;
  rows: number;
  columns: Columns;
  /** Records that could not be read: the first hundred, and how many in all. */
  problems: RowProblem[];
  problemCount: number;
  /** Characters that a reader does not see as what they are. */
  characters: Sightings<HiddenCharacters['kind']>;
  /** Text that is written for the model and not for people. */
  instructions: Sightings<HiddenInstruction['kind']>;
  /** What is new against the accepted version; null where none was given. */
  diff: BaselineDiff | null;
}
