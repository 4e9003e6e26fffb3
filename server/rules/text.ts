import type { FormatId } from '../formats/facts.ts';
import type { ConfigScalar, PythonCall, TextRange } from '../formats/text/facts.ts';
import type { Severity } from './finding.ts';

/** What is known of an artifact that a text names. */
export interface ReferencedArtifact {
  /** Relative to the scan's base. */
  path: string;
  format: FormatId;
  /** The worst severity among the findings that speak of loading it, or null. */
  worst: Severity | null;
  /** The message of that finding. */
  message: string | null;
  /** A safetensors file with the same stem that stands beside it, relative to the scan's base; null when there is none. */
  safetensors: string | null;
  /** Whether the converter can make one. */
  convertible: 'yes' | 'tensors-only' | 'no';
}

/** What a text rule may ask about other files of the workspace. It never reads a file itself. */
export interface WorkspaceFacts {
  /**
   * The artifact that `reference`, as it is written in the file at `from`, names: relative to that file, to the
   * workspace folder, or absolute inside the workspace. Undefined when there is none.
   */
  artifact(reference: string, from: string): ReferencedArtifact | undefined;
  /** Digest of a file or directory of the workspace, by the algorithm, relative to the file at `from`; undefined when it is missing. */
  digest(reference: string, from: string, algorithm: 'md5' | 'md5-dos2unix' | 'md5-dir' | 'sha256'): string | undefined;
}

interface TextBase {
  /** Relative to the scan's base, with `/`. */
  path: string;
  text: string;
  workspace: WorkspaceFacts;
}

export interface YamlSubject extends TextBase {
  language: 'yaml';
  scalars: ConfigScalar[];
}

export interface JsonSubject extends TextBase {
  language: 'json';
  scalars: ConfigScalar[];
}

export interface PythonSubject extends TextBase {
  language: 'python';
  calls: PythonCall[];
  /** Every string literal that is not a docstring. */
  strings: { value: string; range: TextRange; innerRange: TextRange }[];
}

export type TextSubject = YamlSubject | JsonSubject | PythonSubject;
