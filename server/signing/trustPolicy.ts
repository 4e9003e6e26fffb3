import type { CertificatePin } from './contract.ts';

/** Whom a team trusts to sign which of its models: the section `signing` of `weighbridge.yaml`. Paths are absolute. */
export interface TrustPolicy {
  /** A Sigstore `TrustedRoot` of the team's own; null for the one of the public instance. */
  trustedRoot: string | null;
  /** A Sigstore `ClientTrustConfig`, for a private instance. */
  trustConfig: string | null;
  trust: TrustEntry[];
}

/** Signers of the models that the globs name. Of several entries that name a model, the last one counts, and it alone. */
export interface TrustEntry {
  /** gitignore-style globs, relative to the configuration's folder; empty for all models. */
  models: string[];
  /** A model without a signature by one of these is an error, and not only a remark. */
  required: boolean;
  identities: TrustedIdentity[];
  /** Files of public keys. */
  keys: string[];
  certificates: TrustedRoots[];
}

export interface TrustedIdentity {
  /** E-mail address or URI, exactly. */
  identity: string;
  /** URL of the OpenID provider, exactly. */
  issuer: string;
}

export interface TrustedRoots {
  /** File of certificates that a chain may end at. */
  roots: string;
  pin: CertificatePin;
}

/** How much the policy asks of a model: nothing names it, signers are named, or a signature by one of them is demanded. */
export type Stance = 'none' | 'stated' | 'required';

export const noTrustPolicy: TrustPolicy = { trustedRoot: null, trustConfig: null, trust: [] };

export function stanceOf(entry: TrustEntry | null): Stance {
  if (entry === null) return 'none';
  return entry.required ? 'required' : 'stated';
}
