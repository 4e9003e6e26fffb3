/**
 * Facts: what a file *is*. A reader fills these in; it never says good or bad.
 *
 * Everything here is plain data that survives a structured clone (workers) and `JSON.stringify`. Sizes and offsets are
 * in bytes. An `entry` is the path inside containers: `''` for the file itself, `archive/data.pkl` for a member,
 * `inner.pt!archive/data.pkl` for a member of a member. An offset counts from the start of that entry's own bytes.
 */

import type { ContentAddress } from './contentAddress.ts';
import type { GraphFacts, GraphFormat } from './graph/facts.ts';
import type { ModelFacts, ModelFormat } from './modelFacts.ts';

/** Formats that are read whole; those of graphs stand in `graph/facts.ts`, further models in `modelFacts.ts`. */
export type ReadFormat =
  | 'pickle'
  | 'torch-zip'
  | 'torch-legacy'
  | 'torch-tar'
  | 'torchscript'
  | 'numpy'
  | 'npz'
  | 'joblib'
  | 'safetensors'
  | 'zip'
  | 'tar'
  | 'gzip'
  | 'zlib'
  | 'bzip2'
  | 'xz'
  | 'lzma'
  | 'lz4'
  | 'zstd'
  | '7z';

/** Formats that are recognised by their bytes, and whose content is not read yet. */
export type RecognisedFormat = 'ggml' | 'git-lfs-pointer';

export type FormatId = ReadFormat | GraphFormat | ModelFormat | RecognisedFormat | 'text' | 'unknown' | 'empty';

/** Something that kept a reader from seeing everything, or bytes that break the format's rules. */
export interface ReadProblem {
  code:
    | 'truncated'
    | 'malformed'
    | 'unsupported'
    | 'encrypted'
    | 'unreadable'
    | 'limit-depth'
    | 'limit-entries'
    | 'limit-imports'
    | 'limit-expanded-bytes'
    | 'limit-ratio'
    | 'limit-opcodes'
    | 'limit-time'
    | 'limit-memory'
    | 'limit-file-size';
  entry: string;
  /** Where it happened, or null when no single place can be named. */
  offset: number | null;
  /** One clause for a person, without the file's name: `the stream ends inside a string`. */
  message: string;
  /** True when bytes may have gone unseen because of it: the artifact is then not completely inspected. */
  incomplete: boolean;
}

// ---- pickle ----------------------------------------------------------------------------------------------------

/** How a pickle names a global. */
export interface PickleImport {
  /** As find_class would get it, after the Python 2 names are mapped; null when it is computed at load time. */
  module: string | null;
  /** May be dotted (protocol 4 and later walk attributes). */
  name: string | null;
  /** The spelling in the file when a Python 2 name was mapped, otherwise absent. */
  written?: { module: string; name: string };
  opcode: 'GLOBAL' | 'STACK_GLOBAL' | 'INST' | 'EXT1' | 'EXT2' | 'EXT4' | 'getattr' | 'REDUCE';
  offset: number;
  /** Index of the pickle in the file, from 0. */
  stream: number;
  /**
   * `constant`: module and name are known. `computed`: at least one is made at load time.
   * `extension`: a copyreg extension code that the stream does not define. `malformed`: not a string, or not a name.
   */
  state: 'constant' | 'computed' | 'extension' | 'malformed';
  /** True when the stream calls it (REDUCE, INST, OBJ, NEWOBJ...) or sets its state. */
  called: boolean;
  /** The first call of it in plain words, `os.system('echo hi')`, with data cut short; absent when never called. */
  call?: string;
  /** Offset of that call's opcode. */
  callOffset?: number;
  /** True when a call of it has arguments: a class is then constructed, and not only filled with its state. */
  withArguments?: true;
  /**
   * For PyTorch's loader of bytes: how often it is given bytes that stand in the stream (and are inspected as a
   * checkpoint of their own), and how often it is used in another way.
   */
  loads?: { literal: number; other: number };
  /** True of a class whose state may be evaluated, when every use of it is to make an object whose state has nothing of the kind. */
  builtPlainly?: true;
  /** True when it is taken of an object that the stream makes of a class, as bound methods are pickled. */
  bound?: true;
  /** True when calls put the name together: it is worked out as Python would, and no library writes names so. */
  assembled?: true;
  /**
   * Set when only an unpickler that knows nothing of joblib would look it up, which reads an array of objects with the
   * memo of the pickle around it: in honest files, any two words of the file make such a name. What joblib finds there;
   * null when that is no name.
   */
  byChance?: { module: string; name: string } | null;
  /** Names that its calls were worked out to reach, when all of them were: `os.system` for `operator.attrgetter`. */
  standsFor?: { module: string; name: string }[];
}

export interface PickleFacts {
  kind: 'pickle';
  entry: string;
  /** What the pickle stands in: decides which names and persistent ids are ordinary. */
  context: 'plain' | 'torch' | 'joblib' | 'numpy' | 'hidden';
  streams: number;
  /** The highest protocol that is declared; 0 when none is. */
  protocol: number;
  opcodes: number;
  /** One per distinct (module, name, state, called or not), in file order; at most `importsKept`. */
  imports: PickleImport[];
  /** How many imports there were before the cut. */
  importCount: number;
  /** Persistent ids: how many, and the first that is not PyTorch's `('storage', ...)`. */
  persistentIds: { count: number; firstForeign: { offset: number; text: string } | null };
  /** Bytes values that hold a pickle of their own, which is inspected as a part. */
  hidden: { offset: number; length: number; entry: string }[];
  /** Breaches of the pickle rules, in file order. */
  violations: PickleViolation[];
  /** True when the last stream ends in STOP. */
  stopped: boolean;
  /** Where the last stream that was read ends. */
  end: number;
}

