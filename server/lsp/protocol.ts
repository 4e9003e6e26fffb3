/**
 * What Weighbridge's server speaks beside the Language Server Protocol. Only types and method names: the client and the webviews import
 * this file and those of the rooms, and nothing else of the server.
 */
import type { RuleSetting, Severity } from '../rules/finding.ts';
import type { SignedFileStanding } from './signing/protocol.ts';

export * from './aibom/protocol.ts';
export * from './assistants/protocol.ts';
export * from './commands/protocol.ts';
export * from './datasets/protocol.ts';
export * from './inspector/protocol.ts';
export * from './models/protocol.ts';
export * from './signing/protocol.ts';

/** What a client may pass as `initializationOptions`; everything is optional, so that plain clients need none of it. */
export interface InitializationOptions {
  /** False in a workspace that the user has not trusted: diagnostics only. Default: true. */
  trusted?: boolean;
  /** True when the client wants `weighbridge/status` notifications. */
  status?: boolean;
  /** True when the client wants `weighbridge/modelsChanged` notifications. */
  models?: boolean;
  /** True when the client wants `weighbridge/gatesChanged` notifications. */
  gates?: boolean;
  /** True when the client wants `weighbridge/dangerInUse` notifications. */
  dangerInUse?: boolean;
  /** True when the client wants `weighbridge/aibomChanged` notifications. */
  aiboms?: boolean;
  /** True when the client wants `weighbridge/datasetsChanged` notifications. */
  datasets?: boolean;
  /** Commands that the client itself offers, and that code actions may name. */
  clientCommands?: ClientCommand[];
  /** For clients that cannot answer `workspace/configuration`. */
  settings?: Settings;
}

/** Commands of a client, which asks its user before it calls the server, or shows something. */
export type ClientCommand =
  | 'weighbridge.acceptFinding'
  | 'weighbridge.changeSeverity'
  | 'weighbridge.inspect'
  | 'weighbridge.signModel'
  | 'weighbridge.showSignature'
  | 'weighbridge.showAibom'
  | 'weighbridge.scanDataset'
  | 'weighbridge.showDatasetScan'
  | 'weighbridge.markRecord'
  | 'weighbridge.redactColumn'
  | 'weighbridge.registerDataset'
  | 'weighbridge.pin'
  | 'weighbridge.evaluatePolicy';

/** The section `weighbridge` of an editor's settings. A workspace's `weighbridge.yaml` adds to it. */
export interface Settings {
  scan?: { onOpen?: boolean };
  /** gitignore-style globs that are not scanned. */
  exclude?: string[];
  /** Megabytes (1 MB = 1,000,000 bytes) from which on a file is not read; 0 for no limit. */
  maxFileSize?: number;
  /** By rule id or area (`pickle/*`). */
  severity?: Record<string, RuleSetting>;
  onnx?: { provider?: string };
}

/** Notification, client to server: the user now trusts the workspace. */
export const trustGranted = 'weighbridge/trustGranted';

/** Notification, server to client: what the server is doing and what it knows. */
export const statusChanged = 'weighbridge/status';

export interface Status {
  state: 'scanning' | 'ready' | 'off' | 'failed';
  /** Files done and files known, while scanning. */
  scanned: number;
  total: number;
  /** Artifacts that are known. */
  artifacts: number;
  /** Artifacts that must not be loaded: those with a finding of severity error. */
  dangerous: number;
  /** Their addresses, at most 1,000. */
  dangerousFiles: string[];
  /** Addresses of models that nothing vouches for, at most 1,000. */
  unsignedFiles: string[];
  /** Models that a signature covers, and files beside them that are not what was signed; at most 1,000. */
  signedFiles: SignedFileStanding[];
  counts: Record<Severity, number>;
  /** Paths that could not be read. */
  unreadable: number;
  /** True when the workspace is not trusted, so that nothing is written and its own configuration is not honoured. */
  restricted: boolean;
  /** One sentence when something went wrong, such as a configuration that cannot be read. */
  message: string | null;
}

/** Notification, server to client: a file was inspected again; views of it should ask anew. */
export const artifactChanged = 'weighbridge/artifactChanged';

export interface ArtifactChanged {
  uris: string[];
}
