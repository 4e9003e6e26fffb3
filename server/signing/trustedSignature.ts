import { X509Certificate } from 'node:crypto';
import { methodNames, type SignatureBundle, type VerificationMaterial } from './bundle.ts';
import { certificateFacts } from './certificateFields.ts';
import { verifyChain } from './certificateChain.ts';
import { certificatesOf } from './certificatePem.ts';
import type { CertificateFacts, CertificatePin, SigningTime, Trust } from './contract.ts';
import { inTotoPayloadType, legacyEncoding, preAuthenticationEncoding } from './envelope.ts';
import { algorithmOf, keyHint, notPortable, readPublicKey, signatureHolds, type KeyAlgorithm } from './keys.ts';
import { Rejection } from './rejection.ts';

/** A signature that holds, and who made it. */
export interface TrustedSignature {
  signer: string;
  issuer: string | null;
  /** By what the signer is trusted. */
  trust: string;
  signedAt: SigningTime | null;
  certificate: CertificateFacts | null;
  /** Signed over the encoding that only version 0.2 used. */
  legacy: boolean;
  warnings: string[];
}

/**
 * Checks a signature against what the caller trusts; with several, the first that holds decides.
 * @throws {Rejection} `untrusted`, `invalid-signature` or `malformed`, by the trust that came closest.
 * @throws {WeighbridgeError} where something that the caller trusts is no key or certificate.
 */
export async function verifySignature(bundle: SignatureBundle, trusts: readonly Trust[]): Promise<TrustedSignature> {
  const { method } = bundle.material;
  const fitting = trusts.filter((trust) => trust.method === method);
  let closest: Rejection | null = null;
  for (const trust of fitting) {
    try {
      return await verifyBy(bundle, trust);
    } catch (error) {
      if (!(error instanceof Rejection)) throw error;
      // That the bytes do not hold under the right key says more than that another key is another key.
      if (closest === null || closest.failure === 'untrusted') closest = error;
    }
  }
  if (closest && fitting.length > 1 && closest.failure === 'untrusted') {
    throw new Rejection(
      'untrusted',
      `None of those who are trusted made the signature: ${claimedSigner(bundle.material) ?? 'the signer'} is not among them.`,
    );
  }
  throw closest ?? wrongMethod(bundle, trusts);
}

/** What a bundle says of its signer, unverified. */
export function claimedSigner(material: VerificationMaterial): string | null {
  if (material.method === 'key') return material.hint;
  const der = material.method === 'sigstore' ? material.certificate : material.certificates[0];
  try {
    const { subject, subjectAlternativeName } = certificateFacts(new X509Certificate(der ?? Buffer.alloc(0)));
    // As `--identity` takes it: without the kind of name.
    return material.method === 'sigstore' ? (subjectAlternativeName?.replace(/^(?:email|URI):/, '') ?? null) : subject;
  } catch {
    return null;
  }
}

function verifyBy(bundle: SignatureBundle, trust: Trust): Promise<TrustedSignature> | TrustedSignature {
  const { material } = bundle;
  if (trust.method === 'key' && material.method === 'key') {
    return withTimeUnproven(bundle, byKey(bundle, material.hint, trust));
  }
  if (trust.method === 'certificate' && material.method === 'certificate') {
    return withTimeUnproven(bundle, byCertificate(bundle, material.certificates, trust));
  }
  if (trust.method === 'sigstore') return byIdentity(bundle, trust);
  throw wrongMethod(bundle, [trust]);
}

/** Nobody is trusted to vouch for the time of such signatures; the Go client writes time stamps into them. */
function withTimeUnproven({ hasTimestamps }: SignatureBundle, signature: TrustedSignature): TrustedSignature {
  if (hasTimestamps) {
    signature.warnings.push('The signature carries a time stamp, which was not verified: it proves no time.');
  }
  return signature;
}

function byKey(bundle: SignatureBundle, hint: string | null, trust: Trust & { method: 'key' }): TrustedSignature {
  const name = trust.name ?? 'the public key';
  const key = readPublicKey(trust.publicKey, name);
  const signer = keyHint(key);
  if (hint !== null && hint !== signer) {
    throw new Rejection(
      'untrusted',
      `Another key than ${name} made the signature: its hint is ${hint}, and that of ${name} ${signer}.`,
    );
  }
  const algorithm = algorithmOf(key);
  const legacy = encodingOf(bundle, algorithm?.digest ?? null, (data, digest) =>
    signatureHolds(key, data, bundle.signature, digest),
  );
  const warnings =
    hint === null ? ['The signature does not say which key made it, as those of old versions do not.'] : [];
  if (algorithm && !algorithm.portable) warnings.push(notPortable(algorithm));
  return { signer, issuer: null, trust: name, signedAt: null, certificate: null, legacy, warnings };
}