export interface PickleViolation {
  code:
    | 'truncated'
    | 'unknown-opcode'
    | 'bad-argument'
    | 'stack-underflow'
    | 'missing-memo'
    | 'frame'
    | 'protocol'
    | 'trailing-bytes'
    | 'expansion'
    | 'depth'
    | 'setitem-target'
    | 'raw-array'
    | 'rewrites-class';
  offset: number;
  message: string;
}

// ---- archives --------------------------------------------------------------------------------------------------

export interface ArchiveEntry {
  name: string;
  /** Offset of the local header. */
  offset: number;
  /** Offset of the (possibly compressed) data. */
  dataOffset: number;
  compressedSize: number;
  size: number;
  /** ZIP method number; 0 for stored and for tar. */
  method: number;
}

export interface ArchiveAnomaly {
  code:
    | 'bad-crc'
    | 'encrypted-flag'
    | 'duplicate-name'
    | 'escaping-name'
    | 'link'
    | 'header-mismatch'
    | 'unknown-method'
    | 'bomb'
    | 'no-central-directory'
    | 'leading-data'
    | 'trailing-data';
  name: string;
  offset: number;
  message: string;
}

export interface ArchiveFacts {
  kind: 'archive';
  entry: string;
  format: 'zip' | 'tar' | 'gzip' | 'zlib' | 'bzip2' | 'xz' | 'lzma' | 'lz4' | 'zstd' | '7z';
  entries: ArchiveEntry[];
  anomalies: ArchiveAnomaly[];
}

// ---- tensors ---------------------------------------------------------------------------------------------------

export interface TensorFact {
  name: string;
  /** safetensors' name of the element type (`F32`), or the framework's own where safetensors has none. */
  dtype: string;
  /** Sizes of the dimensions; empty for a scalar. */
  shape: readonly number[];
  /** Bytes of the dense tensor. */
  bytes: number;
  /** Where its data begins in the entry, when it stands there in one piece. */
  offset?: number;
}

export interface TorchFacts {
  kind: 'torch';
  entry: string;
  layout: 'zip' | 'legacy' | 'tar';
  tensors: TensorFact[];
  tensorCount: number;
  /** What stands in the checkpoint beside tensors: dotted keys with a word for what they hold. */
  others: { key: string; what: string }[];
  byteOrder: 'little' | 'big';
  /** Storage records whose length is not what the pickle says (CVE-2026-24747). */
  violations: {
    code: 'storage-size' | 'storage-missing' | 'view-out-of-bounds';
    offset: number | null;
    message: string;
  }[];
  /** Whether our converter can turn it into safetensors; `tensors-only` when other values would be left behind. */
  conversion: { state: 'yes' } | { state: 'tensors-only'; reason: string } | { state: 'no'; reason: string };
}

export interface SafetensorsFacts {
  kind: 'safetensors';
  entry: string;
  headerBytes: number;
  tensors: TensorFact[];
  tensorCount: number;
  metadata: Record<string, string>;
  /** Breaches of the format's rules, each at a byte offset of the file. */
  violations: { code: SafetensorsViolationCode; offset: number; message: string }[];
}

export type SafetensorsViolationCode =
  | 'header-too-large'
  | 'header-too-small'
  | 'header-start'
  | 'header-length'
  | 'header-encoding'
  | 'header-json'
  | 'duplicate-key'
  | 'metadata-not-string'
  | 'tensor-info'
  | 'dtype'
  | 'shape-overflow'
  | 'offsets'
  | 'hole'
  | 'overlap'
  | 'size-mismatch'
  | 'trailing-bytes';

export interface NumpyFacts {
  kind: 'numpy';
  entry: string;
  version: string;
  /** The array-protocol string (`<f4`, `|O`), or null when the header cannot be read. */
  descr: string | null;
  fortranOrder: boolean;
  shape: number[];
  /** True when the elements are pickled Python objects. */
  objects: boolean;
  violations: { offset: number; message: string }[];
}

/** A part whose format is known and whose content this version does not read. */
export interface UnreadFacts {
  kind: 'unread';
  entry: string;
  format: RecognisedFormat;
}

export type PartFacts =
  PickleFacts | ArchiveFacts | TorchFacts | SafetensorsFacts | NumpyFacts | GraphFacts | ModelFacts | UnreadFacts;

/** All that is known of one artifact. */
export interface Inspection {
  format: FormatId;
  size: number;
  /** Every interpretation of the bytes and every member that holds something, in order of discovery. */
  parts: PartFacts[];
  problems: ReadProblem[];
  /** Where the name of the file is a promise of its content. */
  address?: ContentAddress;
  /** What the first line of a text says of its language, where its name says nothing (`#!/bin/bash`). */
  script?: 'shell' | 'python';
}

/** What JSON can hold: the type of evidence. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
