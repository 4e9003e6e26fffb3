import type { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { CertificateFacts } from './contract.ts';
import { childrenOf, derTime, objectIdentifier, readDer, type DerElement } from './der.ts';
import { publicKeySha256 } from './keys.ts';

/** What `X509Certificate` of Node does not give. Source: RFC 5280. */
export interface CertificateFields {
  /** Names as DER: comparing their printed forms would take different names for equal. */
  issuer: Buffer;
  subject: Buffer;
  /** Milliseconds since 1970. */
  notBefore: number;
  notAfter: number;
  /** Of the signature on the certificate. */
  signatureAlgorithm: string;
  isAuthority: boolean;
  /** Authorities that may follow below this one; null for any number. */
  pathLength: number | null;
  /** Null where the certificate says nothing. */
  keyUsage: { digitalSignature: boolean; certificateSign: boolean } | null;
  extendedKeyUsage: string[] | null;
  /** Critical extensions that are not looked at here; a certificate with one must not be relied on. */
  unknownCritical: string[];
}

const oid = {
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  certificatePolicies: '2.5.29.32',
} as const;

const codeSigning = '1.3.6.1.5.5.7.3.3';

/** @param der of the certificate. @throws {RangeError} when it is no certificate. */
export function readCertificate(der: Buffer): CertificateFields {
  const [body] = childrenOf(readDer(der));
  if (!body) throw new RangeError('an empty certificate');
  // An explicit version stands first in every certificate but those of version 1.
  const fields = childrenOf(body);
  const [, algorithm, issuer, validity, subject] = fields[0]?.tag === 0xa0 ? fields.slice(1) : fields;
  if (!algorithm || !issuer || !validity || !subject) throw new RangeError('a certificate without its fields');
  const [notBefore, notAfter] = childrenOf(validity);
  const [algorithmId] = childrenOf(algorithm);
  if (!notBefore || !notAfter || !algorithmId) throw new RangeError('a certificate without its fields');
  const extensions = extensionsOf(fields);
  return {
    issuer: issuer.whole,
    subject: subject.whole,
    notBefore: derTime(notBefore),
    notAfter: derTime(notAfter),
    signatureAlgorithm: objectIdentifier(algorithmId),
    ...authority(extensions.get(oid.basicConstraints)?.value),
    keyUsage: usageOf(extensions.get(oid.keyUsage)?.value),
    extendedKeyUsage: extendedUsageOf(extensions.get(oid.extendedKeyUsage)?.value),
    unknownCritical: [...extensions]
      .filter(([id, { critical }]) => critical && !(Object.values(oid) as string[]).includes(id))
      .map(([id]) => id),
  };
}

/** Whether the certificate may sign models: either usage is enough, as in the reference. */
export function signingUsage({ keyUsage, extendedKeyUsage }: CertificateFields): boolean {
  return keyUsage?.digitalSignature === true || extendedKeyUsage?.includes(codeSigning) === true;
}

/** What a person and a policy are told of a certificate. @param now milliseconds since 1970. */
export function certificateFacts(certificate: X509Certificate, now = Date.now()): CertificateFacts {
  const { notBefore, notAfter } = readCertificate(certificate.raw);
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    subjectAlternativeName: certificate.subjectAltName ?? null,
    serialNumber: certificate.serialNumber.toLowerCase(),
    validFrom: new Date(notBefore).toISOString(),
    validTo: new Date(notAfter).toISOString(),
    expired: notAfter < now,
    sha256: createHash('sha256').update(certificate.raw).digest('hex'),
    publicKeySha256: publicKeySha256(certificate.publicKey),
  };
}

/** Node prints one attribute a line, with the line feeds of the values escaped. */
export function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}

interface Extension {
  critical: boolean;
  /** What is inside the octet string: DER, but for the extensions that Fulcio once wrote as bare text. */
  value: Buffer;
}

function extensionsOf(fields: DerElement[]): Map<string, Extension> {
  const found = new Map<string, Extension>();
  const list = fields.find(({ tag }) => tag === 0xa3);
  if (!list) return found;
  for (const extension of childrenOf(readDer(list.content))) {
    const parts = childrenOf(extension);
    const [id] = parts;
    const value = parts.at(-1);
    if (!id || !value || parts.length < 2) throw new RangeError('an extension without its value');
    const name = objectIdentifier(id);
    // RFC 5280, section 4.2. Two of a kind would let two readers see two certificates.
    if (found.has(name)) throw new RangeError('an extension that stands twice');
    found.set(name, { critical: parts.length > 2 && parts[1]?.content[0] === 0xff, value: value.content });
  }
  return found;
}

function authority(value: Buffer | undefined): Pick<CertificateFields, 'isAuthority' | 'pathLength'> {
  const parts = value ? childrenOf(readDer(value)) : [];
  const isAuthority = parts[0]?.tag === 0x01 && parts[0].content[0] === 0xff;
  const length = parts.find(({ tag }) => tag === 0x02)?.content;
  return { isAuthority, pathLength: length ? length.readUIntBE(0, Math.min(length.length, 6)) : null };
}

/** A bit string: the first octet counts unused bits, and bit 0 is the highest of the second. RFC 5280, section 4.2.1.3. */
function usageOf(value: Buffer | undefined): CertificateFields['keyUsage'] {
  if (!value) return null;
  const bits = readDer(value).content[1] ?? 0;
  return { digitalSignature: (bits & 0x80) !== 0, certificateSign: (bits & 0x04) !== 0 };
}

function extendedUsageOf(value: Buffer | undefined): string[] | null {
  return value ? childrenOf(readDer(value)).map(objectIdentifier) : null;
}
