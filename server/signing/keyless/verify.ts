import { X509Certificate } from 'node:crypto';
import '../explicitDigest.ts';
import { bundleFromJSON, BUNDLE_V03_MEDIA_TYPE, type Bundle } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier, type SignedEntity } from '@sigstore/verify';
import { WeighbridgeError } from '../../errors.ts';
import { certificateFacts, readCertificate } from '../certificateFields.ts';
import type { CertificateFacts, KeylessTrust, KeylessVerification, SigningTime } from '../contract.ts';
import { Rejection } from '../rejection.ts';
import { signerOf } from './signerIdentity.ts';
import { chooseTrustRoot, type TrustRoot } from './trustRoot.ts';

/** The library compares each with each: a file with a hundred thousand would take hours. */
const mostWitnesses = 16;

/** Extended key usage, RFC 5280 section 4.2.1.12. */
const codeSigning = '1.3.6.1.5.5.7.3.3';

/**
 * Verifies a bundle of the keyless method, without the network: the certificate comes from an authority of the trusted root
 * and stands in its log; a trusted log or timestamp authority says that the signature was made while the certificate was
 * valid; the log holds an entry for this very signature; and the certificate names exactly whom we trust.
 * What was signed is the caller's to read: nothing here looks at the payload.
 * @param json the bundle as parsed JSON.
 * @throws {Rejection} what does not hold; {WeighbridgeError} `bad-input`, `refused`: the trusted root.
 */
export async function verifyKeyless(json: unknown, trust: KeylessTrust): Promise<KeylessVerification> {
  if (trust.identity === '' || trust.issuer === '') {
    throw new WeighbridgeError(
      'bad-usage',
      'A keyless signature is verified against an identity and its issuer: give both.',
    );
  }
  const root = await chooseTrustRoot(trust);
  const bundle = readBundle(json);
  const { identity, issuer, signedAt, certificate } = verifyBundle(bundle, root);
  // Compared here and not by the library, for which an identity is a pattern that may match anywhere in the name.
  if (identity !== trust.identity || issuer !== trust.issuer) {
    throw new Rejection(
      'untrusted',
      `Signed by ${shown(identity)} (${shown(issuer)}) and not by ${shown(trust.identity)} (${shown(trust.issuer)}).`,
    );
  }
  return {
    identity,
    issuer,
    signedAt,
    certificate,
    trustRoot: root.description,
    warnings: root.warnings,
  };
}

function readBundle(json: unknown): Bundle {
  let bundle: Bundle;
  try {
    bundle = bundleFromJSON(json);
  } catch (error) {
    throw new Rejection('malformed', `The signature file is no Sigstore bundle: ${(error as Error).message}.`);
  }
  const { content, verificationMaterial } = bundle;
  const refuse = (why: string): never => {
    throw new Rejection('malformed', `The signature file ${why}.`);
  };
  if (bundle.mediaType !== BUNDLE_V03_MEDIA_TYPE) refuse(`is not a Sigstore bundle of version 0.3`);
  if (content.$case !== 'dsseEnvelope') refuse('holds no envelope');
  else if (content.dsseEnvelope.signatures.length !== 1) refuse('must hold exactly one signature');
  if (verificationMaterial.content.$case !== 'certificate') refuse('holds no keyless certificate');
  const { tlogEntries, timestampVerificationData } = verificationMaterial;
  const timestamps = timestampVerificationData?.rfc3161Timestamps.length ?? 0;
  if (Math.max(tlogEntries.length, timestamps) > mostWitnesses)
    refuse('holds more log entries or timestamps than any signer asks for');
  return bundle;
}

function leafOf({ verificationMaterial: { content } }: Bundle): Uint8Array {
  if (content.$case !== 'certificate') throw new Error('unreachable: readBundle wants a certificate');
  return content.certificate.rawBytes;
}

const wrongSignature = 'The signature does not hold';

interface VerifiedBundle {
  identity: string | null;
  issuer: string | null;
  signedAt: SigningTime | null;
  certificate: CertificateFacts;
}

function verifyBundle(bundle: Bundle, { root, description, isPublic }: TrustRoot): VerifiedBundle {
  if (bundle.verificationMaterial.tlogEntries.length === 0) {
    throw new Rejection(
      'invalid-signature',
      'The signature stands in no transparency log: without an entry nobody can notice what was signed with a stolen identity, so it does not count.',
    );
  }
  try {
    // The library's thresholds stay: one certificate log, one transparency log, one time. Below that it skips the chain.
    const verifier = new Verifier(toTrustMaterial(root));
    const entity = toSignedEntity(bundle);
    const signer = signerOf(verifier.verify(entity));
    const certificate = new X509Certificate(leafOf(bundle));
    if (!readCertificate(certificate.raw).extendedKeyUsage?.includes(codeSigning)) {
      throw new Rejection(
        'untrusted',
        'The signing certificate is not for signing: it lacks the extended usage codeSigning.',
      );
    }
    return { ...signer, signedAt: signingTime(entity), certificate: certificateFacts(certificate) };
  } catch (error) {
    if (error instanceof Rejection) throw error;
    const { code = '', message } = error as Error & { code?: string };
    const advice = isPublic
      ? ' If it was made on a private Sigstore instance, give the trusted root of that one; if on the public one, refresh yours.'
      : '';
    // Whatever the library meets in hostile material is a signature that does not hold.
    if (code === 'CERTIFICATE_ERROR') {
      throw new Rejection('untrusted', `The signing certificate does not hold by ${description}: ${message}.${advice}`);
    }
    const what = code.startsWith('TLOG')
      ? 'The entry of the transparency log does not hold'
      : code.startsWith('TIMESTAMP')
        ? 'The time of signing does not hold'
        : wrongSignature;
    throw new Rejection(
      'invalid-signature',
      `${what} by ${description}: ${message}.${what === wrongSignature ? '' : advice}`,
    );
  }
}

/** Both sources were verified before; an authority's word is more precise than the log's. */
function signingTime({ timestamps }: SignedEntity): SigningTime | null {
  for (const timestamp of timestamps) {
    if (timestamp.$case === 'timestamp-authority') {
      return { time: timestamp.timestamp.signingTime.toISOString(), source: 'timestamp-authority' };
    }
  }
  for (const timestamp of timestamps) {
    // Without the log's promise its time is nobody's word.
    if (timestamp.$case === 'transparency-log' && timestamp.tlogEntry.inclusionPromise !== undefined) {
      const time = new Date(Number(timestamp.tlogEntry.integratedTime) * 1000);
      return { time: time.toISOString(), source: 'transparency-log' };
    }
  }
  return null;
}

function shown(text: string | null): string {
  return text === null ? 'nobody' : text.replace(/\p{Cc}/gu, '?');
}
