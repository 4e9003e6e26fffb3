import type { VerificationResult } from './contract.ts';

/** A model of one file, verified by a key. */
export const verifiedResult: VerificationResult = {
  verified: true,
  failure: null,
  reason: null,
  signatureHolds: true,
  method: 'key',
  signer: '5f2b'.repeat(16),
  issuer: null,
  trust: 'the public key release.pub',
  claimedSigner: null,
  coverage: {
    files: [{ path: 'model.safetensors', algorithm: 'sha256', digest: 'ab'.repeat(32) }],
    ignored: [],
    signedIgnorePaths: [],
    unsigned: [],
  },
  differences: [],
  signedAt: null,
  certificate: null,
  predicate: { type: 'https://model_signing/signature/v1.0', version: 'v1.0' },
  subject: 'a',
  rootDigest: 'cd'.repeat(32),
  hashedBy: { full: 1, cache: 0 },
  warnings: [],
};
