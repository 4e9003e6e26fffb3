/** What is known of a model, before it is written as CycloneDX: each fact with the place that it was read from. */

/** Where a fact comes from. */
export interface Origin {
  /** Relative to the model's folder, with `/`; for what lies above it, starting with `../`. */
  file: string;
  /** The key, the heading or the part of the file: `front matter: license`, `tensor headers`. */
  at?: string;
  /** How it was read; CycloneDX' own words for evidence. */
  technique: 'manifest-analysis' | 'binary-analysis' | 'filename' | 'hash-comparison' | 'attestation' | 'other';
}

export interface Sourced<T> {
  value: T;
  origin: Origin;
}

export interface NamedValue {
  name: string;
  value: string;
}

/** A file of the model. */
export interface FileRecord {
  /** Relative to the model's folder, with `/`. */
  path: string;
  /** Bytes; of the real file where a Git LFS pointer stands for it. */
  size: number;
  /** SHA-256, hex; null where the file could not be read. */
  sha256: string | null;
  /** True when a Git LFS pointer stands for the file: the hash is what the pointer says. */
  pointer: boolean;
  /** By content; null for texts and what is not a model. */
  format: string | null;
  role:
    'weights' | 'training' | 'configuration' | 'tokenizer' | 'documentation' | 'licence' | 'code' | 'data' | 'other';
  /** Facts of this file alone. */
  properties: NamedValue[];
}

/** A licence, by its SPDX id where it has one. */
export interface Licence {
  id: string | null;
  name: string;
  url?: string;
}

export interface BaseModel {
  /** `org/name` on a registry, or the path that is written. */
  name: string;
  revision?: string;
  /** What was done to it: `finetune`, `adapter`, `quantized`, `merge`. */
  relation?: string;
}

export interface DatasetRecord {
  name: string;
  origin: Origin;
  /** Where it can be had. */
  url?: string;
  version?: string;
  licence?: Licence;
  description?: string;
  /** How confidential it is, and what in it is personal or otherwise sensitive. */
  classification?: string;
  sensitiveData?: string[];
  /** How it is used: `train`, `test`, `validation`. */
  usage: string[];
  hashes: { algorithm: 'MD5' | 'SHA-1' | 'SHA-256' | 'SHA-512'; value: string }[];
  properties: NamedValue[];
}

export interface Metric {
  type: string;
  value: string;
  slice?: string;
  lower?: string;
  upper?: string;
}

export interface LibraryRecord {
  name: string;
  version?: string;
  origin: Origin;
  /** `sha256:...` of the distributions that a lock file pins. */
  hashes?: string[];
}

/** What is known to be wrong with packages of the model's environment. */
export interface VulnerabilityRecord {
  /** `CVE-2024-1234`, `GHSA-...`, `PYSEC-...`. */
  id: string;
  /** Other ids of the same. */
  aliases: string[];
  /** Who says so: `OSV`. */
  source: { name: string; url?: string };
  severity?: 'critical' | 'high' | 'medium' | 'low';
  summary?: string;
  /** Package addresses, as `packageAddress` makes them, of what is affected. */
  affects: string[];
}

export interface Reference {
  type:
    | 'distribution'
    | 'documentation'
    | 'license'
    | 'model-card'
    | 'vcs'
    | 'website'
    | 'digital-signature'
    | 'evidence'
    | 'rfc-9116';
  url: string;
  comment?: string;
  origin: Origin;
}

/** Groups of a model card's considerations that CycloneDX has a field for. */
export type Consideration =
  'users' | 'useCases' | 'technicalLimitations' | 'performanceTradeoffs' | 'ethicalConsiderations';

/** Single facts that the first source decides. */
export interface SingleFacts {
  /** Where the name is not given with it. */
  version: string;
  description: string;
  supplier: string;
  task: string;
  approach: 'supervised' | 'unsupervised' | 'reinforcement-learning' | 'semi-supervised' | 'self-supervised';
  family: string;
  architecture: string;
  /** ISO 8601, of the release. */
  released: string;
  trainingStart: string;
  trainingEnd: string;
  copyright: string;
}
