// What signing and verifying take and give. The words are those of the OpenSSF Model Signing specification:
// https://github.com/ossf/model-signing-spec

/** How a signature is made and trusted. */
export type SigningMethod = 'key' | 'certificate' | 'sigstore';

/** Hash of file contents; `blake2b` is BLAKE2b-512. */
export type HashType = 'sha256' | 'blake2b' | 'blake3';

/** In bytes over all files together, those that the digest cache knew included. */
export interface HashProgress {
  done: number;
  total: number;
  /** The file that was worked on last, relative to the model. */
  path: string;
}

/** How files are found and hashed; the same for signing, verifying and digests. */
export interface HashingOptions {
  /** Ignored beside the signature's own list: absolute, or relative to the model; a folder stands for all in it. No patterns. */
  ignorePaths?: readonly string[];
  /** `.git`, `.gitattributes`, `.github`, `.gitignore` at the top of the model are left out; true unless told. */
  ignoreGitPaths?: boolean;
  /**
   * Links to files are hashed as what they lead to; linked folders are refused all the same. Unless told, signing refuses any
   * link, and verifying does as the signer did.
   */
  followLinks?: boolean;
  /** Absolute path of the digest cache's file; null hashes every byte, as in continuous integration. Null unless told. */
  digestCache?: string | null;
  /** Worker threads at most; unless told, as many as there are processors, up to 4. */
  jobs?: number;
  onProgress?: (progress: HashProgress) => void;
  signal?: AbortSignal;
}

/**
 * Turns a payload into a bundle: one for each method. Provenance statements are signed by the same signers as models.
 * `dispose` closes what the signer holds (a session with a hardware key).
 */
export interface BundleSigner {
  readonly method: SigningMethod;
  /** Who signs, in the words that verification will use; null where only the signing itself tells (sigstore). */
  readonly signer: string | null;
  /** What a person should know before this signer is used, such as that the reference client refuses the kind of key. */
  readonly warnings: readonly string[];
  /** @returns the bundle as the JSON value that is written (`application/vnd.dev.sigstore.bundle.v0.3+json`). */
  sign(payload: Buffer, payloadType: string): Promise<unknown>;
  dispose?(): Promise<void>;
}

/**
 * Where the specification and the reference client write differently. `portable`: what both verify (the specification's order of
 * files; `.` for a model that is one file). `spec`: as specified (one file goes by its name, which the reference refuses).
 * `python`: as the reference writes (files ordered path component by component).
 */
export type SigningDialect = 'portable' | 'spec' | 'python';

export interface SignModelOptions extends HashingOptions {
  /** Absolute path of a folder, or of the one file that is the model. */
  model: string;
  /** Absolute; `model.sig` in the model's folder unless told, or `NAME.sig` beside the one file NAME. A signature that is there is replaced. */
  signature?: string;
  /** Leaves out the place of the provenance beside the signature, even where there is none yet; false unless told. */
  provenance?: boolean;
  signer: BundleSigner;
  /** `portable` unless told. */
  dialect?: SigningDialect;
}

export interface SignResult {
  /** Absolute path of what was written. */
  signature: string;
  method: SigningMethod;
  signer: string | null;
  /** SHA-256 over the digests of all files, hexadecimal. */
  rootDigest: string;
  files: SignedFile[];
  /** Paths in the model that the signature leaves out, with `/`. */
  ignored: string[];
  warnings: string[];
}

/** What a signature says of one file. */
export interface SignedFile {
  /** Relative to the model, with `/`; `.` where the model is one file. */
  path: string;
  algorithm: HashType;
  /** Lower-case hexadecimal; null where the file is signed in shards, each with a digest of its own. */
  digest: string | null;
}

/** Which part of a certificate must be what; all that are given must hold. */
export interface CertificatePin {
  /** The whole subject, as `certificate.subject` shows it. */
  subject?: string;
  /** One of the subject's alternative names, exactly: `email:a@example.com`, `URI:https://example.com`, `DNS:example.com`. */
  subjectAlternativeName?: string;
  /** SHA-256 of the leaf's public key (DER, SubjectPublicKeyInfo), hexadecimal. */
  publicKeySha256?: string;
}

/** What the caller trusts; a bundle's own material never decides that. */
export type Trust =
  | {
      method: 'key';
      /** PEM of a public key; of a certificate or private key, too, of which the public key is taken. */
      publicKey: string;
      /** What a person calls it, such as the name of its file. */
      name?: string;
    }
  | {
      method: 'certificate';
      /** PEM texts, each with one or more certificates: the only anchors; never those of the public web. */
      roots: readonly string[];
      name?: string;
      /** When the chain must have been valid: at the start of the leaf's validity unless told, as the reference does; or now. */
      at?: 'leafNotBefore' | 'now';
      pin?: CertificatePin;
    }
  | ({ method: 'sigstore' } & KeylessTrust);

