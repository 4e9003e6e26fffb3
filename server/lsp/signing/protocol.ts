/** What the server and its clients say to one another about signatures, beside the Language Server Protocol. */
import type { CertificateFacts, Difference, SigningMethod, SigningTime } from '../../signing/contract.ts';
import type { Stance } from '../../signing/trustPolicy.ts';

export interface SignedFileStanding extends SignatureStanding {
  uri: string;
}

export interface SignatureStanding {
  state: SignatureState;
  /** One sentence: who, by what trust, over what. */
  text: string;
}

/**
 * `trusted`: signed by somebody whom the trust policy names, every file as signed. `outdated`: so signed, and files changed, went
 * or came since. `untrusted`: by nobody whom the policy names, or there is no policy. `invalid`: the signature does not hold.
 */
export type SignatureState = 'trusted' | 'outdated' | 'untrusted' | 'invalid';

/** Request: how the signature over a file or a folder stood when it was last verified. `SignatureParams` to `SignatureReport | null`. */
export const signature = 'weighbridge/signature';

export interface SignatureParams {
  uri: string;
}

/** Everything about one signature, ready to show. */
export interface SignatureReport extends SignatureStanding {
  /** Of what is signed: a folder, or one file. */
  uri: string;
  name: string;
  signatureUri: string;
  signatureName: string;
  /** Why it is not verified: one sentence. */
  reason: string | null;
  method: SigningMethod | null;
  signer: string | null;
  /** True where nothing of what is said of the signer was verified. */
  signerIsClaim: boolean;
  issuer: string | null;
  /** By what the signer is trusted; null where they are not. */
  trust: string | null;
  /** `policy`: weighbridge.yaml. `given`: what a person named for this once. */
  trustedBy: 'policy' | 'given';
  stance: Stance;
  signedAt: SigningTime | null;
  certificate: CertificateFacts | null;
  /** Covered files, cut where they are many. */
  files: { path: string; digest: string | null }[];
  fileCount: number;
  differences: Difference[];
  differenceCount: number;
  /** What stands in the folder and is not covered: left out by the signature, or not named by it. */
  notCovered: { path: string; why: 'ignored' | 'unsigned' }[];
  notCoveredCount: number;
  /** Paths that the signature leaves out, whether or not something is there now. */
  leftOut: string[];
  /** Differing files that were written after the signing. */
  newer: string[];
  /** Files hashed for this verification, and files of which the cache knew the digest. */
  hashedBy: { full: number; cache: number };
  rootDigest: string | null;
  predicate: string | null;
  warnings: string[];
  /** False in an untrusted workspace. */
  mayWrite: boolean;
}

/** Request, server to client: shows a code that is typed in on any device; answered once the person has seen it. */
export const showDeviceCode = 'weighbridge/showDeviceCode';

export interface DeviceCodeParams {
  userCode: string;
  page: string;
  /** The page with the code filled in, where the provider has it. */
  pageWithCode: string | null;
}

/** Request, server to client: the public log keeps what is signed for ever. `PublicLogParams` to boolean. */
export const confirmPublicLog = 'weighbridge/confirmPublicLog';

export interface PublicLogParams {
  /** What the log will keep, a line each. */
  notice: string;
}

/** How to sign. Files are paths on the machine of the server; nothing of it is kept. */
export type SignWith =
  | { method: 'key'; key: string; passphrase?: string }
  | { method: 'certificate'; key: string; passphrase?: string; certificate: string; chain?: string[] }
  /** `browser`: on the machine of the server. `code`: on any device. */
  | { method: 'sigstore'; signIn: 'browser' | 'code' };

export interface SignModelArguments {
  /** Of a folder, or of the one file that is the model. */
  uri: string;
  with: SignWith;
  /** Replaces a signature that is there. */
  replace?: boolean;
}

export type SignModelOutcome =
  | {
      state: 'signed';
      uri: string;
      signatureUri: string;
      signer: string | null;
      files: number;
      ignored: string[];
      warnings: string[];
    }
  /** The private key is encrypted: ask, and come again. `wrong`: with another passphrase. */
  | { state: 'needs-passphrase'; wrong: boolean }
  /** There is a signature: ask, and come again with `replace`. */
  | { state: 'exists'; signatureUri: string; text: string }
  /** The person did not agree to what the public log keeps. */
  | { state: 'declined' };

/** Whom to trust for this once. */
export type TrustGiven =
  | { method: 'key'; key: string }
  | { method: 'certificate'; roots: string }
  | { method: 'sigstore'; identity: string; issuer: string };

export interface VerifyModelArguments {
  /** Of a folder or a file; what covers it is verified. */
  uri: string;
  /** Default: the trust policy of weighbridge.yaml. */
  trust?: TrustGiven;
}
