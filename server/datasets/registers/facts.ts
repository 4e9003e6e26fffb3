import type { TextRange } from '../../formats/text/facts.ts';
import type { DatasetAlgorithm } from '../hashing/algorithms.ts';

// What a register says of data: a manifest, a catalogue entry, a card, an event of lineage. A reader never says good or bad.

/** A value of a register with its place: quotes not included. */
export interface Located<T> {
  value: T;
  range: TextRange;
}

export type RegisterKind =
  | 'provenance'
  | 'dvc'
  | 'dvc-lock'
  | 'croissant'
  | 'frictionless'
  | 'kaggle'
  | 'mlflow'
  | 'hub-card'
  | 'hub-infos'
  | 'openlineage';

/** What people call each. */
export const registerNames: Record<RegisterKind, string> = {
  provenance: 'provenance record',
  dvc: 'DVC file',
  'dvc-lock': 'dvc.lock',
  croissant: 'Croissant file',
  frictionless: 'data package',
  kaggle: 'Kaggle metadata',
  mlflow: 'MLflow dataset',
  'hub-card': 'dataset card',
  'hub-infos': 'dataset_infos.json',
  openlineage: 'OpenLineage event',
};

/** A value that is there for a hash, whether or not it is one. */
export interface RecordedDigest {
  /** Null where the register names an algorithm that is not known. */
  algorithm: DatasetAlgorithm | null;
  /** As the register names it. */
  named: string;
  /** The digest as it is written. */
  written: string;
  range: TextRange;
}

/** One file, folder or remote object that a register speaks of. */
export interface RegisteredData {
  /** For a person. */
  name: string;
  /** Where a finding about it as a whole stands. */
  place: TextRange;
  /** Relative to the register's folder, or absolute; null for what is elsewhere. */
  path: string | null;
  /** Where it comes from. */
  url: Located<string> | null;
  /** What pins the source: a commit, an etag, a version; null where nothing does. */
  pin: Located<string> | null;
  digests: RecordedDigest[];
  /** Bytes. */
  size: Located<number> | null;
  /** How many files a folder holds. */
  files: Located<number> | null;
  /** `output`: it is the data. `input`: a stage read it, and it may be code. */
  role: 'output' | 'input';
  /** How it was made, where the register says so. */
  madeBy: { step: string; code: string | null } | null;
  /** Whether registers of this kind are meant to hold a hash of such an entry. */
  wantsDigest: boolean;
}

/** The five parts of a provenance record. */
export const provenanceParts = ['source', 'ingestedBy', 'validatedAt', 'transforms', 'hash'] as const;
export type ProvenancePart = (typeof provenanceParts)[number];

/** What each part says, as a clause for a person. */
export const partPhrases: Record<ProvenancePart, string> = {
  source: 'where it came from',
  ingestedBy: 'who took it in',
  validatedAt: 'when it was validated',
  transforms: 'what was done to it',
  hash: 'what its hash is',
};

export interface DatasetRegister {
  kind: RegisterKind;
  /** Of the format, where it says so. */
  version: string | null;
  name: string | null;
  /** Where a finding about the register as a whole stands. */
  place: TextRange;
  data: RegisteredData[];
  /** What it says of each part, a few words; null where it says nothing. One for each dataset of a provenance record. */
  records: RegisterRecord[];
  /** Null where registers of this kind name none. */
  licence: { found: Located<string> | null; place: TextRange } | null;
}

/** One record of the five parts. */
export interface RegisterRecord {
  name: string;
  place: TextRange;
  parts: Record<ProvenancePart, Located<string> | null>;
  /** When the validation was made, and how long it holds (RFC 3339), with what it found. */
  validation: { at: Located<string> | null; until: Located<string> | null; result: Located<string> | null };
  /** When the data was ingested (RFC 3339). */
  ingestedAt: Located<string> | null;
  /** Of a provenance record: who may see the data. */
  classification?: Located<string> | null;
}

export const noParts: RegisterRecord['parts'] = {
  source: null,
  ingestedBy: null,
  validatedAt: null,
  transforms: null,
  hash: null,
};
