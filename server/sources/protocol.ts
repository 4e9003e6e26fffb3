import type { MessagePort } from 'node:worker_threads';

/** A file as the mounting thread knows it. */
export interface MountedFile {
  /** Relative to the source, with `/`. */
  path: string;
  /** Bytes. */
  size: number;
  /** SHA-256 in hexadecimal, where the source says it. */
  sha256?: string;
}

/** What a source came to. */
export interface Opened {
  name: string;
  isFile: boolean;
  files: MountedFile[];
  problems: { path: string; message: string }[];
}

/** A file that was listed, as it can be written down: with it and credentials, `locate` finds it again. It holds none itself. */
export interface StoredFile extends MountedFile {
  /** Its own address: `hf://...@COMMIT/PATH`, `s3://BUCKET/KEY`, `oci://...`, `https://...`, `mlflow-artifacts:/PATH`. */
  address: string;
  /** Of the server that listed it, `https://HOST`: another one may have another file there. */
  origin: string;
  /** The strong entity tag that its bytes come with, where the source told it. */
  tag?: string;
  /** Changes when the file at this address does, where the source tells. */
  version?: string;
}

export type Listed = Omit<Opened, 'files'> & { files: StoredFile[] };

/** Why a file could not be fetched. */
export interface FetchFailure {
  code: string;
  message: string;
  /** Whether it may go better later. */
  isTransient: boolean;
}

/** What the thread that fetches can be asked. Paths of folders and files are absolute. */
export interface FetchTasks {
  /** Lists a source, and places it as a folder. */
  open: { task: { address: string; folder: string }; result: Opened };
  /** Lists a source, and fetches nothing of it. */
  list: { task: { address: string }; result: Listed };
  /** Places one file in a folder of its own; `isWhole` where all of it was fetched. */
  place: { task: { file: StoredFile; folder: string }; result: { isWhole: boolean } };
  /** SHA-256 of a placed file, in hexadecimal: whatever of it is not there is fetched, and not kept. */
  digest: { task: { path: string }; result: string };
  /** What has gone wrong with a placed file since; null where nothing has. */
  failure: { task: { folder: string }; result: FetchFailure | null };
  /** Ends what has to do with a placed file. */
  release: { task: { folder: string }; result: null };
  /** Fetches whole what lies at or below a path. */
  fill: { task: { path: string }; result: null };
  traffic: { task: null; result: { requests: number; bytes: number } };
}

export type FetchTask = keyof FetchTasks;

/** To the thread that fetches. */
export type FetchRequest =
  | { [K in FetchTask]: { type: 'task'; id: number; kind: K; task: FetchTasks[K]['task'] } }[FetchTask]
  /** Another thread that reads: its port, and the memory that answers go into. */
  | { type: 'connect'; port: MessagePort; shared: SharedArrayBuffer };

/** From it. */
export type FetchReply =
  | { type: 'done'; id: number; result: FetchTasks[FetchTask]['result'] }
  | { type: 'failed'; id: number; failure: FetchFailure }
  | { type: 'progress'; id: number; done: number; total: number; path: string };
