import type { ModelOnDisk } from '../aibom/check.ts';
import type { AibomDiagnostic } from '../aibom/editing/diagnose.ts';
import type { AibomReport } from '../aibom/editing/report.ts';
import type { ConvertOptions, ConvertResult } from '../convert/convertCheckpoint.ts';
import type { ConvertIndexResult } from '../convert/convertIndexFile.ts';
import type { Inspection, PartFacts } from '../formats/facts.ts';
import type { Limits } from '../formats/limits.ts';
import type { ModelTask, ReadProgress, WriteTask, Written } from './aibomJobs.ts';
import type { Examined, ExamineSettings, FileTask } from './examine.ts';
import type { HashProgress } from '../signing/contract.ts';
import type { JudgedText } from './textFile.ts';
import type { SignatureTask, VerifiedSignature } from './verifySignature.ts';

/** What a worker can be asked to do, and what it gives: parts as they come, and a result at the end. */
export interface Jobs {
  /** Examines files one after the other; each part is some files' results. */
  examine: {
    task: { files: FileTask[]; settings: ExamineSettings; at?: BatchMark };
    part: PackedOutcomes;
    result: null;
  };
  /** Judges text files, or one text that an editor holds, with what is known of the workspace. */
  judgeTexts: {
    task: {
      base: string;
      files: (FileTask & { text?: string; cells?: boolean })[];
      settings: ExamineSettings;
      /** JSON of what is known of artifacts and of data, for the same reason as `PackedOutcomes`. */
      artifacts: string;
      at?: BatchMark;
    };
    part: PackedOutcomes;
    result: null;
  };
  /** Judges a text that an editor holds. A worker keeps what it can of the version before, and what is known of the workspace. */
  judgeBuffer: {
    task: {
      base: string;
      path: string;
      text: string;
      /** As in `BufferForm`. */
      cells: boolean;
      settings: ExamineSettings;
      /** Of `artifacts`: where the worker has what it stands for, that need not be sent. */
      stamp: string;
      /** As for `judgeTexts`; null where the worker may have it. */
      artifacts: string | null;
    };
    part: never;
    /** JSON of the `JudgedText`; null where the worker has not what the stamp stands for. */
    result: string | null;
  };
  /** All facts of one file. */
  inspectFile: {
    task: FileTask & { settings: ExamineSettings };
    part: never;
    result: { examined: Examined; inspection: Inspection };
  };
  /** As `examine` for one file, with the kinds of facts that were found. */
  examineKinds: {
    task: FileTask & { settings: ExamineSettings };
    part: never;
    result: { examined: Examined; kinds: string[] };
  };
  /** The digests of a file's tensors, as `tensorDigests` gives them. */
  digestTensors: {
    task: { file: string; parts: PartFacts[]; limits: Limits };
    part: ConvertProgress;
    result: (string | null)[];
  };
  /** Converts a checkpoint. */
  convert: {
    task: { file: string; options: SentConvertOptions };
    part: ConvertProgress;
    result: ConvertResult;
  };
  /** Converts all shards of a checkpoint, by its index. */
  convertIndex: {
    task: { file: string; options: SentConvertOptions };
    part: ConvertProgress;
    result: ConvertIndexResult;
  };
  /** Verifies the signature over a model. */
  verifySignature: {
    task: SignatureTask;
    part: HashProgress;
    result: VerifiedSignature;
  };
  /** What a model is, to hold its bill of materials against. */
  readModel: { task: ModelTask; part: ReadProgress; result: ModelOnDisk };
  /** Writes a bill of materials, or a change of one, and gives the text. */
  writeAibom: { task: WriteTask; part: ReadProgress; result: Written };
  /** What is wrong with the text of a bill of materials. */
  diagnoseAibom: { task: AibomText; part: never; result: AibomDiagnostic[] };
  /** A bill of materials, ready to show. */
  reportAibom: { task: AibomText & { state: AibomReport['disk'] }; part: never; result: AibomReport };
}

/** A bill of materials as it stands, and the model on disk, where that is known. */
export interface AibomText {
  text: string;
  disk: ModelOnDisk | null;
}

/** Bytes of the output, or of what is read. */
export interface ConvertProgress {
  done: number;
  total: number;
}

export type JobKind = keyof Jobs;

/** One file's outcome: its index among the task's files, and what it came to or why it could not be read. */
export type Outcome<T> = { index: number; value: T } | { index: number; error: string };

/** JSON of `Outcome[]`: a string goes to another thread in a fraction of the time that thousands of objects take. */
type PackedOutcomes = string;

/** What the jobs that go through files give for each. */
export interface BatchValues {
  examine: Examined;
  judgeTexts: JudgedText;
}

/** Shared with the worker, which writes here the index of the file that it is at. */
export type BatchMark = Int32Array;

/** The options that can be sent to another thread. */
export type SentConvertOptions = Omit<ConvertOptions, 'signal' | 'onProgress'>;

/** To a worker. */
export type Request =
  | { [K in JobKind]: { type: 'job'; id: number; kind: K; task: Jobs[K]['task'] } }[JobKind]
  | { type: 'abort'; id: number };

/** From a worker. */
export type Reply =
  | { type: 'part'; id: number; part: unknown }
  | { type: 'done'; id: number; result: unknown }
  | { type: 'failed'; id: number; code: string | null; message: string; stack: string | undefined }
  /** Work goes on: the watchdog starts anew. */
  | { type: 'beat'; id: number };
