import type {
  ArchiveFacts,
  Inspection,
  Json,
  NumpyFacts,
  PickleFacts,
  SafetensorsFacts,
  TorchFacts,
  UnreadFacts,
} from '../formats/facts.ts';
import type { GraphFacts } from '../formats/graph/facts.ts';
import type { ModelFactKinds } from '../formats/modelFacts.ts';
import type { Finding, FindingLocation, FixId, RelatedPlace, Severity } from './finding.ts';
import type { DatasetScan } from '../datasets/scan/facts.ts';
import type { VerificationResult } from '../signing/contract.ts';
import type { DirectorySigning, DirectorySubject, OwedAudit, RecordedScan } from './directory.ts';
import type { TextSubject } from './text.ts';

/** The fields of a protobuf message in their order: each a number, a text, or a message inside. */
export type ProtobufFields = [field: number, value: number | string | ProtobufFields][];

/** A file that shows what a rule means. The rule pages print it, and a test runs it. */
export interface Example {
  /** Name of the file, with its extension. */
  file: string;
  /** The content of a text file. */
  text?: string;
  /** The content of a pickle in the assembler's language (see `docs/ARCHITECTURE.md`, "Pickle listings"). */
  pickle?: string;
  /** A ZIP archive. */
  zip?: {
    name: string;
    text?: string;
    pickle?: string;
    /** That many zero bytes. */
    zeros?: number;
    flags?: number;
    method?: number;
    crc?: number;
  }[];
  /** A safetensors file: its header as it stands, and how many bytes of data follow. */
  safetensors?: { header: string; dataBytes: number };
  /** A protobuf message. */
  protobuf?: ProtobufFields;
  /** An HDF5 file, by what stands in its root group. */
  hdf5?: {
    attributes?: Record<string, string>;
    datasets?: Record<string, number[]>;
    externalLinks?: Record<string, [file: string, path: string]>;
    externalStorage?: Record<string, string>;
    virtual?: Record<string, [file: string, dataset: string]>;
  };
  /** Any other bytes, in hexadecimal, spaces allowed. */
  hex?: string;
  /** It is a link to this file, which stands outside of the scanned folder. */
  linkTo?: string;
  /** Files that stand beside it, by relative path. */
  beside?: Omit<Example, 'beside' | 'signing' | 'audits' | 'scans' | 'baseline'>[];
  signing?: ExampleSigning;
  /** What hotfixes of the model owe; the note says it in words. */
  audits?: OwedAudit[];
  /** Scans that are recorded about it; the note says it in words. */
  scans?: RecordedScan[];
  /** Of a data file: the name of the accepted version beside it, that it is compared with. */
  baseline?: string;
  /** What to see in it, one sentence. */
  note?: string;
}

/** How the signature over an example's folder stands. The note of the example says it in words. */
export interface ExampleSigning {
  stance: DirectorySigning['stance'];
  /** What differs from a verified signature; null where there is none. */
  result: Partial<VerificationResult> | null;
  newer?: string[];
}

/** Everything a page, the SARIF rule table, the settings and the compliance report need to know of a rule. */
export interface RuleMeta {
  /** `<area>/<name>`. Stable for ever: baselines and configurations hold it. */
  id: `${string}/${string}`;
  title: string;
  /** The default; a report may be milder or stricter where the description says so. */
  severity: Severity;
  /** It says nothing until the configuration gives it a severity by its own name: right, and true of nearly every file. */
  offByDefault?: true;
  /** What it finds, one paragraph. */
  description: string;
  /** Why it matters: what an attacker gains. */
  why: string;
  /** What to do about it, in steps a reader can follow. */
  howToFix: string;
  avoid: Example[];
  prefer: Example[];
  /** Specifications, CVEs, papers: title and address. */
  references: { title: string; url: string }[];
  cwe: number[];
  /** MITRE ATLAS technique ids. */
  atlas: string[];
  /** OWASP Machine Learning Top 10 (2023) and LLM Top 10 (2025) ids. */
  owasp: string[];
  /** NIST AI RMF 1.0 subcategories. */
  nistAiRmf: string[];
  /** Articles of Regulation (EU) 2024/1689. */
  euAiAct: string[];
  since: string;
}

/** What a rule says of one place; the runner adds the rule's id and the file's path. */
export interface Report {
  message: string;
  /** When it differs from the rule's own. */
  severity?: Severity;
  location?: Partial<FindingLocation>;
  /** Of a rule of directories: the artifact in it that the finding is about, by its name. */
  artifact?: string;
  evidence?: Record<string, Json>;
  fixes?: FixId[];
  edits?: Finding['edits'];
  asked?: Finding['asked'];
  related?: RelatedPlace[];
}

/** Options that the configuration gives to rules. */
export interface RuleOptions {
  /** `module.name` or `module.*` patterns that the user vouches for. */
  allowedImports: string[];
}

/** What a rule of parts may ask about the artifact around the part. */
export interface ArtifactContext {
  /** Relative to the scan's base, with `/`. */
  path: string;
  inspection: Inspection;
  options: RuleOptions;
}

/** The kinds of part, and the facts each has. */
export interface PartKinds extends ModelFactKinds {
  pickle: PickleFacts;
  archive: ArchiveFacts;
  torch: TorchFacts;
  safetensors: SafetensorsFacts;
  numpy: NumpyFacts;
  graph: GraphFacts;
  unread: UnreadFacts;
}

type Reporter = (report: Report) => void;

/** Looks at each part of one kind. */
export interface PartRule<K extends keyof PartKinds = keyof PartKinds> {
  meta: RuleMeta;
  subject: K;
  check(part: PartKinds[K], report: Reporter, artifact: ArtifactContext): void;
  /** Looks at texts, too, where the same thing may stand in a config. */
  checkText?(text: TextSubject, report: Reporter): void;
}

/** Looks at an artifact as a whole. */
export interface ArtifactRule {
  meta: RuleMeta;
  subject: 'artifact';
  check(artifact: ArtifactContext, report: Reporter): void;
}

/** Looks at a parsed text file: a training config, a Python file, a dataset manifest. */
export interface TextRule {
  meta: RuleMeta;
  subject: 'text';
  check(text: TextSubject, report: Reporter): void;
}

/** Looks at a directory that holds a model. */
export interface DirectoryRule {
  meta: RuleMeta;
  subject: 'directory';
  check(directory: DirectorySubject, report: Reporter): void;
}

/** Looks at what a scan of a data file saw (`weighbridge dataset scan`). */
export interface DatasetRule {
  meta: RuleMeta;
  subject: 'dataset';
  check(scan: DatasetScan, report: Reporter): void;
}

export type Rule =
  { [K in keyof PartKinds]: PartRule<K> }[keyof PartKinds] | ArtifactRule | TextRule | DirectoryRule | DatasetRule;

/** Declares a rule. It only gives TypeScript the types; there is no registration but the lists (`rules/index.ts`). */
export function defineRule<R extends Rule>(rule: R): R {
  return rule;
}
