import type { Json } from '../../formats/facts.ts';

// The document that policies judge. Its names are what policies write (`input.model.signature_verified`), so they are
// stable. evidence.schema.json is the same in the form of a JSON Schema: server/policy/evidence/schema.ts.

export interface Evidence {
  schema_version: 1;
  tool: { name: string; version: string };
  gate: string;
  /** When this was asked, RFC 3339 in UTC; the only clock that a policy has. */
  now: string;
  /** Who asks. */
  subject?: Subject;
  model: ModelEvidence;
  findings: FindingEvidence[];
  /** Datasets that the bill of materials or recorded evidence names, a record before the former; absent when neither is there. */
  datasets?: DatasetEvidence[];
  /** Ways into the model that configurations open, beside the model and in recorded scans; absent where nobody looked and nothing stands beside it. */
  endpoints?: EndpointEvidence[];
  functional?: Recorded & { passed: Json };
  backdoor?: Recorded & { verdict: Json };
  robustness?: Recorded & { clean_accuracy: Json; worst_accuracy: Json };
  regression?: Recorded & { agreement: Json; mcnemar_p: Json };
  redteam?: Recorded & { decision: Json };
  dependencies?: { vulnerable: Json; file: string };
  change: { risk: 'high' | 'normal'; reasons: string[] };
  approvals: ApprovalEvidence[];
  audits: AuditEvidence[];
}

export interface Subject {
  id: string;
  roles: string[];
}

export interface ModelEvidence {
  path: string;
  /** `sha256:<hex>` over all files, as signatures know the model; null where it cannot be computed. */
  digest: string | null;
  /** `safetensors`, `onnx`, ...: the format of all weights; `mixed`, or `none`. */
  format: string;
  formats: { path: string; format: string; size: number; complete: boolean }[];
  signature_verified: boolean;
  signature: {
    present: boolean;
    /** The cryptography holds, for someone who is trusted; the files may still differ. */
    holds: boolean;
    signer: string | null;
    issuer: string | null;
    method: string | null;
    reason: string | null;
  };
  /** There is a valid bill of materials that describes what is on disk. */
  aibom_generated: boolean;
  aibom: {
    present: boolean;
    valid: boolean;
    up_to_date: boolean;
    path: string | null;
    spec_version: string | null;
  };
}

export interface FindingEvidence {
  rule_id: string;
  severity: string;
  message: string;
  path: string;
}

export interface DatasetEvidence {
  name: string;
  /** It is recorded with a checksum. */
  registered: boolean;
  /** Whether it is what was recorded; null when nobody looked. */
  verified: boolean | null;
  source: string | null;
  /** Where it is in this repository, from the working directory; null for one that is elsewhere. */
  path?: string | null;
  /** The register that knows it. */
  record?: string | null;
  /** Whether a recorded scan (`weighbridge dataset scan`) looked at the file as it is long now; null when nobody recorded one. */
  scanned?: boolean | null;
  /** Findings of that scan that are errors. */
  scan_errors?: number | null;
  /** Whether its record classifies it; null when it has no record of ours. */
  classified?: boolean | null;
  classification?: string | null;
}

/** A way into a model, with what protects it, as a configuration says. */
export interface EndpointEvidence {
  path: string;
  line: number;
  product: string;
  name: string;
  reach: 'loopback' | 'network' | 'unknown';
  /** Whether the file is all that decides: where it is not, `not-visible` says nothing. */
  complete: boolean;
  /** By the names of the table (`authentication`, `clientRateLimit`, ...). */
  controls: Record<string, 'enforced' | 'not-enforced' | 'delegated' | 'not-visible'>;
}

/** Evidence that another program, or another run, left behind. */
export interface Recorded {
  /** Where it stands. */
  file: string;
  /** Whether it is about this model; null when it does not say which one it is about. */
  digest_matches: boolean | null;
}

export interface ApprovalEvidence {
  file: string;
  gate: string;
  approver: string;
  roles: string[];
  reason: string;
  /** It is about this model, has not expired, and its signature, if there is one, holds. */
  valid: boolean;
  problem: string | null;
  /** `signed`, or `recorded`: a file of the repository that nobody signed. */
  attestation: 'signed' | 'recorded';
}

/** An audit that a hotfix owes. */
export interface AuditEvidence {
  id: string;
  model: string;
  digest: string | null;
  due: string;
  overdue: boolean;
}