/** What a keyless signature is verified against. */
export interface KeylessTrust {
  /** E-mail address or URI, which the certificate must hold exactly. */
  identity: string;
  /** URL of the OpenID provider that vouched for the identity, exactly. */
  issuer: string;
  /** JSON value of a Sigstore `TrustedRoot`; the user's own file. */
  trustedRoot?: unknown;
  /** JSON value of a Sigstore `ClientTrustConfig`, for private instances. */
  trustConfig?: unknown;
  /** The public staging instance. */
  staging?: boolean;
  /** Never asks the network for a newer trusted root. */
  offline?: boolean;
  signal?: AbortSignal;
}

/** What `server/signing/keyless/verify.ts` gives when a keyless signature holds. */
export interface KeylessVerification {
  identity: string;
  issuer: string;
  /** Of the signing, as the log or a timestamp authority has it. */
  signedAt: SigningTime | null;
  certificate: CertificateFacts;
  /** Which trusted root decided, of which day, from where: one clause for a person. */
  trustRoot: string;
  warnings: string[];
}

export interface SigningTime {
  /** ISO 8601, UTC. */
  time: string;
  source: 'transparency-log' | 'timestamp-authority';
}

export interface CertificateFacts {
  subject: string;
  issuer: string;
  subjectAlternativeName: string | null;
  serialNumber: string;
  /** ISO 8601, UTC. */
  validFrom: string;
  validTo: string;
  /** Of the certificate, at the time of verification. A signature outlives its certificate; a keyless one always does. */
  expired: boolean;
  /** SHA-256 of the certificate (DER), hexadecimal. */
  sha256: string;
  /** SHA-256 of its public key (DER, SubjectPublicKeyInfo), hexadecimal. */
  publicKeySha256: string;
}

export interface VerifyModelOptions extends HashingOptions {
  /** Absolute path of a folder, or of the one file that is the model. */
  model: string;
  /** Absolute; found as signing places it unless told. */
  signature?: string;
  /** What may have signed; with several, the first that holds. */
  trust: Trust | readonly Trust[];
  /** Files that are not signed are no difference; `coverage.unsigned` lists them all the same. */
  ignoreUnsignedFiles?: boolean;
}

export interface Difference {
  path: string;
  /** Signed and gone, signed and of other content, there and not signed. */
  kind: 'missing' | 'changed' | 'extra';
}

/**
 * Why a model is not verified, in the order of the checks:
 * `unsigned` no signature file · `malformed` the signature file is not one · `untrusted` not by whom or what we trust ·
 * `invalid-signature` the cryptography does not hold · `invalid-statement` validly signed, but no proper statement about a model ·
 * `unreadable-model` links, special files or read errors · `changed-while-hashing` · `differences` the files are not those that were signed.
 */
export type VerificationFailure =
  | 'unsigned'
  | 'malformed'
  | 'untrusted'
  | 'invalid-signature'
  | 'invalid-statement'
  | 'unreadable-model'
  | 'changed-while-hashing'
  | 'differences';

export interface VerificationResult {
  verified: boolean;
  /** Null when verified. */
  failure: VerificationFailure | null;
  /** One sentence; null when verified. */
  reason: string | null;
  /** The signature holds for whom we trust, whatever became of the files since. What follows is then signed, else null or empty. */
  signatureHolds: boolean;
  /** By the bundle's material; null when there is no proper bundle. */
  method: SigningMethod | null;
  /** Identity, key hint (SHA-256 of the PEM text) or certificate subject. */
  signer: string | null;
  /** OpenID provider (sigstore) or the certificate's issuer. */
  issuer: string | null;
  /** By what the signer is trusted: one clause for a person. */
  trust: string | null;
  /** What the bundle says of its signer, for a message when it is not trusted: nothing of it is verified. */
  claimedSigner: string | null;
  coverage: {
    /** Of the signature, in its order. */
    files: SignedFile[];
    /** Paths that exist in the model and that no signature covers as they are ignored; the signature itself is not listed. */
    ignored: string[];
    /** Ignored by what is signed, whether or not there is something now: a file placed there later would pass. Without the signature itself. */
    signedIgnorePaths: string[];
    /** Files that exist and that the signature does not name. */
    unsigned: string[];
  };
  /** All of them, sorted by path. */
  differences: Difference[];
  signedAt: SigningTime | null;
  certificate: CertificateFacts | null;
  predicate: { type: string; version: string } | null;
  /** The statement's subject; null in signatures of version 0.2, which have one subject a file. */
  subject: string | null;
  /** Of what was signed, hexadecimal. */
  rootDigest: string | null;
  /** How many of the model's files were hashed now, and of how many the cache knew the digest. */
  hashedBy: { full: number; cache: number };
  warnings: string[];
}
