import type { BaselineDiff } from '../poisoning/baselineDiff.ts';
import type { HiddenCharacters } from '../poisoning/characters.ts';
import type { Columns } from '../poisoning/columns.ts';
import type { Flood } from '../poisoning/floods.ts';
import type { HiddenInstruction } from '../poisoning/instructions.ts';
import type { LabelCount, LabelShift } from '../poisoning/labelShift.ts';
import type { RareToken } from '../poisoning/rareTokens.ts';
import type { Declaration } from '../personal/declaration.ts';
import type { PersonalKind } from '../personal/kinds.ts';
import type { RowProblem, RowSource } from '../rows/row.ts';
import type { EmbeddingScan } from './embeddingScan.ts';
import type { Place } from './place.ts';
import type { Sightings } from './textSightings.ts';

/** What a scan of one data file saw. Plain data; rules judge it. Lists are bounded, and say how many there were. */
export interface DatasetScan {
  /** Relative to the working directory, with `/`. */
  path: string;
  /** Of the file's bytes, hexadecimal. */
  sha256: string;
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
  labels: LabelCount[];
  labelShifts: LabelShift[];
  /** Near-duplicates: of the new rows, where an accepted version was given. */
  floods: Flood[];
  /** Tokens that look like triggers; only where there is no accepted version, which would prove more. */
  rareTokens: RareToken[];
  /** How rows lie among one another; null where there are too few. */
  embedding: EmbeddingScan | null;
  personal: PersonalInField[];
  /** What the record of the data says of personal data; null where there is no record. */
  declaration: Declaration | null;
  review: ReviewState;
}

/** What one field holds of persons. */
export interface PersonalInField {
  field: string;
  kind: PersonalKind;
  rows: number;
  values: number;
  /** Masked. */
  examples: string[];
  places: Place[];
}

/** What people have decided about records of the file. */
export interface ReviewState {
  /** Records that are marked, or listed as known to be clean: nothing is said of them. */
  marked: number;
  knownClean: number;
  /** The file as a whole is listed as known to be clean. */
  fileKnownClean: boolean;
  /** Records that are marked as poisoned: the first thousand, and how many in all. */
  poisoned: { place: Place; reason: string }[];
  poisonedCount: number;
}
