import type { FormatId } from '../formats/facts.ts';
import type { DataFile } from '../formats/onnx/dataFiles.ts';
import type { ByteSource } from '../formats/source.ts';
import type { VerificationResult } from '../signing/contract.ts';
import type { Stance } from '../signing/trustPolicy.ts';

/** A directory that holds model files, as a rule sees it. */
export interface DirectorySubject {
  /** Relative to the scan's base, with `/`; `.` for the base itself. */
  path: string;
  /** Names of all files that stand directly in it. */
  files: string[];
  /** The artifacts among them, with their sizes in bytes and the files that they take tensor data from. */
  artifacts: { name: string; format: FormatId; size: number; dataFiles: DataFile[] }[];
  signing: DirectorySigning;
  /** Security audits that hotfixes of models in it owe, by the log of decisions. */
  audits: OwedAudit[];
  /** Scans for backdoors that are recorded about models in it. */
  scans: RecordedScan[];
  /**
   * Hands a file in it or below it (relative, with `/`) to `use`, and gives what that gives; null when there is no such
   * file, or it cannot be read. Heads and indexes are read so, never tensors.
   */
  read<T>(name: string, use: (source: ByteSource) => T): T | null;
  /** How a file in it or below it stands on the disk; null when there is no such file. */
  standing(name: string): FileStanding | null;
}

/** A hotfix passed its gate by the promise of an audit that nobody has recorded yet. */
export interface OwedAudit {
  /** As `weighbridge policy close-audit` wants it. */
  id: string;
  /** RFC 3339. */
  due: string;
  overdue: boolean;
}

/** What a scan for backdoors left behind about a model. */
export interface RecordedScan {
  /** Of the model, in its directory. */
  name: string;
  /** The record, relative to the scan's base. */
  file: string;
  verdict: 'backdoor' | 'inconclusive' | 'clean';
  reasons: string[];
  /** Whether the model still has the bytes that were scanned. */
  isCurrent: boolean;
}

export interface FileStanding {
  /** Where it really stands, when a link leads there out of the scan's base; null otherwise. */
  outside: string | null;
  /** Names that the file has on its disk. */
  names: number;
}

/** What the trust policy asks of the models of a directory, and how the signature over them stands. */
export interface DirectorySigning {
  stance: Stance;
  /**
   * The model signature in the directory, or in the nearest one above that has one and for which the policy asks the
   * same; null where there is none.
   */
  signature: CheckedSignature | null;
  /** Models in the directory that a signature of their own covers, and it holds. */
  signedFiles: string[];
}

/** A model signature that was verified by the trust policy. Plain data that can be sent to a worker. */
export interface CheckedSignature {
  /** The directory that it covers, or the one file, relative to the scan's base. */
  model: string;
  /** Its file, relative to the scan's base. */
  file: string;
  /** What the policy asks of what it covers. */
  stance: Stance;
  result: VerificationResult;
  /** Files that are not what was signed, and that were written after the signature was made; relative to the model. */
  newer: string[];
  /** What the trust policy names and could not be read, one sentence each. */
  unreadable: string[];
}
