import type { Json } from '../formats/facts.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A rule's severity in the configuration: `off` silences it. */
export type RuleSetting = Severity | 'off';

export interface FindingLocation {
  /** Path inside the archive (`archive/data.pkl`), or null for the file itself. */
  entry: string | null;
  byteOffset: number | null;
  /** 1-based, for text files; null for binary ones. Columns count UTF-16 code units. */
  line: number | null;
  column: number | null;
  endLine?: number;
  endColumn?: number;
  /** The field of a dataset's record. */
  field?: string;
}

/** What a person can do about a finding. The names are stable: they stand in JSON and SARIF. */
export type FixId =
  | 'convert-to-safetensors'
  | 'convert-tensors-only'
  | 'convert-and-use'
  | 'use-safetensors'
  | 'set-trust-remote-code-false'
  | 'set-weights-only-true'
  | 'use-safe-loader'
  | 'pin-revision'
  | 'pin-image'
  | 'pin-action'
  | 'use-https'
  | 'verify-certificates'
  | 'use-environment-reference'
  | 'drop-privileges'
  | 'set-safe-value'
  | 'bind-loopback'
  | 'add-authentication'
  | 'add-rate-limit'
  | 'add-size-limit'
  | 'add-structured-log'
  | 'add-timeout'
  | 'upgrade-dependency'
  | 'suppress'
  | 'sign-model'
  | 'verify-again'
  | 'redact-column'
  | 'generate-aibom'
  | 'register-dataset'
  | 'update-dataset-hash'
  | 'add-known-clean'
  | 'import-record';

/** A change of text that resolves a finding; 1-based lines and columns, end exclusive. */
export interface TextEdit {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  newText: string;
}

/** What stands in `newText` of a change that waits for an answer, where the answer goes. */
export const answerMark = '\u{F0000}';

/** A change that needs what no file here says: which commit, which digest. A person is asked. */
export interface AskedEdit {
  fix: FixId;
  title: string;
  /** `commit`: forty hexadecimal digits; `digest`: `sha256:` and sixty-four. */
  wanted: 'commit' | 'digest';
  /** Whose. */
  of: string;
  changes: TextEdit[];
}

/** Files that a finding speaks of beside its own. */
export interface RelatedPlace {
  path: string;
  message: string;
  entry?: string | null;
  byteOffset?: number | null;
  line?: number | null;
}

export interface Finding {
  ruleId: string;
  severity: Severity;
  /** What happens, then what to do: one or two sentences. */
  message: string;
  /** Relative to the scan's base, with `/`. */
  path: string;
  location: FindingLocation;
  evidence: Record<string, Json>;
  /** Its rule is off by default. What applies the configuration takes this away, or the finding. */
  offByDefault?: true;
  fixes: FixId[];
  /** Edits for those fixes that are a change of this text. Only a `fix` may be applied on save; a `suggestion` is asked for. */
  edits?: { fix: FixId; kind: 'fix' | 'suggestion'; title: string; changes: TextEdit[] }[];
  /** Changes that a person is asked something for; only an editor offers them. */
  asked?: AskedEdit[];
  related?: RelatedPlace[];
}
