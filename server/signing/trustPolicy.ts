import type { CertificatePin } from './contract.ts';

/** Whom a team trusts to sign which of its models: the section `signing` of `weighbridge.yaml`. Paths are absolute. */
export interface TrustPolicy {
  /** A Sigstore `TrustedRoot` of the team's own; null for the one of the public instance. */
  trustedRoot: string | null;
  /** A Sigstore `ClientTrustConfig`, for a private instance. */
  trustConfig: string | null;
  trust: TrustEntry[];
}

/** Signers of the models that the globs name. A model that several entries name may be signed by any of their signers. */
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

/** What the policy says of the models of one folder. */
export interface TrustDemand {
  /** `none`: no entry names them. */
  stance: 'none' | 'stated' | 'required';
  entries: TrustEntry[];
}

export const noTrustPolicy: TrustPolicy = { trustedRoot: null, trustConfig: null, trust: [] };

/**
 * What the policy says of models.
 * @param names whether an entry's globs name them; only entries with globs are asked about.
 */
export function demandOf(policy: TrustPolicy, names: (entry: TrustEntry) => boolean): TrustDemand {
  const entries = policy.trust.filter((entry) => entry.models.length === 0 || names(entry));
  const stance = entries.length === 0 ? 'none' : entries.some(({ required }) => required) ? 'required' : 'stated';
  return { stance, entries };
}