function byCertificate(
  bundle: SignatureBundle,
  certificates: readonly Buffer[],
  trust: Trust & { method: 'certificate' },
): TrustedSignature {
  const roots = trust.roots.flatMap((pem) => certificatesOf(pem, trust.name ?? 'the trusted certificates'));
  const { leaf, root } = verifyChain(certificates, roots, trust.at === 'now' ? Date.now() : undefined);
  const algorithm = algorithmOfCertificate(leaf);
  const facts = certificateFacts(leaf);
  checkPin(facts, trust.pin ?? {});
  // Version 0.2 took SHA-256 with certificates, whatever the curve.
  const legacy = encodingOf(
    bundle,
    algorithm.digest,
    (data, digest) => signatureHolds(leaf.publicKey, data, bundle.signature, digest),
    'sha256',
  );
  const warnings = timeWarnings(facts);
  if (!algorithm.portable) warnings.push(notPortable(algorithm));
  const { subject, sha256 } = certificateFacts(root);
  return {
    signer: facts.subject,
    issuer: facts.issuer,
    trust: `the certificate ${subject} (SHA-256 ${sha256})${trust.name === undefined ? '' : ` of ${trust.name}`}`,
    signedAt: null,
    certificate: facts,
    legacy,
    warnings,
  };
}

/** What is odd today about a certificate that was judged as of the day its validity began. */
function timeWarnings({ validFrom, validTo, expired }: CertificateFacts): string[] {
  const judged = 'it was judged as of the day its validity began';
  if (expired) return [`The signing certificate expired on ${validTo.slice(0, 10)}; ${judged}.`];
  if (Date.parse(validFrom) <= Date.now()) return [];
  return [`The signing certificate is not valid before ${validFrom.slice(0, 10)}; ${judged}.`];
}

/** Node reads certificates whose keys it cannot. @throws {Rejection} `untrusted`. */
function algorithmOfCertificate(certificate: X509Certificate): KeyAlgorithm {
  let algorithm: KeyAlgorithm | null = null;
  try {
    algorithm = algorithmOf(certificate.publicKey);
  } catch {
    // Of a kind that OpenSSL does not know.
  }
  if (algorithm) return algorithm;
  throw new Rejection('untrusted', 'The key of the certificate that signed is of a kind that signs no models.');
}

async function byIdentity(bundle: SignatureBundle, trust: Trust & { method: 'sigstore' }): Promise<TrustedSignature> {
  const { verifyKeyless } = await import('./keyless/verify.ts');
  const { identity, issuer, signedAt, certificate, trustRoot, warnings } = await verifyKeyless(bundle.json, trust);
  return { signer: identity, issuer, trust: trustRoot, signedAt, certificate, legacy: false, warnings };
}

/**
 * Which of the two encodings the signature is over.
 * @returns whether it is that of version 0.2. @throws {Rejection} `invalid-signature` when it is neither.
 */
function encodingOf(
  { payload, payloadType }: SignatureBundle,
  digest: KeyAlgorithm['digest'],
  holds: (data: Buffer, digest: KeyAlgorithm['digest']) => boolean,
  legacyDigest = digest,
): boolean {
  if (holds(preAuthenticationEncoding(payloadType, payload), digest)) return false;
  if (payloadType === inTotoPayloadType && holds(legacyEncoding(payloadType, payload), legacyDigest)) return true;
  throw new Rejection(
    'invalid-signature',
    'The signature does not hold: what was signed has been changed since, or another key signed it.',
  );
}

function checkPin(facts: CertificateFacts, pin: CertificatePin): void {
  const names = alternativeNames(facts.subjectAlternativeName);
  const wrong =
    pin.subject !== undefined && pin.subject !== facts.subject
      ? `subject is ${facts.subject}, not ${pin.subject}`
      : pin.subjectAlternativeName !== undefined && !names.includes(pin.subjectAlternativeName)
        ? `alternative names (${names.join(', ') || 'none'}) do not hold ${pin.subjectAlternativeName}`
        : pin.publicKeySha256 !== undefined && pin.publicKeySha256.toLowerCase() !== facts.publicKeySha256
          ? `public key (SHA-256 ${facts.publicKeySha256}) is another`
          : null;
  if (wrong !== null)
    throw new Rejection('untrusted', `The certificate that signed is not the one that is trusted: its ${wrong}.`);
}

/** Node prints them separated by commas, and quotes a name that holds one: such a name matches nothing here. */
function alternativeNames(printed: string | null): string[] {
  return printed === null || printed.includes('"') ? [] : printed.split(', ');
}

function wrongMethod({ material }: SignatureBundle, trusts: readonly Trust[]): Rejection {
  const wanted = [...new Set(trusts.map(({ method }) => methodNames[method]))].join(' or ');
  return new Rejection(
    'untrusted',
    `The model is signed with ${methodNames[material.method]}, and ${wanted || 'nobody'} is what is trusted.`,
  );
}
