import type { KeyObject, X509Certificate } from 'node:crypto';
import { WeighbridgeError } from '../errors.ts';
import { bundleOf } from './bundle.ts';
import { certificatesOf } from './certificatePem.ts';
import { certificateFacts, readCertificate, signingUsage } from './certificateFields.ts';
import type { BundleSigner } from './contract.ts';
import { preAuthenticationEncoding } from './envelope.ts';
import { algorithmOf, keyHint, notPortable, publicHalf, publicKeySha256, signatureHolds, signWith } from './keys.ts';

/** What makes signature bytes: a private key in memory, or one inside a device. */
export interface SigningKey {
  publicKey: KeyObject;
  /** Signs the message; the digest is that of the key's kind. ASN.1 DER for elliptic curves. */
  sign(data: Buffer): Promise<Buffer>;
  dispose?(): Promise<void>;
}

/** @param key a private key, as `readPrivateKey` gives it. */
export function signingKey(key: KeyObject): SigningKey {
  return { publicKey: publicHalf(key), sign: (data) => Promise.resolve(signWith(key, data)) };
}

/** Signs with a key alone: who verifies needs its public half. */
export function keySigner(key: SigningKey): BundleSigner {
  const hint = keyHint(key.publicKey);
  return signerOf('key', hint, key, { publicKey: { hint } }, []);
}

/**
 * Signs with a key whose public half a certificate names.
 * @param certificate PEM of the signing certificate. @param chain PEM texts of the certificates between it and the root.
 * @throws {WeighbridgeError} `bad-input` when they do not belong together, or the certificate is not for signing.
 */
export function certificateSigner(key: SigningKey, certificate: string, chain: readonly string[]): BundleSigner {
  const [leaf, ...rest] = certificatesOf(certificate, 'the signing certificate');
  if (!leaf) throw new WeighbridgeError('bad-input', 'The signing certificate is missing.');
  if (publicKeySha256(leaf.publicKey) !== publicKeySha256(key.publicKey)) {
    throw new WeighbridgeError('bad-input', 'The key does not belong to the certificate: name the pair.');
  }
  const fields = readCertificate(leaf.raw);
  if (!signingUsage(fields)) {
    throw new WeighbridgeError(
      'bad-input',
      'The certificate is not for signing: it needs the key usage digitalSignature or the extended usage codeSigning.',
    );
  }
  const facts = certificateFacts(leaf);
  const warnings = facts.expired ? [`The signing certificate expired on ${facts.validTo.slice(0, 10)}.`] : [];
  const all = [leaf, ...rest, ...chain.flatMap((pem) => certificatesOf(pem, 'the certificate chain'))];
  const unique = [...new Map(all.map((each) => [each.fingerprint256, each])).values()];
  const certificates = unique.map(({ raw }: X509Certificate) => ({ rawBytes: raw.toString('base64') }));
  return signerOf('certificate', facts.subject, key, { x509CertificateChain: { certificates } }, warnings);
}

function signerOf(
  method: 'key' | 'certificate',
  signer: string,
  key: SigningKey,
  material: Record<string, unknown>,
  warnings: readonly string[],
): BundleSigner {
  const algorithm = algorithmOf(key.publicKey);
  return {
    method,
    signer,
    warnings: algorithm && !algorithm.portable ? [...warnings, notPortable(algorithm)] : warnings,
    async sign(payload, payloadType) {
      const data = preAuthenticationEncoding(payloadType, payload);
      const signature = await key.sign(data);
      // A device that answers with something else must not leave a signature that nobody can verify.
      if (!signatureHolds(key.publicKey, data, signature)) {
        throw new WeighbridgeError(
          'verification-failed',
          'The key made a signature that does not verify: nothing was written.',
        );
      }
      return bundleOf(material, payloadType, payload, signature);
    },
    ...(key.dispose ? { dispose: () => key.dispose?.() ?? Promise.resolve() } : {}),
  };
}
