/** What the server and its clients say to one another about the tree of models, beside the Language Server Protocol. */
import type { SignatureStanding } from '../signing/protocol.ts';

/** Notification, server to client: `models` has a new answer. At most four times a second. */
export const modelsChanged = 'weighbridge/modelsChanged';

/** Request: the directories that hold models, by path. No parameters, to `ModelDirectory[]`. */
export const models = 'weighbridge/models';

/** How a file or a directory stands, the worst finding counting. */
export interface Standing {
  severity: 'error' | 'warning' | 'none';
  /** One sentence. */
  text: string;
}

export interface ModelDirectory extends Standing {
  uri: string;
  /** Relative to its workspace folder, with that folder's name first where there are several. */
  label: string;
  /** Formats of the model files in it. */
  formats: string[];
  /** Whether a format in it can run code when it is loaded. */
  runsCode: boolean;
  /** Artifacts in it, and how many of them must not be loaded. */
  files: number;
  dangerous: number;
  /** Whether something is there; not whether it is right. */
  signature: 'present' | 'missing';
  /** How the signature stands that covers it; null where none does. */
  standing: SignatureStanding | null;
  aibom: 'present' | 'missing';
}

/** Request: the artifacts of one directory, by name. `ModelFilesParams` to `ModelFile[]`. */
export const modelFiles = 'weighbridge/modelFiles';

export interface ModelFilesParams {
  /** Of the directory. */
  uri: string;
}

export interface ModelFile extends Standing {
  uri: string;
  name: string;
  format: string;
  /** Bytes. */
  size: number;
}

/**
 * Notification, server to client: a config or a script of the workspace loads something dangerous. Each file is told of
 * once in a session, and only when no scan is running.
 */
export const dangerInUse = 'weighbridge/dangerInUse';

export interface DangerInUse {
  files: {
    uri: string;
    /** What loading it does, one or two sentences. */
    message: string;
    /** The first line that uses it, 1-based. */
    usedBy: { uri: string; line: number };
  }[];
}
