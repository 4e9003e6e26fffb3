import type { CheckedSignature } from '../rules/directory.ts';
import type { HashProgress, Trust } from '../signing/contract.ts';
import type { TrustEntry, TrustPolicy } from '../signing/trustPolicy.ts';

/** A signature to verify; it can be sent to a worker. */
export interface SignatureTask {
  /** Absolute path of the folder, or of the one file. */
  model: string;
  /** Absolute path of the signature's file. */
  signature: string;
  policy: TrustPolicy;
  /** The entry of the policy that counts for the model; null where none does. */
  entry: TrustEntry | null;
  /** Whom to trust instead of the policy, for this once. */
  trust?: Trust[];
  /** Absolute path of the digest cache's file; null to hash every byte. */
  digestCache: string | null;
  jobs?: number;
}

/** What a signature came to; null for a file that is no model signature. */
export type VerifiedSignature = Pick<CheckedSignature, 'result' | 'newer' | 'unreadable'> | null;

/** Until verification stands, no file is a model signature. */
export function verifySignature(
  _task: SignatureTask,
  _run: { signal?: AbortSignal; onProgress?: (progress: HashProgress) => void } = {},
): Promise<VerifiedSignature> {
  return Promise.resolve(null);
}
