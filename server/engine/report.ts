import type { FormatId } from '../formats/facts.ts';
import type { DataFile } from '../formats/onnx/dataFiles.ts';
import type { Endpoint } from '../posture/facts.ts';
import type { Finding, Severity } from '../rules/finding.ts';
import type { Shard } from './shard.ts';

/** One inspected file, as the `artifacts` of `scan --format json` list it. */
export interface ArtifactSummary {
  /** Relative to the scan's base, with `/`. */
  path: string;
  format: FormatId;
  /** Bytes. */
  size: number;
  /** False when something in it could not be read; a finding then says what. */
  complete: boolean;
  /** For checkpoints: whether the converter can make a safetensors file of it, and why not. */
  conversion?: { state: 'yes' | 'tensors-only' | 'no'; reason?: string };
  /** For texts whose name says nothing: the language that their first line names; not printed. */
  script?: 'shell' | 'python';
  /** For ONNX models that take tensors from files beside them; not printed. */
  dataFiles?: DataFile[];
}

/** What one file came to. Text files that are only read for their references are no artifacts: `artifact` is null. */
export interface FileResult {
  path: string;
  artifact: ArtifactSummary | null;
  findings: Finding[];
}

export interface ScanReport {
  /** Present where this is one part of a scan that several share. */
  shard?: Shard;
  /** How many files were looked at. */
  files: number;
  artifacts: ArtifactSummary[];
  /** Sorted by path, place, rule and message; severities as configured; what the baseline accepts is left out. */
  findings: Finding[];
  /** How many findings the baseline accepted. */
  accepted: number;
  /** Those findings. */
  acceptedFindings: Finding[];
  counts: Record<Severity, number>;
  /** How many findings remarks in texts accept. */
  suppressed: number;
  /** The ways into models that texts open, by path and place. */
  posture: EndpointInFile[];
  /** Paths that could not be read at all, with the reason. */
  errors: { path: string; message: string }[];
  /** Files and whole folders that were left out: by `.gitignore`, and by the configuration or by default. */
  skipped: { ignored: number; excluded: number };
  /** The sources that were scanned beside or in place of paths; absent where only paths were. */
  sources?: ScannedSource[];
}

/** A source that was scanned, and what it cost. */
export interface ScannedSource {
  /** With the revision that the address came to: `hf://org/name@<commit>`. Paths of the report begin with it. */
  name: string;
  files: number;
  /** Of all files together, whether they were fetched or not. */
  bytes: number;
  /** Bytes that came over the network. */
  fetched: number;
  requests: number;
}

/** A way into a model, and the text that opens it. */
export interface EndpointInFile {
  /** Relative to the scan's base. */
  path: string;
  endpoint: Endpoint;
}

export interface ScanProgress {
  /** Files done and files known so far. */
  done: number;
  total: number;
  /** The file that was finished last, relative to the base. */
  path: string;
}
