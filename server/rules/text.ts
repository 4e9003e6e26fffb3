import type { FormatId } from '../formats/facts.ts';
import type { LfsPointer } from '../aibom/lfsPointer.ts';
import type { DatasetAlgorithm, Measured } from '../datasets/hashing/algorithms.ts';
import type { RecordBreach } from '../datasets/record/validate.ts';
import type { Coverage } from '../datasets/registers/coverage.ts';
import type { ConfigNode, ConfigScalar } from '../formats/text/facts.ts';
import { documentsIn, documentsOfKinds, type TextKind } from '../formats/text/kinds.ts';
import type {
  ConfigLanguage,
  ConfigText,
  DockerfileText,
  NginxText,
  PythonText,
  RequirementsText,
  ShellText,
} from '../formats/text/parse.ts';
import type { Advisory } from '../vulnerabilities/advisory.ts';
import type { Severity } from './finding.ts';

/** What is known of an artifact that a text names. */
/** Whether a word stands in a text, or may: JSON and YAML can write every letter as an escape. */
export const mayHold = (text: string, word: string): boolean => text.includes(word) || /\\[ux]/.test(text);

/**
 * Whether a YAML or JSON text surely has none of some words, so that no value in it has to be asked for them: a word that is written with escapes needs a
 * backslash. False for other languages.
 */
export function lacks({ language, text }: TextSubject, words: RegExp): boolean {
  return (language === 'yaml' || language === 'json') && !text.includes('\\') && !words.test(text);
}

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
  /** Another number where its artifacts are others. */
  readonly revision: number;
  /** False where no artifact has this name, so that nobody need ask where one may lie. */
  mayHaveArtifact(name: string): boolean;
  readonly datasets: DatasetWorkspace;
  /**
   * Version specifiers (`==2.5.1`, `>=2.0`) that requirements, lock and project files beside the file at `from` or above it ask of a
   * Python distribution: those of the nearest folder that has any, lock files first. Empty when none speaks of it.
   */
  requirement(name: string, from: string): string[];
  /** What the configured OSV export knows of a Python distribution, by its canonical name; empty where none is configured. */
  advisories(name: string): readonly Advisory[];
  /** The commit that a repository of the hub came to when this machine last loaded it at a branch or tag; undefined if it never did. */
  cachedCommit(kind: 'model' | 'dataset', name: string, revision: string): string | undefined;
}

/** Data that a text names. */
export interface NamedData {
  /** Relative to the scan's base. */
  path: string;
  isFolder: boolean;
  /** Bytes of a file; 0 for a folder. */
  size: number;
  /** What stands there instead of the data, where Git LFS did not check it out; `object` is the data where Git LFS keeps it, relative to the base. */
  pointer: (LfsPointer & { object: string | null }) | null;
}

/** What a text rule may ask about data of the workspace, and about the registers that speak of it. */
export interface DatasetWorkspace {
  /**
   * The file or folder that `reference`, written in the file at `from`, names. `beside`: relative to that file's folder.
   * `anywhere`: also relative to each folder above. Undefined when there is none, or it is outside of the workspace.
   */
  find(reference: string, from: string, where: 'beside' | 'anywhere'): NamedData | undefined;
  /** Digest, size and count by that algorithm; null for what has none, undefined while it is not known. `path` is relative to the base. */
  measured(path: string, algorithm: DatasetAlgorithm): Measured | null | undefined;
  /** What registers say of it. */
  coverage(path: string, isFolder: boolean): Coverage[];
  /** The scalars of another YAML or JSON text; undefined when there is none. */
  scalars(path: string): ConfigScalar[] | undefined;
  /** Whether the folders above keep any records of data at all. */
  keepsRecords(path: string): boolean;
  /** Milliseconds. */
  readonly now: number;
}

interface TextBase {
  /** Relative to the scan's base, with `/`. */
  path: string;
  text: string;
  workspace: WorkspaceFacts;
}

/** YAML, JSON, TOML, properties, protocol buffers as text. */
interface ConfigBase<L extends ConfigLanguage> extends TextBase, Omit<ConfigText<L>, 'problems'> {
  language: L;
  /** Of a `provenance.json`: where it is not what its schema says. */
  breaches?: RecordBreach[];
}

export type ConfigSubject = { [L in ConfigLanguage]: ConfigBase<L> }[ConfigLanguage];

export interface PythonSubject extends TextBase, Omit<PythonText, 'problems'> {
  language: 'python';
}

export interface DockerfileSubject extends TextBase, Omit<DockerfileText, 'problems'> {
  language: 'dockerfile';
}

export interface NginxSubject extends TextBase, Omit<NginxText, 'problems'> {
  language: 'nginx';
}

export interface RequirementsSubject extends TextBase, Omit<RequirementsText, 'problems'> {
  language: 'requirements';
}

export interface ShellSubject extends TextBase, Omit<ShellText, 'problems'> {
  language: 'shell';
}

export type TextSubject =
  ConfigSubject | PythonSubject | ShellSubject | DockerfileSubject | NginxSubject | RequirementsSubject;

export function isConfig(text: TextSubject): text is ConfigSubject {
  return 'scalars' in text;
}

/** The documents of a text that are of one of these kinds; of any kind when none is given. */
export function* documentsOf(text: TextSubject, ...kinds: readonly TextKind[]): Generator<ConfigNode> {
  if (!isConfig(text)) return;
  if (kinds.length === 0) yield* documentsIn(text.documents);
  else {
    for (const [document, own] of documentsOfKinds(text.documents, text.language, text.path))
      if (kinds.some((kind) => own.has(kind))) yield document;
  }
}
